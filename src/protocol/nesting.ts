// How deep a page or a remote peer may nest its values. A browser clones a value for a port, and makes
// JSON of it, by a function that calls itself, so a few kilobytes of brackets use up the stack: the call throws a RangeError,
// or the other end cannot read what it gets.

/**
 * Arrays and objects inside one another, the outermost included. Measured between real contexts: Chromium 156 carries 3600
 * arrays or 2400 objects over a MessagePort and 2000 of either over a runtime port, from where 5000 function calls are on the
 * stack still 2100. Firefox 153 carries more than 60 000 over a MessagePort, and makes JSON of 4000. A quarter of the least,
 * because builds and machines differ.
 */
export const MAX_NESTING = 500;

/** What a message of PeerServer has around the metadata of an OFFER: itself and its payload. */
export const MAX_SIGNALLED_NESTING = MAX_NESTING + 2;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether JSON text nests arrays and objects deeper than `limit`. Reads the text alone, so that nothing is made of what is too
 * deep. Text that is no JSON gets some answer: its parser refuses it all the same.
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
