// One clock for pages of different browsers on one machine: the machine's own, finer than Date.now() tells it.

const ALIGNING_MS = 5;

/**
 * What to add to `performance.now()` for the time of the machine's clock. Date.now() leaves out the fraction of a
 * millisecond, so the two are farthest apart just after it has ticked.
 * @returns {number} milliseconds
 */
export function clockOffset() {
  const until = performance.now() + ALIGNING_MS;
  let offset = -Infinity;
  while (performance.now() < until) offset = Math.max(offset, Date.now() - performance.now());
  return offset;
}
