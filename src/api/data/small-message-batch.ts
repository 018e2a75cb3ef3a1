// Consecutive small messages that share one buffer: transferring a buffer for each message would cost more than all the
// rest. Callers check `hasRoomFor` before they add, and add nothing after `bytes`.
import { append, safe } from '../safe/built-ins';

/** Bytes of a batch. JSON messages at full speed fill a few dozen batches in a second. */
export const MAX_SMALL_BATCH_BYTES = 64 * 1024;
/** Messages of a batch. The host's guard checks each length. */
const MAX_SMALL_BATCH_MESSAGES = 512;

/** The most bytes that a UTF-16 code unit takes in UTF-8. */
export const MAX_UTF8_BYTES = 3;

const encoder = new TextEncoder();

export class SmallMessageBatch {
  /** The byte length of each message. */
  readonly announced: number[] = [];
  #bytes: Uint8Array<ArrayBuffer>;
  #byteLength = 0;
  /** Resolves when the batch is posted to the host. All its messages share this promise. */
  readonly taken: Promise<void>;
  #resolve!: () => void;
  #reject!: (reason: unknown) => void;

  /** `capacity`: bytes of the first message, which often stays alone, or of all messages that are expected. */
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

  /** Like `add`, for text, which it encodes as UTF-8. Returns the number of bytes. */
  addText(text: string): number {
    const needed = this.#byteLength + text.length * MAX_UTF8_BYTES;
    if (needed > this.#bytes.length) this.#grow(needed);
    const { written } = safe.encodeInto(encoder, text, this.#bytes.subarray(this.#byteLength));
    this.#byteLength += written;
    append(this.announced, written);
    return written;
  }

  /** Returns all bytes for transfer, which ends the batch. */
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
