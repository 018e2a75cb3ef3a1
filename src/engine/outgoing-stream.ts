// Turns the byte stream that a page sends on a connection back into messages, and those into data channel frames:
// one frame where the message fits, PeerJS's chunks where it does not. Holds at most one unfinished frame.
import { Fifo } from '../channel/fifo';
import { CHUNK_SIZE, createChunkFrame } from '../codec/chunk-frame';

/** Messages announced whose bytes have not come. A page announces what it sends in the same batch, or begins there. */
const MAX_ANNOUNCED = 1 << 16;

/** The page broke the contract of `connection.send`. */
export class StreamViolation extends Error {
  override name = 'StreamViolation';
}

export class OutgoingStream {
  readonly #sendFrame: (frame: Uint8Array<ArrayBuffer>) => void;
  readonly #announced = new Fifo<number>();
  /** Chunk IDs count from 1 a connection, as in PeerJS. */
  #nextChunkedId = 1;
  #message: { byteLength: number; taken: number; chunkedId: number } | undefined;
  #frame: { bytes: Uint8Array<ArrayBuffer>; offset: number; end: number } | undefined;

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

  /** Gives up the message under way; what is sent of it stays incomplete at the remote peer. */
  abortMessage(): void {
    this.#message = undefined;
    this.#frame = undefined;
    this.#beginMessages();
  }

  #take(bytes: Uint8Array): void {
    let start = 0;
    while (start < bytes.length) {
      if (!this.#message || !this.#frame) throw new StreamViolation('bytes that no message announced');
      const { bytes: frame, offset, end } = this.#frame;
      const count = Math.min(end - offset, bytes.length - start);
      frame.set(bytes.subarray(start, start + count), offset);
      start += count;
      this.#frame.offset += count;
      this.#message.taken += count;
      if (this.#frame.offset === end) this.#finishFrame(frame);
    }
  }

  #finishFrame(frame: Uint8Array<ArrayBuffer>): void {
    this.#sendFrame(frame);
    const message = this.#message!;
    if (message.taken < message.byteLength) {
      this.#beginFrame(message);
    } else {
      this.#message = undefined;
      this.#frame = undefined;
      this.#beginMessages();
    }
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
      this.#beginFrame(this.#message);
    }
  }

  #beginFrame(message: { byteLength: number; taken: number; chunkedId: number }): void {
    if (message.chunkedId === 0) {
      this.#frame = { bytes: new Uint8Array(message.byteLength), offset: 0, end: message.byteLength };
      return;
    }
    const length = Math.min(CHUNK_SIZE, message.byteLength - message.taken);
    const { frame, dataOffset } = createChunkFrame(
      message.chunkedId,
      message.taken / CHUNK_SIZE,
      Math.ceil(message.byteLength / CHUNK_SIZE),
      length,
    );
    this.#frame = { bytes: frame, offset: dataOffset, end: dataOffset + length };
  }
}
