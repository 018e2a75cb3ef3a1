/** Waits until all promises that need no timer have settled. Works with fake timers. */
const { setImmediate: nextTurn } = globalThis;

export async function settled(): Promise<void> {
  await new Promise((resolve) => nextTurn(resolve));
}
