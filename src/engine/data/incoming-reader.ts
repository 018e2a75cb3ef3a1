// Reads what a remote peer sends on a data channel, by the connection's serialization. Every byte is hostile input:
// what cannot be read is dropped, as PeerJS drops it; what attacks the framing ends the connection.
import { looksLikeChunk } from '../../codec/chunk-frame';
import { unpack, unpackViews } from '../../codec/unpacker';
import { isSerialization } from '../../protocol/serializations';
import type { IncomingData } from '../connection/page-outbox';
import { ChunkAssembler, isChunk } from './chunk-assembler';

/** One frame's outcome: something for the page, the remote's request to close, or nothing yet. */
type Reading = IncomingData | 'close' | undefined;

export interface IncomingReader {
  /** Of messages of which something is still to come. */
  readonly heldBytes: number;
  /** Throws ChunkViolation where the remote breaks the framing, and whatever the codec throws where bytes are garbage. */
  read(frame: string | ArrayBuffer): Reading;
}

/** A reader for the serialization's name on the wire. A page's class that extends PeerJS's may bring another: it packs. */
export function createReader(serialization: string): IncomingReader {
  const known = isSerialization(serialization) ? serialization : 'binary';
  switch (known) {
    case 'raw':
      return { heldBytes: 0, read: (frame) => ({ data: frame, size: sizeOf(frame) }) };
    case 'json':
      return new JsonReader();
    case 'binary':
    case 'binary-utf8':
      return new BinaryReader();
  }
}

/** JSON is read in the page, where its `parse` hook is. */
class JsonReader implements IncomingReader {
  readonly heldBytes = 0;

  read(frame: string | ArrayBuffer): Reading {
    return { text: typeof frame === 'string' ? new TextEncoder().encode(frame).buffer : frame };
  }
}

class BinaryReader implements IncomingReader {
  readonly #assembler = new ChunkAssembler();

  get heldBytes(): number {
    return this.#assembler.heldBytes;
  }

  read(frame: string | ArrayBuffer): Reading {
    // PeerJS never sends text on such a channel; its unpack would read a string's `length` as undefined and fail.
    if (typeof frame === 'string') throw new TypeError('text on a binary connection');
    let size = frame.byteLength;
    let data = readFrame(frame);
    // A chunked message may hold a chunk again; each turn of the loop consumes a whole message, so it ends.
    while (isChunk(data)) {
      const whole = this.#assembler.add(data);
      if (!whole) return undefined;
      size = whole.bytes.byteLength;
      if (whole.isRaw) return { data: whole.bytes, size };
      data = unpack(whole.bytes);
    }
    return isCloseRequest(data) ? 'close' : { data, size };
  }
}

/**
 * A chunk's data are copied when it is joined to others, and not before; unless they are the smaller part of the frame,
 * which they would keep in memory.
 */
function readFrame(frame: ArrayBuffer): unknown {
  const chunk = looksLikeChunk(frame) ? unpackViews(frame) : undefined;
  return isChunk(chunk) && chunk.data.byteLength * 2 > frame.byteLength ? chunk : unpack(frame);
}

/** `{__peerData: {type: 'close'}}`, which `close({flush: true})` sends. */
function isCloseRequest(data: unknown): boolean {
  const request = (data as { __peerData?: { type?: unknown } | null } | null | undefined)?.__peerData;
  return typeof request === 'object' && request?.type === 'close';
}

function sizeOf(frame: string | ArrayBuffer): number {
  return typeof frame === 'string' ? frame.length : frame.byteLength;
}
