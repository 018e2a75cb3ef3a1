// What the log may keep of an error: its name, and the places in our own files that its stack names. Never its message,
// which may quote a page, a server or an address.
import { allowed, MAX_FRAMES, type Fields } from './vocabulary';

/** Drops origins, because Firefox's is unique to this browser, and functions, whose names a page may choose. */
const OWN_FILE = /(?:chrome|moz)-extension:\/\/[^/\s]+\/([\w./-]+:\d+:\d+)/g;

export function errorFacts(error: unknown): Pick<Fields, 'error' | 'stack'> {
  if (!(error instanceof Error)) return { error: 'other' };
  const { name, stack = '' } = error;
  const frames = Array.from(stack.matchAll(OWN_FILE), ([, place = '']) => place).slice(0, MAX_FRAMES);
  const isUsable = allowed('stack', frames) !== undefined;
  return { error: allowed('error', name) as Fields['error'] & string, ...(isUsable && { stack: frames }) };
}
