// Small messages that were sent one after the other and travel in one buffer: to hand over a buffer of its own for each
// would cost more than everything else about it.
import { append, safe } from '../safe/built-ins';

/** Bytes of a run; a second of JSON messages at full speed is a few dozen of these. */
export const MAX_SMALL_BATCH_BYTES = 64 * 1024;
/** Messages of a run; the host's guard walks through their lengths. */
const MAX_SMALL_BATCH_MESSAGES = 512;

/** Bytes that a UTF-16 code unit takes in UTF-8 at most. */
export const MAX_UTF8_BYTES = 3;

const encoder = new TextEncoder();

export class SmallMessageBatch {
  /** The byte length of each message. */
  readonly announced: number[] = [];
  #bytes: Uint8Array<ArrayBuffer>;
  #byteLength = 0;
  /** Resolves when the host has taken the run: one for all, they are taken together. */
  readonly taken: Promise<void>;
  #resolve!: () => void;
  #reject!: (reason: unknown) => void;

  /** `capacity` in bytes: of the first message, which often stays the only one, or of as many as are expected. */
  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.taken = new safe.Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  hasRoomFor(byteLength: number): boolean {
    return this.announced.length < MAX_SMALL_BATCH_MESSAGES && this.#byteLength + byteLength <= MAX_SMALL_BATCH_BYTES;
  }

  add(message: Uint8Array): void {
    const needed = this.#byteLength + message.length;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#bytes.set(message, this.#byteLength);
    this.#byteLength = needed;
    append(this.announced, message.length);
  }

  /** As `add`, for text in UTF-8. Returns its length in bytes. */
  addText(text: string): number {
    const needed = this.#byteLength + text.length * MAX_UTF8_BYTES;
    if (needed > this.#bytes.length) this.#grow(needed);
    const { written } = safe.encodeInto(encoder, text, this.#bytes.subarray(this.#byteLength));
    this.#byteLength += written;
    append(this.announced, written);
    return written;
  }

  /** All bytes, for handing over: the run is at its end. */
  bytes(): ArrayBuffer {
    const { buffer } = this.#bytes;
    return this.#byteLength === buffer.byteLength ? buffer : buffer.slice(0, this.#byteLength);
  }

  readonly resolve = (): void => {
    this.#resolve();
  };

  readonly reject = (reason: unknown): void => {
    this.#reject(reason);
  };

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.min(MAX_SMALL_BATCH_BYTES, Math.max(needed, this.#bytes.length * 4, 1024)));
    grown.set(this.#bytes.subarray(0, this.#byteLength));
    this.#bytes = grown;
  }
}
