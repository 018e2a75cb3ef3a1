// A common clock for pages of different browsers on one machine: the machine's own, more precise than Date.now().

const ALIGNING_MS = 5;

/**
 * The offset from `performance.now()` to the machine's clock. Date.now() rounds down to milliseconds, so the difference is largest,
 * and right, just after a tick.
 * @returns {number} milliseconds
 */
export function clockOffset() {
  const until = performance.now() + ALIGNING_MS;
  let offset = -Infinity;
  while (performance.now() < until) offset = Math.max(offset, Date.now() - performance.now());
  return offset;
}
