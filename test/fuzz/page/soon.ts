// Waits for a condition by events, and no longer than it may take.

/** True once `holds`; false after `limitMs`. `onChange` calls back at the next change. */
export async function soon(
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
