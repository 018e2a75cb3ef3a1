// How deep a page or a remote peer may nest its values. Browsers clone values for ports and convert them to JSON
// recursively, so a few kilobytes of brackets exhaust the stack: the call throws a RangeError, or the other end cannot
// read the value.

/**
 * Levels of arrays and objects, the outermost included. Measured between real contexts: Chromium 156 carries 3600 arrays or
 * 2400 objects over a MessagePort, 2000 of either over a runtime port, and still 2100 with 5000 function calls on the
 * stack. Firefox 153 carries more than 60 000 over a MessagePort and converts 4000 to JSON. We allow a quarter of the
 * lowest, because builds and machines differ.
 */
export const MAX_NESTING = 500;

/** Two levels more: PeerServer's message and its payload surround an OFFER's metadata. */
export const MAX_SIGNALLED_NESTING = MAX_NESTING + 2;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether JSON text nests arrays and objects deeper than `limit`. Scans the text without parsing it. The result for
 * invalid JSON is arbitrary: the parser will refuse that text anyway.
 */
export function isNestedTooDeep(json: string, limit: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (isInString) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) {
      isInString = true;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > limit) return true;
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
  return false;
}
