// PeerJS's serialization "binary" (BinaryPack), with exactly the bytes and exceptions of peerjs-js-binarypack, but many
// times faster and without its limit on the length of arrays. It does not read Blobs: their header needs only their size.
// peerjs-js-binarypack runs out of stack at a depth that differs by browser and caller; this packer throws at MAX_NESTING,
// so that Peerport's receivers can read all that it packs. Runs in the page, where PeerJS throws synchronously.
import { MAX_NESTING } from '../protocol/nesting';
import { ByteWriter } from './byte-writer';
import { SEGMENT_SIZE, segmentsOf, type PackedMessage } from './packed-message';

/**
 * Throws PeerJS's error for a value that BinaryPack has no type for. Throws the browser's stack overflow error for a value
 * that is cyclic or nested deeper than MAX_NESTING.
 */
export function pack(data: unknown): PackedMessage {
  return new Packer().pack(data);
}

/** Segments to insert into the written bytes at offset `at`. */
interface Insertion {
  at: number;
  byteLength: number;
  segments: (ArrayBuffer | Blob)[];
}

/** The first byte of a header: for lengths up to 15, up to 16 bits, up to 32 bits. */
type LengthBytes = Readonly<Record<'short' | 'medium' | 'long', number>>;

const ARRAY: LengthBytes = { short: 0x90, medium: 0xdc, long: 0xdd };
const MAP: LengthBytes = { short: 0x80, medium: 0xde, long: 0xdf };
const RAW: LengthBytes = { short: 0xa0, medium: 0xda, long: 0xdb };
const STRING: LengthBytes = { short: 0xb0, medium: 0xd8, long: 0xd9 };

/** Captured before the page's scripts can replace it. The packer also calls no array methods, for the same reason. */
const keysOf = Object.keys;
/** The browser's class of stack overflow errors: InternalError in Firefox, RangeError in others. */
const StackError = (globalThis as { InternalError?: ErrorConstructor }).InternalError ?? RangeError;

