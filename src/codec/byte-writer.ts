// Writes bytes and big-endian numbers into a growing buffer. Writers share one spare buffer, because most messages are
// short: callers must `release` a writer when they no longer need its views.

const INITIAL_SIZE = 16 * 1024;
/** The writer does not keep a larger buffer as its spare, bytes. */
const MAX_KEPT_SIZE = 1024 * 1024;
/** Characters up to which a loop is faster than a call of the encoder. */
const SHORT_TEXT = 32;

const encoder = new TextEncoder();
let spare: Uint8Array<ArrayBuffer> | undefined;

export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor() {
    this.#bytes = spare ?? new Uint8Array(INITIAL_SIZE);
    this.#view = new DataView(this.#bytes.buffer);
    // A getter in the page's data may pack another message during this one, so the spare is taken while in use.
    spare = undefined;
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#length, value);
    this.#length += 2;
  }

  /** Writes the low 32 bits of any number, like bit operators. */
  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Writes text in UTF-8. Calls `writeHeader` with the number of bytes first. */
  text(value: string, writeHeader: (byteLength: number) => void): void {
    if (value.length <= SHORT_TEXT && this.#ascii(value, writeHeader)) return;
    const encoded = encoder.encode(value);
    writeHeader(encoded.length);
    this.bytes(encoded);
  }

  /** The bytes from `start` to `end`. Valid until the next write. */
  view(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  /** Returns the buffer for reuse, which invalidates all views. */
  release(): void {
    if (this.#bytes.length <= MAX_KEPT_SIZE) spare = this.#bytes;
  }

  /** Returns false and writes nothing if `value` has a character beyond ASCII. */
  #ascii(value: string, writeHeader: (byteLength: number) => void): boolean {
    for (let index = 0; index < value.length; index++) if (value.charCodeAt(index) > 0x7f) return false;
    writeHeader(value.length);
    this.#reserve(value.length);
    for (let index = 0; index < value.length; index++) this.#bytes[this.#length++] = value.charCodeAt(index);
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
