// Reads a remote peer's frames by the connection's serialization. Every byte is hostile input. The caller drops an
// unreadable frame, as PeerJS does, and ends the connection on a ChunkViolation.
import { looksLikeChunk } from '../../codec/chunk-frame';
import { unpack, unpackViews } from '../../codec/unpacker';
import { isSerialization } from '../../protocol/serializations';
import type { IncomingData } from '../connection/page-outbox';
import { ChunkAssembler, isChunk } from './chunk-assembler';

/** The result of one frame: data for the page, the remote peer's request to close, or nothing yet. */
type Reading = IncomingData | 'close' | undefined;

export interface IncomingReader {
  /** Bytes of unfinished messages. */
  readonly queuedBytes: number;
  /**
   * Throws ChunkViolation if the remote peer breaks the framing, and the codec's errors if it cannot read the bytes.
   */
  read(frame: string | ArrayBuffer): Reading;
}

/** `serialization`: the name on the wire. A page's class that extends PeerJS's may bring another name: it packs. */
export function createReader(serialization: string): IncomingReader {
  const known = isSerialization(serialization) ? serialization : 'binary';
  switch (known) {
    case 'raw':
      return { queuedBytes: 0, read: (frame) => ({ data: frame, size: sizeOf(frame) }) };
    case 'json':
      return new JsonReader();
    case 'binary':
    case 'binary-utf8':
      return new BinaryReader();
  }
}

/** The page parses JSON itself, because PeerJS has a `parse` hook there. */
class JsonReader implements IncomingReader {
  readonly queuedBytes = 0;

  read(frame: string | ArrayBuffer): Reading {
    return { text: typeof frame === 'string' ? new TextEncoder().encode(frame).buffer : frame };
  }
}

class BinaryReader implements IncomingReader {
  readonly #assembler = new ChunkAssembler();

  get queuedBytes(): number {
    return this.#assembler.queuedBytes;
  }

  read(frame: string | ArrayBuffer): Reading {
    // PeerJS never sends text on such a channel, and its own unpack fails for a string.
    if (typeof frame === 'string') throw new TypeError('text on a binary connection');
    let size = frame.byteLength;
    let data = readFrame(frame);
    // A chunked message may itself hold a chunk. The loop ends, because each turn consumes a whole message.
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
 * Reads a chunk without copying its data, because joining copies them anyway. Copies data that are the smaller part of
 * the frame, because a view of them would keep the whole frame in memory.
 */
function readFrame(frame: ArrayBuffer): unknown {
  const chunk = looksLikeChunk(frame) ? unpackViews(frame) : undefined;
  return isChunk(chunk) && chunk.data.byteLength * 2 > frame.byteLength ? chunk : unpack(frame);
}

/** True for `{__peerData: {type: 'close'}}`, which `close({flush: true})` sends. */
function isCloseRequest(data: unknown): boolean {
  const request = (data as { __peerData?: { type?: unknown } | null } | null | undefined)?.__peerData;
  return typeof request === 'object' && request?.type === 'close';
}

function sizeOf(frame: string | ArrayBuffer): number {
  return typeof frame === 'string' ? frame.length : frame.byteLength;
}
