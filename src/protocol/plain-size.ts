// Estimates the size of a value from a port, so that the receiver can refuse it before working on it.

/** Cost of a value (array entry, number, object) in addition to its characters or bytes. */
const VALUE_COST = 8;

/**
 * The approximate number of characters and bytes in `value`: plain data as in JSON, plus ArrayBuffers and their views.
 * Stops counting beyond `limit`, so an array of four billion holes or a cyclic value does not take long. Infinity for
 * anything else, such as a Map or a Blob.
 */
export function sizeOfPlain(value: unknown, limit: number): number {
  const queue: unknown[] = [value];
  let size = 0;
  while (queue.length > 0 && size <= limit) {
    const item = queue.pop();
    size += VALUE_COST;
    if (typeof item === 'string') {
      size += item.length;
    } else if (Array.isArray(item)) {
      size += item.length;
      // The check comes before the walk: a sender can announce a huge array for free.
      if (size <= limit) for (const entry of item) queue.push(entry);
    } else if (item instanceof ArrayBuffer || ArrayBuffer.isView(item)) {
      size += item.byteLength;
    } else if (typeof item === 'object' && item !== null) {
      if (Object.prototype.toString.call(item) !== '[object Object]') return Infinity;
      for (const [key, member] of Object.entries(item)) {
        size += key.length;
        queue.push(member);
      }
    }
  }
  return size;
}
