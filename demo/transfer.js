// Sends files over a PeerJS DataConnection in pieces, at the network's rate, and checks them by SHA-256 at both ends. The connection
// has to be `reliable`, so that pieces arrive in order.
import { sha256 } from './format.js';

/** Small enough for a smooth progress bar, and large enough that the overhead per message does not matter. */
const PIECE_BYTES = 256 * 1024;
/** The sender waits above this much unsent data. It keeps a fast network busy while the next piece is read. */
const HIGH_WATER_BYTES = 2 * 1024 * 1024;
const LOW_WATER_BYTES = 512 * 1024;
/** A limit, because the receiver needs the whole file in memory to hash it. */
export const MAX_FILE_BYTES = 1_000_000_000;

/**
 * Sends `file`; resolves with its SHA-256 when the last piece has been handed to the connection. Rejects if the connection is lost.
 * Calls `onProgress` with the bytes handed over so far.
 */
export async function sendFile(conn, id, file, onProgress) {
  const lost = new AbortController();
  const onClose = () => lost.abort(new Error('The connection was lost.'));
  conn.on('close', onClose);
  try {
    // Hashes in parallel, so that the hash is ready when the last piece has been sent.
    const hash = sha256(file);
    await conn.send({ kind: 'file', id, name: file.name, size: file.size, type: file.type });
    for (let offset = 0; offset < file.size; offset += PIECE_BYTES) {
      const bytes = await file.slice(offset, offset + PIECE_BYTES).arrayBuffer();
      await drained(conn.dataChannel, lost.signal);
      lost.signal.throwIfAborted();
      // Peerport returns a promise that settles when the host has the piece; PeerJS returns undefined.
      await conn.send({ kind: 'piece', id, bytes });
      onProgress(offset + bytes.byteLength);
    }
    await conn.send({ kind: 'end', id, sha256: await hash });
    return await hash;
  } finally {
    conn.off('close', onClose);
  }
}

/** Resolves once the channel has room for another piece. */
function drained(channel, signal) {
  if (signal.aborted || channel.bufferedAmount < HIGH_WATER_BYTES) return undefined;
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  return new Promise((resolve, reject) => {
    channel.addEventListener('bufferedamountlow', resolve, { once: true, signal });
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** A file that is being received. */
export class IncomingFile {
  #pieces = [];
  #type;

  constructor({ name, size, type }) {
    if (!Number.isSafeInteger(size) || size < 0 || size > MAX_FILE_BYTES) throw new Error('The file is too large.');
    this.name = String(name);
    this.size = size;
    this.received = 0;
    this.#type = String(type);
  }

  add(bytes) {
    this.received += bytes.byteLength;
    if (this.received > this.size) throw new Error('More arrived than was announced.');
    this.#pieces.push(bytes);
  }

  /** The complete file and the SHA-256 of the bytes received. */
  async finish() {
    const blob = new Blob(this.#pieces, { type: this.#type });
    this.#pieces = [];
    return { blob, sha256: await sha256(blob) };
  }
}
