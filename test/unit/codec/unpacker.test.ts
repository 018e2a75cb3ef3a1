import * as reference from 'peerjs-js-binarypack';
import { describe, expect, it } from 'vitest';
import { NestingError, UnpackError, unpack } from '../../../src/codec/unpacker';
import { MAX_NESTING } from '../../../src/protocol/nesting';
import { randomValue, seededRandom } from '../../support/random-values';

const referencePack = reference.pack as (value: unknown) => ArrayBuffer;

/** The result of `run`, or the class of its error: code points beyond U+10FFFF are a RangeError. */
function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as Error).constructor;
  }
}

describe('unpack', () => {
  it('returns the values of peerjs-js-binarypack for any packed value', () => {
    const random = seededRandom(2);
    for (let n = 0; n < 300; n++) {
      const bytes = referencePack(randomValue(random));
      expect(unpack(bytes)).toEqual(reference.unpack(bytes));
    }
  });

  it('returns the numbers of peerjs-js-binarypack for every number format', () => {
    const random = seededRandom(3);
    for (const [type, size] of Object.entries({
      0xca: 4,
      0xcb: 8,
      0xcc: 1,
      0xcd: 2,
      0xce: 4,
      0xcf: 8,
      0xd0: 1,
      0xd1: 2,
    }).concat(Object.entries({ 0xd2: 4, 0xd3: 8 }))) {
      for (let n = 0; n < 500; n++) {
        const bytes = Uint8Array.of(Number(type), ...Array.from({ length: size }, () => random() * 256)).buffer;
        expect(unpack(bytes)).toBe(reference.unpack(bytes));
      }
    }
  });

  it('returns the text of peerjs-js-binarypack for invalid UTF-8', () => {
    const random = seededRandom(4);
    for (let n = 0; n < 2000; n++) {
      const length = Math.floor(random() * 60);
      const text = Array.from({ length }, () => random() * 0x100);
      const bytes = Uint8Array.of(0xd8, 0, length, ...text).buffer;
      expect(outcome(() => unpack(bytes))).toBe(outcome(() => reference.unpack(bytes)));
    }
  });

  it('returns Uint8Arrays for raw data in a Uint8Array', () => {
    const bytes = new Uint8Array(referencePack([new ArrayBuffer(3)]));
    expect(unpack(bytes)).toEqual([new Uint8Array(3)]);
    expect(unpack(bytes.buffer)).toEqual([new ArrayBuffer(3)]);
  });

  it.each([
    ['an array that announces four billion items', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map that announces four billion keys', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['truncated raw data', [0xdb, 0xff, 0xff, 0xff, 0xff, 1]],
    ['a truncated string', [0xb5, 0x61]],
    ['a truncated number', [0xcf, 1, 2, 3]],
    ['an empty message', []],
  ])('refuses %s at once', (_, bytes) => {
    expect(() => unpack(Uint8Array.from(bytes).buffer)).toThrow(UnpackError);
  });

  it.each([
    ['arrays', [0x91]],
    ['maps', [0x81, 0xb1, 0x61]],
    ['maps as keys of maps', [0x81]],
    ['alternating arrays and maps', [0x91, 0x81, 0xb1, 0x61]],
  ])('refuses a million bytes of nested %s', (_, start) => {
    const bytes = Uint8Array.from({ length: 1_000_000 }, (_value, index) => start[index % start.length]!);
    expect(() => unpack(bytes.buffer)).toThrow(NestingError);
  });

  it.each([
    ['arrays', [0x91]],
    ['maps', [0x81, 0xb1, 0x61]],
  ])('reads %s nested up to MAX_NESTING, and throws for deeper nesting', (_, start) => {
    const nested = (depth: number) => Uint8Array.from([...new Array<number[]>(depth).fill(start).flat(), 1]).buffer;
    expect(unpack(nested(MAX_NESTING))).toEqual(reference.unpack(nested(MAX_NESTING)));
    expect(() => unpack(nested(MAX_NESTING + 1))).toThrow(NestingError);
  });

  it('does not count values side by side as nested', () => {
    const many = Array.from({ length: 10 * MAX_NESTING }, () => [[]]);
    expect(unpack(referencePack(many))).toEqual(many);
  });
});
