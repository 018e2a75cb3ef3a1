/** All promises that can settle by themselves have settled. Works beside fake timers. */
const { setImmediate: nextTurn } = globalThis;

export async function settled(): Promise<void> {
  await new Promise((resolve) => nextTurn(resolve));
}
