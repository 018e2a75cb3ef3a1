import { describe, expect, it } from 'vitest';
import { ParkedFrames, MAX_PARKED_BYTES } from '../../../../src/engine/data/parked-frames';

describe('ParkedFrames', () => {
  it('returns all frames once, in the order of arrival', () => {
    const parkedFrames = new ParkedFrames();
    const frames = ['a', new ArrayBuffer(2), 'b'];
    for (const frame of frames) parkedFrames.add(frame);
    expect(parkedFrames.drain()).toEqual(frames);
    expect([parkedFrames.drain(), parkedFrames.bytes]).toEqual([[], 0]);
  });

  it('counts bytes, characters and an overhead for each frame', () => {
    const parkedFrames = new ParkedFrames();
    parkedFrames.add('ten chars.');
    parkedFrames.add(new ArrayBuffer(5));
    expect(parkedFrames.bytes).toBe(25 + 2 * 64);
  });

  it('is overfull beyond its bound', () => {
    const parkedFrames = new ParkedFrames();
    parkedFrames.add(new ArrayBuffer(MAX_PARKED_BYTES - 64));
    expect(parkedFrames.isOverfull).toBe(false);
    parkedFrames.add('');
    expect(parkedFrames.isOverfull).toBe(true);
  });
});
