// Joins PeerJS's chunks into messages, within bounds. An announced length reserves no memory, unfinished messages hold
// at most MAX_HELD_BYTES per connection, and chunks that contradict each other throw a ChunkViolation.
import { rawDataOffset } from '../../codec/unpacker';

/**
 * Bytes of unfinished messages per connection, and so the largest message. More than any page we know sends in one
 * message, and a quarter of what a renderer can hold.
 */
export const MAX_HELD_BYTES = 512 * 1024 * 1024;
/** Estimated memory of a piece besides its bytes: the buffer object and the map entry. */
const PIECE_COST = 128;
/** Unfinished messages at once. An honest peer has at most one per packet out of order: a few hundred. */
const MAX_UNFINISHED = 1024;

/** The remote peer broke PeerJS's framing. */
export class ChunkViolation extends Error {
  override name = 'ChunkViolation';
}

export interface Chunk {
  __peerData: number;
  n: number;
  total: number;
  data: ArrayBuffer | Uint8Array<ArrayBuffer>;
}

/** A message with all its pieces. */
export interface WholeMessage {
  bytes: Uint8Array<ArrayBuffer>;
  /** True if the message was nothing but raw data: `bytes` are then that data, without their header. */
  isRaw: boolean;
}

interface Unfinished {
  total: number;
  pieces: Map<number, Chunk['data']>;
  byteLength: number;
}

/** True for a chunk of PeerJS's chunker. False for a page's own object that merely has such a key. */
export function isChunk(value: unknown): value is Chunk {
  if (typeof value !== 'object' || value === null) return false;
  const { __peerData, n, total, data } = value as Partial<Record<keyof Chunk, unknown>>;
  return typeof __peerData === 'number' && typeof n === 'number' && typeof total === 'number' && isBinary(data);
}

export class ChunkAssembler {
  readonly #unfinished = new Map<number, Unfinished>();
  #queuedBytes = 0;

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Returns the whole message if `chunk` was its last missing piece. Throws ChunkViolation. */
  add(chunk: Chunk): WholeMessage | undefined {
    const { __peerData: id, n, total, data } = chunk;
    if (!Number.isSafeInteger(total) || total < 1 || !Number.isSafeInteger(n) || n < 0 || n >= total) {
      throw new ChunkViolation(`piece ${n} of ${total}`);
    }
    if (data.byteLength === 0) throw new ChunkViolation('a piece without bytes');
    const message = this.#unfinished.get(id) ?? this.#begin(id, total, data.byteLength);
    if (message.total !== total) throw new ChunkViolation(`message ${id} has ${message.total} pieces, now ${total}`);
    if (message.pieces.has(n)) throw new ChunkViolation(`piece ${n} of message ${id} came twice`);
    message.pieces.set(n, data);
    message.byteLength += data.byteLength;
    this.#queuedBytes += data.byteLength + PIECE_COST;
    if (this.#queuedBytes > MAX_HELD_BYTES) throw new ChunkViolation(`more than ${MAX_HELD_BYTES} bytes unfinished`);
    if (message.pieces.size < total) return undefined;
    this.#unfinished.delete(id);
    this.#queuedBytes -= message.byteLength + total * PIECE_COST;
    return join(message);
  }

  #begin(id: number, total: number, pieceLength: number): Unfinished {
    if (this.#unfinished.size >= MAX_UNFINISHED) throw new ChunkViolation(`${MAX_UNFINISHED} messages unfinished`);
    // All pieces but the last have the same size, so the first to arrive tells the message's approximate size.
    if ((total - 1) * pieceLength > MAX_HELD_BYTES) {
      throw new ChunkViolation(`a message of ${total} pieces`);
    }
    const message: Unfinished = { total, pieces: new Map(), byteLength: 0 };
    this.#unfinished.set(id, message);
    return message;
  }
}

function isBinary(data: unknown): data is Chunk['data'] {
  return data instanceof ArrayBuffer || data instanceof Uint8Array;
}

/** Joins the pieces. Leaves out the header of raw data, as most large messages are, to save another copy. */
function join({ pieces, total, byteLength }: Unfinished): WholeMessage {
  const views = Array.from({ length: total }, (_, n) => viewOf(pieces.get(n)!));
  const dataOffset = rawDataOffset(views[0]!, byteLength);
  let offset = -(dataOffset ?? 0);
  const bytes = new Uint8Array(byteLength + offset);
  for (const view of views) {
    bytes.set(offset < 0 ? view.subarray(-offset) : view, Math.max(0, offset));
    offset += view.length;
  }
  return { bytes, isRaw: dataOffset !== undefined };
}

function viewOf(data: Chunk['data']): Uint8Array {
  return data instanceof Uint8Array ? data : new Uint8Array(data);
}
