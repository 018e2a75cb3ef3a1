import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { channelFrame } from '../../../../src/api/data/channel-frame';

const LIMIT = 262_144;

describe('channelFrame', () => {
  it('copies a buffer', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const { data, size } = channelFrame(bytes.buffer, LIMIT);
    bytes.fill(9);
    expect([data, size]).toEqual([Uint8Array.of(1, 2, 3).buffer, 3]);
  });

  it.each([
    ['a part of a typed array', new Uint16Array([1, 2, 3]).subarray(1), 4],
    ['a DataView', new DataView(new ArrayBuffer(10), 2, 5), 5],
    ['an empty view', new Uint8Array(0), 0],
  ])('takes the bytes of %s and none around it', (_, view, size) => {
    const frame = channelFrame(view, LIMIT);
    expect(frame.size).toBe(size);
    expect((frame.data as ArrayBuffer).byteLength).toBe(size);
  });

  it('leaves a Blob unread', () => {
    const blob = new Blob(['four']);
    expect(channelFrame(blob, LIMIT)).toEqual({ data: blob, size: 4 });
  });

  it.each<[unknown, string]>([
    ['text', 'text'],
    [12, '12'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{}, '[object Object]'],
    [[1, [2]], '1,2'],
  ])('makes text of %j as RTCDataChannel does', (data, text) => {
    expect(channelFrame(data, LIMIT).data).toBe(text);
  });

  // `String` accepts a symbol, the browser's conversion does not.
  it('throws for a symbol as RTCDataChannel does', () => {
    expect(() => channelFrame(Symbol('s'), LIMIT)).toThrow(TypeError);
  });

  it.each([
    ['ä', 2],
    ['€', 3],
    ['😀', 4],
    ['\ud800', 3],
  ])('counts the bytes of %j where they matter', (character, bytes) => {
    const count = Math.ceil(LIMIT / bytes) + 1;
    expect(channelFrame(character.repeat(count), LIMIT).size).toBe(count * bytes);
  });

  it('counts bytes, not characters, of text that may be too big', () => {
    for (const length of [87_381, 87_382, 131_072, 131_073]) {
      for (const character of ['x', 'ä', '€']) {
        const text = character.repeat(length);
        const isTooBig = new TextEncoder().encode(text).length > LIMIT;
        expect(channelFrame(text, LIMIT).size > LIMIT, `${length} ${character}`).toBe(isTooBig);
      }
    }
  });
});
