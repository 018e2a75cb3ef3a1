// Waits for a condition by events, and no longer than it may take.

/** True once `holds`; false after `limitMs`. `onChange` calls back at the next change. */
export async function soon(
  holds: () => boolean,
  onChange: (wake: () => void) => void,
  limitMs: number,
): Promise<boolean> {
  let isLate = false;
  let wakeUp: () => void = () => undefined;
  const timer = setTimeout(() => {
    isLate = true;
    wakeUp();
  }, limitMs);
  while (!holds() && !isLate) {
    await new Promise<void>((resolve) => {
      wakeUp = resolve;
      onChange(resolve);
    });
  }
  clearTimeout(timer);
  return holds();
}
