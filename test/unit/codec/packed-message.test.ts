import { describe, expect, it } from 'vitest';
import { SEGMENT_SIZE, segmentsOf } from '../../../src/codec/packed-message';

function lengths(length: number): number[] {
  return segmentsOf(new Uint8Array(length)).map(({ byteLength }) => byteLength);
}

describe('segmentsOf', () => {
  it('returns no segment for no bytes', () => {
    expect(lengths(0)).toEqual([]);
  });

  it('cuts only at the segment size', () => {
    expect(lengths(SEGMENT_SIZE)).toEqual([SEGMENT_SIZE]);
    expect(lengths(SEGMENT_SIZE + 1)).toEqual([SEGMENT_SIZE, 1]);
    expect(lengths(2 * SEGMENT_SIZE - 1)).toEqual([SEGMENT_SIZE, SEGMENT_SIZE - 1]);
  });

  it('copies only the bytes of a view, not those around it', () => {
    const whole = Uint8Array.from([1, 2, 3, 4, 5]);
    const [segment] = segmentsOf(whole.subarray(1, 4));
    whole.fill(9);
    expect(new Uint8Array(segment!)).toEqual(Uint8Array.from([2, 3, 4]));
  });
});
