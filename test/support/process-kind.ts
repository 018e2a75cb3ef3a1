// Tells which of Chromium's processes does what, by the command line of each.
import { existsSync, readFileSync } from 'node:fs';

/** The role of a Chromium process. */
export type ProcessKind = 'browser' | 'extension' | 'page' | 'gpu' | 'network' | 'audio' | 'other';

/** The switch of a service that Chromium starts by itself some time after its own start, whatever pages it shows. */
const UNRELATED = '--utility-sub-type=on_device_model.';

/** Read from the command line, which is more specific than DevTools. Undefined for an ended or unrelated process. */
export function processKind(processId: number): ProcessKind | undefined {
  const path = `/proc/${processId}/cmdline`;
  if (!existsSync(path)) return undefined;
  const line = readFileSync(path, 'utf8');
  if (line.includes(UNRELATED)) return undefined;
  const type = /--type=([\w-]+)/.exec(line)?.[1];
  if (type === undefined) return 'browser';
  if (type === 'renderer') return line.includes('--extension-process') ? 'extension' : 'page';
  if (type === 'gpu-process') return 'gpu';
  return (/--utility-sub-type=(network|audio)\./.exec(line)?.[1] as 'network' | 'audio' | undefined) ?? 'other';
}
