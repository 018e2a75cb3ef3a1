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

/** What Chromium runs in a process. */
export type ProcessKind = 'browser' | 'extension' | 'page' | 'gpu' | 'network' | 'audio' | 'other';

/** By the process's command line, which tells more than DevTools do. A process that has ended is of no kind. */
export function processKind(processId: number): ProcessKind | undefined {
  const path = `/proc/${processId}/cmdline`;
  if (!existsSync(path)) return undefined;
  const line = readFileSync(path, 'utf8');
  const type = /--type=([\w-]+)/.exec(line)?.[1];
  if (type === undefined) return 'browser';
  if (type === 'renderer') return line.includes('--extension-process') ? 'extension' : 'page';
  if (type === 'gpu-process') return 'gpu';
  return (/--utility-sub-type=(network|audio)\./.exec(line)?.[1] as 'network' | 'audio' | undefined) ?? 'other';
}
