// Waits for a condition that events may change, up to a time limit.

/**
 * Resolves with true once `holds()`, or with false if it does not hold after `limitMs`. `onChange` must call `wake` at
 * the next change.
 */
export async function waitUntil(
  holds: () => boolean,
  onChange: (wake: () => void) => void,
  limitMs: number,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), limitMs);
  });
  while (!holds()) {
    const changed = new Promise<void>((resolve) => onChange(resolve));
    if (await Promise.race([late, changed])) break;
  }
  clearTimeout(timer);
  return holds();
}
