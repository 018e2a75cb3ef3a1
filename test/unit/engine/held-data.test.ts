import { describe, expect, it } from 'vitest';
import { HeldData, MAX_HELD_DATA } from '../../../src/engine/held-data';

describe('HeldData', () => {
  it('gives back all in the order in which it came, once', () => {
    const held = new HeldData();
    const frames = ['a', new ArrayBuffer(2), 'b'];
    for (const frame of frames) held.add(frame);
    expect(held.drain()).toEqual(frames);
    expect([held.drain(), held.bytes]).toEqual([[], 0]);
  });

  it('counts bytes and characters, and something for each frame', () => {
    const held = new HeldData();
    held.add('ten chars.');
    held.add(new ArrayBuffer(5));
    expect(held.bytes).toBe(25 + 2 * 64);
  });

  it('is overfull beyond its bound', () => {
    const held = new HeldData();
    held.add(new ArrayBuffer(MAX_HELD_DATA - 64));
    expect(held.isOverfull).toBe(false);
    held.add('');
    expect(held.isOverfull).toBe(true);
  });
});
