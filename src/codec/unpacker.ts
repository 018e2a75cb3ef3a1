// Reads BinaryPack with the results of peerjs-js-binarypack, but safely, because the bytes come from a remote peer. Five
// bytes that announce four billion items keep a page with peerjs-js-binarypack busy forever; here they throw at once. So
// do values nested deeper than MAX_NESTING, which a port might not carry.
import { MAX_NESTING } from '../protocol/nesting';

/** The bytes are not valid BinaryPack. */
export class UnpackError extends Error {
  override name = 'UnpackError';
}

/** The bytes hold arrays and objects nested deeper than MAX_NESTING. */
export class NestingError extends UnpackError {
  override name = 'NestingError';
}

/** Returns raw data as ArrayBuffers if `bytes` is an ArrayBuffer, as Uint8Arrays if it is a Uint8Array, like PeerJS. */
export function unpack(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): unknown {
  return new Unpacker(bytes).value();
}

/** Like `unpack`, but raw data are views of `bytes`, for callers that copy them at once. */
export function unpackViews(bytes: ArrayBuffer): unknown {
  return new Unpacker(new Uint8Array(bytes), true).value();
}

/**
 * Returns the offset of the data in a message of `byteLength` bytes that starts with `head`. Undefined if the message is
 * anything else than raw data.
 */
export function rawDataOffset(head: Uint8Array, byteLength: number): number | undefined {
  const offset = head[0] === 0xda ? 3 : head[0] === 0xdb ? 5 : undefined;
  if (offset === undefined || head.length < offset) return undefined;
  let length = 0;
  for (let index = 1; index < offset; index++) length = length * 256 + head[index]!;
  return length === byteLength - offset ? offset : undefined;
}

/** Bytes up to which a loop is faster than a call of the decoder. */
const SHORT_TEXT = 24;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Unpacker {
  readonly #source: ArrayBuffer | Uint8Array<ArrayBuffer>;
  readonly #bytes: Uint8Array;
  readonly #givesViews: boolean;
  #index = 0;
  /** The number of arrays and maps around the current value. */
  #depth = 0;

  constructor(source: ArrayBuffer | Uint8Array<ArrayBuffer>, givesViews = false) {
    this.#givesViews = givesViews;
    this.#source = source;
    this.#bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  }

  value(): unknown {
    const type = this.#byte();
    if (type < 0x80) return type;
    if (type >= 0xe0) return type - 0x100;
    if (type < 0x90) return this.#map(type & 0x0f);
    if (type < 0xa0) return this.#array(type & 0x0f);
    if (type < 0xb0) return this.#raw(type & 0x0f);
    if (type < 0xc0) return this.#string(type & 0x0f);
    return this.#typed(type);
  }

  #typed(type: number): unknown {
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return this.#float();
      case 0xcb:
        return this.#double();
      case 0xcc:
        return this.#byte();
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xcf:
        return this.#unsigned(8);
      case 0xd0:
        return this.#signed(1);
      case 0xd1:
        return this.#signed(2);
      case 0xd2:
        return this.#signed(4);
      case 0xd3:
        return this.#signed(8);
      case 0xd8:
        return this.#string(this.#unsigned(2));
      case 0xd9:
        return this.#string(this.#unsigned(4));
      case 0xda:
        return this.#raw(this.#unsigned(2));
      case 0xdb:
        return this.#raw(this.#unsigned(4));
      case 0xdc:
        return this.#array(this.#unsigned(2));
      case 0xdd:
        return this.#array(this.#unsigned(4));
      case 0xde:
        return this.#map(this.#unsigned(2));
      case 0xdf:
        return this.#map(this.#unsigned(4));
      default:
        // c1, and types that BinaryPack has not assigned.
        return undefined;
    }
  }

  #byte(): number {
    this.#require(1);
    return this.#bytes[this.#index++]!;
  }

  /** Adds up bytes in floating point, so that 64-bit numbers are rounded like in peerjs-js-binarypack. */
  #unsigned(size: 2 | 4 | 8): number {
    this.#require(size);
    let value = 0;
    for (let n = 0; n < size; n++) value = value * 256 + this.#bytes[this.#index++]!;
    return value;
  }

  #signed(size: 1 | 2 | 4 | 8): number {
    const value = size === 1 ? this.#byte() : this.#unsigned(size);
    return value < 2 ** (8 * size - 1) ? value : value - 2 ** (8 * size);
  }

  #float(): number {
    const bits = this.#unsigned(4);
    const exponent = ((bits >> 23) & 0xff) - 127;
    const fraction = (bits & 0x7fffff) | 0x800000;
    return (bits >> 31 === 0 ? 1 : -1) * fraction * 2 ** (exponent - 23);
  }

  #double(): number {
    const high = this.#unsigned(4);
    const low = this.#unsigned(4);
    const exponent = ((high >> 20) & 0x7ff) - 1023;
    const highFraction = (high & 0xfffff) | 0x100000;
    const fraction = highFraction * 2 ** (exponent - 20) + low * 2 ** (exponent - 52);
    return (high >> 31 === 0 ? 1 : -1) * fraction;
  }

  #raw(size: number): ArrayBuffer | Uint8Array<ArrayBuffer> {
    this.#require(size);
    const start = this.#index;
    this.#index += size;
    if (this.#givesViews) return (this.#source as Uint8Array<ArrayBuffer>).subarray(start, this.#index);
    return this.#source.slice(start, this.#index);
  }

  #string(size: number): string {
    this.#require(size);
    const bytes = this.#bytes.subarray(this.#index, (this.#index += size));
    if (size <= SHORT_TEXT) return decodeLeniently(bytes);
    try {
      return decoder.decode(bytes);
    } catch {
      return decodeLeniently(bytes);
    }
  }

  #array(size: number): unknown[] {
    // Every item takes at least a byte.
    this.#require(size);
    this.#enter();
    const items = new Array<unknown>(size);
    for (let n = 0; n < size; n++) items[n] = this.value();
    this.#depth--;
    return items;
  }

  #map(size: number): Record<string, unknown> {
    this.#require(2 * size);
    this.#enter();
    const map: Record<string, unknown> = {};
    for (let n = 0; n < size; n++) map[this.value() as string] = this.value();
    this.#depth--;
    return map;
  }

  #enter(): void {
    if (++this.#depth > MAX_NESTING) throw new NestingError(`nested deeper than ${MAX_NESTING}`);
  }

  #require(count: number): void {
    if (this.#bytes.length - this.#index < count) throw new UnpackError('the bytes end too early');
  }
}

/** peerjs-js-binarypack's decoder, with its own reading of invalid UTF-8. Throws RangeError beyond U+10FFFF. */
function decodeLeniently(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i++]!;
    if (lead < 0xa0) {
      text += String.fromCodePoint(lead);
      continue;
    }
    const count = lead >= 0xc0 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : 3;
    let code = lead & (count === 1 ? 0x1f : count === 2 ? 0x0f : 0x07);
    for (let n = 0; n < count; n++) code = (code << 6) | ((bytes[i++] ?? 0) & 0x3f);
    text += String.fromCodePoint(code);
  }
  return text;
}
