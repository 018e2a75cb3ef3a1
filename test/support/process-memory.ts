// What processes hold of the machine's memory, not of the JavaScript heap: buffers, the queues of data channels and what
// allocators keep for later are all in it. Linux alone sums that up for each process.
import { existsSync, readFileSync } from 'node:fs';

export const canMeasureMemory = existsSync('/proc/self/smaps_rollup');

/**
 * Anonymous memory, memory shared with other processes (each counted with its part of it), and what is swapped out, bytes.
 * Program code is left out: it is the browser's. A process that has ended holds nothing.
 */
export function memoryOf(processId: number): number {
  const path = `/proc/${processId}/smaps_rollup`;
  if (!existsSync(path)) return 0;
  const text = readFileSync(path, 'utf8');
  const kibibytes = ['Pss_Anon', 'Pss_Shmem', 'SwapPss'].map((name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0),
  );
  return 1024 * kibibytes.reduce((a, b) => a + b, 0);
}

/** Whether Chromium runs extensions in this process. */
export function isExtensionProcess(processId: number): boolean {
  const path = `/proc/${processId}/cmdline`;
  return existsSync(path) && readFileSync(path, 'utf8').includes('--extension-process');
}
