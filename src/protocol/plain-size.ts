// How large a value is that came over a port, before anything is done with it.

/** What a value costs beside its characters or bytes: an entry of an array, a number, an object of its own. */
const VALUE_COST = 8;

/**
 * About how many characters and bytes of data there are in `value`, which is plain data as JSON has them, with ArrayBuffers
 * and their views. Stops counting beyond `limit`, so that neither an array of four thousand million holes nor a value that
 * holds itself takes long. Infinity where it finds anything else: a Map, a Blob.
 */
export function sizeOfPlain(value: unknown, limit: number): number {
  const waiting: unknown[] = [value];
  let size = 0;
  while (waiting.length > 0 && size <= limit) {
    const item = waiting.pop();
    size += VALUE_COST;
    if (typeof item === 'string') {
      size += item.length;
    } else if (Array.isArray(item)) {
      size += item.length;
      // Not before: a list costs nothing to announce.
      if (size <= limit) for (const entry of item) waiting.push(entry);
    } else if (item instanceof ArrayBuffer || ArrayBuffer.isView(item)) {
      size += item.byteLength;
    } else if (typeof item === 'object' && item !== null) {
      if (Object.prototype.toString.call(item) !== '[object Object]') return Infinity;
      for (const [key, member] of Object.entries(item)) {
        size += key.length;
        waiting.push(member);
      }
    }
  }
  return size;
}