class Packer {
  readonly #writer = new ByteWriter();
  readonly #insertions: Insertion[] = [];
  /** The number of arrays and objects around the current value. */
  #depth = 0;
  readonly #writeStringHeader = (byteLength: number): void => {
    this.#header(STRING, byteLength);
  };

  pack(data: unknown): PackedMessage {
    try {
      this.#value(data);
      return this.#finish();
    } finally {
      this.#writer.release();
    }
  }

  #finish(): PackedMessage {
    const segments: (ArrayBuffer | Blob)[] = [];
    let byteLength = this.#writer.length;
    let start = 0;
    const append = (parts: readonly (ArrayBuffer | Blob)[]): void => {
      for (let index = 0; index < parts.length; index++) segments[segments.length] = parts[index]!;
    };
    for (let index = 0; index < this.#insertions.length; index++) {
      const insertion = this.#insertions[index]!;
      append(segmentsOf(this.#writer.view(start, insertion.at)));
      append(insertion.segments);
      byteLength += insertion.byteLength;
      start = insertion.at;
    }
    append(segmentsOf(this.#writer.view(start, this.#writer.length)));
    return { byteLength, segments };
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#writer.text(value, this.#writeStringHeader);
        return;
      case 'number':
        if (Math.floor(value) === value) this.#integer(value);
        else this.#double(value);
        return;
      case 'boolean':
        this.#writer.byte(value ? 0xc3 : 0xc2);
        return;
      case 'undefined':
        this.#writer.byte(0xc0);
        return;
      case 'object':
        if (value === null) this.#writer.byte(0xc0);
        else this.#object(value);
        return;
      default:
        throw new Error(`Type "${typeof value}" not yet supported`);
    }
  }

  /** Checks types in the order of peerjs-js-binarypack. */
  #object(value: object): void {
    const { constructor } = value;
    if (value instanceof Array) this.#array(value);
    else if (value instanceof ArrayBuffer) this.#raw(new Uint8Array(value));
    else if ('BYTES_PER_ELEMENT' in value) {
      const { buffer, byteOffset, byteLength } = value as unknown as Uint8Array;
      this.#raw(new Uint8Array(buffer, byteOffset, byteLength));
    } else if (value instanceof Date) this.#value(value.toString());
    else if (value instanceof Blob) this.#blob(value);
    else if (constructor === Object || constructor.toString().startsWith('class')) this.#map(value);
    else throw new Error(`Type "${constructor.toString()}" not yet supported`);
  }

  #array(items: unknown[]): void {
    this.#enter();
    this.#header(ARRAY, items.length);
    // Holes are packed as undefined.
    for (let index = 0; index < items.length; index++) this.#value(items[index]);
    this.#depth--;
  }

  #map(value: object): void {
    this.#enter();
    const keys = keysOf(value);
    this.#header(MAP, keys.length);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!;
      // Like peerjs-js-binarypack, skips a key that a getter has deleted in the meantime.
      // eslint-disable-next-line no-prototype-builtins
      if (!value.hasOwnProperty(key)) continue;
      this.#value(key);
      this.#value((value as Record<string, unknown>)[key]);
    }
    this.#depth--;
  }

  #enter(): void {
    if (++this.#depth > MAX_NESTING) {
      throw new StackError(`Arrays and objects can be nested ${MAX_NESTING} deep at most, and cannot be cyclic`);
    }
  }

  /** Copies large data only once, directly into segments. */
  #raw(bytes: Uint8Array): void {
    this.#header(RAW, bytes.length);
    if (bytes.length <= SEGMENT_SIZE) this.#writer.bytes(bytes);
    else this.#insert(bytes.length, segmentsOf(bytes));
  }

  #blob(blob: Blob): void {
    this.#header(RAW, blob.size);
    if (blob.size > 0) this.#insert(blob.size, [blob]);
  }

  #insert(byteLength: number, segments: (ArrayBuffer | Blob)[]): void {
    this.#insertions[this.#insertions.length] = { at: this.#writer.length, byteLength, segments };
  }

  #header(type: LengthBytes, length: number): void {
    if (length <= 0x0f) {
      this.#writer.byte(type.short + length);
    } else if (length <= 0xffff) {
      this.#writer.byte(type.medium);
      this.#writer.uint16(length);
    } else if (length <= 0xffffffff) {
      this.#writer.byte(type.long);
      this.#writer.uint32(length);
    } else {
      throw new Error('Invalid length');
    }
  }

  #integer(value: number): void {
    if (value >= -32 && value <= 0x7f) {
      this.#writer.byte(value & 0xff);
    } else if (value >= -0x80 && value <= 0xff) {
      this.#writer.byte(value < 0 ? 0xd0 : 0xcc);
      this.#writer.byte(value & 0xff);
    } else if (value >= -0x8000 && value <= 0xffff) {
      this.#writer.byte(value < 0 ? 0xd1 : 0xcd);
      this.#writer.uint16(value & 0xffff);
    } else if (value >= -0x80000000 && value <= 0xffffffff) {
      this.#writer.byte(value < 0 ? 0xd2 : 0xce);
      this.#writer.uint32(value);
    } else if (value >= -(2 ** 63) && value <= 2 ** 63) {
      this.#writer.byte(0xd3);
      this.#writer.uint32(Math.floor(value / 2 ** 32));
      this.#writer.uint32(value % 2 ** 32);
    } else if (value >= 0 && value <= 2 ** 64) {
      this.#writer.byte(0xcf);
      this.#writer.uint32(value / 2 ** 32);
      this.#writer.uint32(value % 2 ** 32);
    } else {
      throw new Error('Invalid integer');
    }
  }

  /** peerjs-js-binarypack's own conversion to IEEE 754, including its wrong results for NaN and the smallest numbers. */
  #double(value: number): void {
    const isNegative = value < 0;
    const magnitude = isNegative ? -value : value;
    const exponent = Math.floor(Math.log(magnitude) / Math.LN2);
    const fraction = Math.floor((magnitude / 2 ** exponent - 1) * 2 ** 52);
    this.#writer.byte(0xcb);
    this.#writer.uint32((isNegative ? 1 << 31 : 0) | ((exponent + 1023) << 20) | ((fraction / 2 ** 32) & 0x0fffff));
    this.#writer.uint32(fraction % 2 ** 32);
  }
}
