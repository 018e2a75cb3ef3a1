// Measures the memory of whole processes instead of the JavaScript heap, and so includes buffers, the queues of data
// channels and the reserves of allocators. Only Linux provides these sums per process.
import { existsSync, readFileSync } from 'node:fs';

export const canMeasureMemory = existsSync('/proc/self/smaps_rollup');

/**
 * Bytes of anonymous memory, swapped memory and the process's share of shared memory. Excludes program code, which is
 * the browser's own. 0 for a process that has ended.
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

/** The role of a Chromium process. */
export type ProcessKind = 'browser' | 'extension' | 'page' | 'gpu' | 'network' | 'audio' | 'other';

/** Read from the command line, which is more specific than DevTools. Undefined for a process that has ended. */
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
