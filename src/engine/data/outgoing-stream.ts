// Splits the byte stream of a page into messages, and messages into data channel frames: one frame if the message fits,
// else PeerJS's chunks. Holds at most one unfinished frame.
import { Fifo } from '../../channel/fifo';
import { MAX_CHUNK_FRAME, writeChunkFrame } from '../../codec/chunk-frame';
import { CHUNK_SIZE } from '../../codec/chunk-size';

/** Announced messages whose bytes have not come. A page announces only messages that begin in the same batch. */
const MAX_ANNOUNCED = 1 << 16;

interface OutgoingMessage {
  byteLength: number;
  taken: number;
  /** PeerJS's chunk ID; 0: not chunked, sent in one frame. */
  chunkedId: number;
}

/** A frame being filled: bytes from `offset` to `dataEnd` are still to come; the frame ends at `end`. */
interface OutgoingFrame {
  bytes: Uint8Array<ArrayBuffer>;
  offset: number;
  dataEnd: number;
  end: number;
}

/** The page broke the contract of `connection.send`. */
export class StreamViolation extends Error {
  override name = 'StreamViolation';
}

export class OutgoingStream {
  /** The callee must use the frame before it returns, because the buffer is reused. A channel copies it. */
  readonly #sendFrame: (frame: Uint8Array<ArrayBuffer>) => void;
  readonly #announced = new Fifo<number>();
  /** Chunk IDs count from 1 a connection, as in PeerJS. */
  #nextChunkedId = 1;
  #message: OutgoingMessage | undefined;
  #frame: OutgoingFrame | undefined;
  /** The buffer for all frames: allocating one for each would be most of a frame's cost. */
  #scratch: Uint8Array<ArrayBuffer> | undefined;

  constructor(sendFrame: (frame: Uint8Array<ArrayBuffer>) => void) {
    this.#sendFrame = sendFrame;
  }

  /** Throws StreamViolation if `chunks` hold bytes that no message announced. */
  push(announced: number[], chunks: ArrayBuffer[]): void {
    for (const byteLength of announced) this.#announced.push(byteLength);
    if (this.#announced.length > MAX_ANNOUNCED) throw new StreamViolation('messages announced without end');
    this.#beginMessages();
    for (const chunk of chunks) this.#take(new Uint8Array(chunk));
  }

  /** Drops the rest of the current message; the part already sent stays incomplete at the remote peer. */
  abortMessage(): void {
    this.#message = undefined;
    this.#frame = undefined;
    this.#beginMessages();
  }

  /** Drops all announced messages that have not come whole. */
  reset(): void {
    this.#announced.drain();
    this.abortMessage();
  }

  #take(bytes: Uint8Array<ArrayBuffer>): void {
    let start = 0;
    while (start < bytes.length) {
      const message = this.#message;
      if (!message) throw new StreamViolation('bytes that no message announced');
      const left = bytes.length - start;
      // Send a short message that has come whole without copying it.
      if (!this.#frame && message.chunkedId === 0 && left >= message.byteLength) {
        this.#sendFrame(bytes.subarray(start, start + message.byteLength));
        start += message.byteLength;
        this.#finishMessage();
        continue;
      }
      const frame = (this.#frame ??= this.#beginFrame(message));
      const count = Math.min(frame.dataEnd - frame.offset, left);
      frame.bytes.set(bytes.subarray(start, start + count), frame.offset);
      start += count;
      frame.offset += count;
      message.taken += count;
      if (frame.offset === frame.dataEnd) this.#finishFrame(message, frame);
    }
  }

  #finishFrame(message: OutgoingMessage, frame: OutgoingFrame): void {
    this.#sendFrame(frame.bytes.subarray(0, frame.end));
    this.#frame = undefined;
    if (message.taken === message.byteLength) this.#finishMessage();
  }

  #finishMessage(): void {
    this.#message = undefined;
    this.#beginMessages();
  }

  /** Begins the next announced message; an empty one is complete at once. */
  #beginMessages(): void {
    while (!this.#message && this.#announced.length > 0) {
      const byteLength = this.#announced.shift()!;
      if (byteLength === 0) {
        this.#sendFrame(new Uint8Array(0));
        continue;
      }
      const chunkedId = byteLength > CHUNK_SIZE ? this.#nextChunkedId++ : 0;
      this.#message = { byteLength, taken: 0, chunkedId };
    }
  }

  #beginFrame({ byteLength, taken, chunkedId }: OutgoingMessage): OutgoingFrame {
    const bytes = (this.#scratch ??= new Uint8Array(MAX_CHUNK_FRAME));
    if (chunkedId === 0) return { bytes, offset: 0, dataEnd: byteLength, end: byteLength };
    const length = Math.min(CHUNK_SIZE, byteLength - taken);
    const total = Math.ceil(byteLength / CHUNK_SIZE);
    const { dataOffset, end } = writeChunkFrame(bytes, { id: chunkedId, n: taken / CHUNK_SIZE, total, length });
    return { bytes, offset: dataOffset, dataEnd: dataOffset + length, end };
  }
}
