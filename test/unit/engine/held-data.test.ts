import { describe, expect, it } from 'vitest';
import { HeldData, MAX_HELD_DATA } from '../../../src/engine/held-data';

const text = (length: number) => ({ text: new ArrayBuffer(length) });

describe('HeldData', () => {
  it('gives back all in the order in which it came, once', () => {
    const held = new HeldData();
    const items = [{ data: 'a', size: 1 }, text(2), { data: 'b', size: 1 }];
    for (const item of items) held.add(item);
    expect(held.drain()).toEqual(items);
    expect([held.drain(), held.bytes]).toEqual([[], 0]);
  });

  it('counts data and texts, and something for each', () => {
    const held = new HeldData();
    held.add({ data: {}, size: 10 });
    held.add(text(5));
    expect(held.bytes).toBe(15 + 2 * 64);
  });

  it('is overfull beyond its bound', () => {
    const held = new HeldData();
    held.add(text(MAX_HELD_DATA - 64));
    expect(held.isOverfull).toBe(false);
    held.add({ data: '', size: 0 });
    expect(held.isOverfull).toBe(true);
  });
});
