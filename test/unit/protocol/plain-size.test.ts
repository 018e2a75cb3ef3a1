import { describe, expect, it } from 'vitest';
import { sizeOfPlain } from '../../../src/protocol/plain-size';

const LIMIT = 10_000;

describe('sizeOfPlain', () => {
  it.each<[string, unknown, number]>([
    ['text', 'x'.repeat(100), 108],
    ['a number', 7, 8],
    ['undefined', undefined, 8],
    ['an array', ['ab', 'c'], 29],
    ['an object', { key: 'value' }, 24],
    ['a buffer', new ArrayBuffer(50), 58],
    ['a view of a larger buffer', new Uint8Array(new ArrayBuffer(50), 0, 10), 18],
  ])('counts %s', (_, value, size) => {
    expect(sizeOfPlain(value, LIMIT)).toBe(size);
  });

  it('exceeds the limit for a text beyond the limit', () => {
    expect(sizeOfPlain({ a: ['x'.repeat(LIMIT)] }, LIMIT)).toBeGreaterThan(LIMIT);
  });

  it('stops counting a cyclic value', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = [cyclic];
    expect(sizeOfPlain(cyclic, LIMIT)).toBeGreaterThan(LIMIT);
  });

  it('stops at once at an array of four billion holes', () => {
    expect(sizeOfPlain({ list: new Array(2 ** 32 - 1) }, LIMIT)).toBeGreaterThan(LIMIT);
  });

  it('counts values nested deeper than any stack', () => {
    let deep: unknown = 1;
    for (let n = 0; n < 100_000; n++) deep = [deep];
    expect(sizeOfPlain(deep, 1e9)).toBe(100_000 * 9 + 8);
  });

  it.each([new Map(), new Set(), new Date(), /x/, new Blob()])('is infinite for %o', (value) => {
    expect(sizeOfPlain({ value }, LIMIT)).toBe(Infinity);
  });
});
