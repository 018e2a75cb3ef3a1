// Makes and verifies messages. They are numbered, so that the receiver can check that each arrives once, complete and in order.

/**
 * @typedef {{ kind: 'bytes', count: number, byteLength: number } | { kind: 'json', count: number }} Load
 */

/**
 * Returns a function that makes the n-th message of `load`.
 * @param {Load} load
 * @returns {(n: number) => unknown}
 */
export function messagesOf(load) {
  if (load.kind === 'json') return (seq) => ({ type: 'move', x: 1, y: 2, seq });
  // All messages share one buffer. `send()` has to copy it before it returns; otherwise the receiver's check fails.
  const bytes = new Uint8Array(load.byteLength).fill(7);
  const view = new DataView(bytes.buffer);
  return (n) => {
    view.setUint32(0, n);
    return bytes;
  };
}

/**
 * Throws unless `data` is message `n` of `load`.
 * @param {Load} load
 * @param {any} data
 * @param {number} n
 */
export function verify(load, data, n) {
  const seq = load.kind === 'json' ? data.seq : firstWord(data);
  if (seq !== n) throw new Error(`message ${seq} in place of ${n}`);
  if (load.kind === 'bytes' && data.byteLength !== load.byteLength) {
    throw new Error(`message ${n} has ${data.byteLength} bytes instead of ${load.byteLength}`);
  }
}

/** PeerJS delivers bytes that came in chunks as a Uint8Array. @param {ArrayBuffer | Uint8Array<ArrayBuffer>} data */
function firstWord(data) {
  const view = data instanceof ArrayBuffer ? new DataView(data) : new DataView(data.buffer, data.byteOffset);
  return view.getUint32(0);
}
