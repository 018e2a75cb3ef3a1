// Measures the memory of whole processes instead of the JavaScript heap, and so includes buffers, the queues of data
// channels and the reserves of allocators. Only Linux provides these sums per process.
import { existsSync, readFileSync } from 'node:fs';

export const canMeasureMemory = existsSync('/proc/self/smaps_rollup');

/**
 * Bytes of anonymous memory, swapped memory and the process's share of shared memory. Excludes program code, which is
 * the browser's own. 0 for a process that has ended.
 * @param {number} processId
 */
export function memoryOf(processId) {
  const path = `/proc/${processId}/smaps_rollup`;
  if (!existsSync(path)) return 0;
  const text = readFileSync(path, 'utf8');
  const kibibytes = ['Pss_Anon', 'Pss_Shmem', 'SwapPss'].map((name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0),
  );
  return 1024 * kibibytes.reduce((a, b) => a + b, 0);
}
