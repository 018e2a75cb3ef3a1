// Statistics of samples.

/** @param {number[]} samples @returns {number} NaN if there are none */
export function median(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return NaN;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @param {number[]} samples
 * @returns {{ median: number, min: number, max: number, count: number }}
 */
export function summarise(samples) {
  return { median: median(samples), min: Math.min(...samples), max: Math.max(...samples), count: samples.length };
}
