import { pack } from 'peerjs-js-binarypack';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ChunkAssembler, ChunkViolation, type Chunk } from '../../../../src/engine/data/chunk-assembler';
import { createReader } from '../../../../src/engine/data/incoming-reader';

function packed(value: unknown): ArrayBuffer {
  return pack(value as never) as ArrayBuffer;
}

/** The packed value as PeerJS's chunker frames it. */
function chunked(value: unknown, pieceLength = 10, id = 1): ArrayBuffer[] {
  const bytes = packed(value);
  const total = Math.ceil(bytes.byteLength / pieceLength);
  return Array.from({ length: total }, (_, n) => {
    const data = bytes.slice(n * pieceLength, (n + 1) * pieceLength);
    return packed({ __peerData: id, n, data, total });
  });
}

const close = { __peerData: { type: 'close' } };

describe('binary reader', () => {
  it('unpacks a frame', () => {
    const frame = packed({ a: [1, 'two'] });
    expect(createReader('binary').read(frame)).toEqual({ data: { a: [1, 'two'] }, size: frame.byteLength });
  });

  it.each(['binary', 'binary-utf8'])('reads %s', (serialization) => {
    expect(createReader(serialization).read(packed('text'))).toMatchObject({ data: 'text' });
  });

  it('unpacks a chunked message with its last piece', () => {
    const reader = createReader('binary');
    const value = { text: 'longer than one piece' };
    const readings = chunked(value).map((frame) => reader.read(frame));
    expect(readings.slice(0, -1).every((reading) => reading === undefined)).toBe(true);
    expect(readings.at(-1)).toEqual({ data: value, size: packed(value).byteLength });
  });

  it('recognizes a close request', () => {
    expect(createReader('binary').read(packed(close))).toBe('close');
  });

  it('recognizes a chunked close request', () => {
    const reader = createReader('binary');
    expect(
      chunked(close)
        .map((frame) => reader.read(frame))
        .at(-1),
    ).toBe('close');
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a key of ours without meaning', { __peerData: 'mine' }],
    ['a request that is none', { __peerData: { type: 'open' } }],
    ['null in the place of a request', { __peerData: null }],
    ['an incomplete chunk', { __peerData: 1, n: 0, total: 1 }],
  ])('delivers %s', (_, value) => {
    expect(createReader('binary').read(packed(value))).toMatchObject({ data: value });
  });

  it('joins chunks that come out of order', () => {
    const reader = createReader('binary');
    const readings = chunked('a text of several pieces')
      .reverse()
      .map((frame) => reader.read(frame));
    expect(readings.at(-1)).toMatchObject({ data: 'a text of several pieces' });
  });

  // PeerJS reads such a message too: it treats the content of a chunked message like a frame.
  it('unpacks a chunked message that holds chunks', () => {
    const reader = createReader('binary');
    const [inner] = chunked('inner', 100);
    const outer = inner!;
    const total = Math.ceil(outer.byteLength / 10);
    const readings = Array.from({ length: total }, (_, n) =>
      reader.read(packed({ __peerData: 2, n, data: outer.slice(n * 10, (n + 1) * 10), total })),
    );
    expect(readings.at(-1)).toMatchObject({ data: 'inner' });
  });

  it.each([
    ['no bytes', []],
    ['a string that ends too early', [0xb5, 0x61]],
    ['an array of four thousand million items', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map of four thousand million items', [0xdf, 0xff, 0xff, 0xff, 0xff]],
  ])('throws for %s', (_, bytes) => {
    expect(() => createReader('binary').read(Uint8Array.from(bytes).buffer)).toThrow();
  });

  it('throws for a text frame', () => {
    expect(() => createReader('binary').read('text')).toThrow(TypeError);
  });

  it('distinguishes an attack on the framing from garbage', () => {
    const frame = packed({ __peerData: 1, n: 5, total: 2, data: new ArrayBuffer(1) });
    expect(() => createReader('binary').read(frame)).toThrow(ChunkViolation);
    expect(() => createReader('binary').read(new ArrayBuffer(0))).not.toThrow(ChunkViolation);
  });

  it('reads further frames after garbage', () => {
    const reader = createReader('binary');
    expect(() => reader.read(Uint8Array.of(0xb5).buffer)).toThrow();
    expect(reader.read(packed(1))).toMatchObject({ data: 1 });
  });

  it('does not mix chunks of different connections', () => {
    const [first, second] = chunked('twelve bytes');
    expect(createReader('binary').read(first!)).toBeUndefined();
    expect(createReader('binary').read(second!)).toBeUndefined();
  });

  it('lets a remote peer set no prototype', () => {
    const frame = packed(JSON.parse('{"__proto__": {"isAdmin": true}}'));
    createReader('binary').read(frame);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

describe('binary reader keeps in memory of a chunk’s frame', () => {
  afterEach(() => void vi.restoreAllMocks());

  /** The piece that the assembler is handed of a chunk of `length` bytes with `padding` bytes behind it. */
  function pieceOf(length: number, padding: number): { data: Chunk['data']; frame: ArrayBuffer } {
    const add = vi.spyOn(ChunkAssembler.prototype, 'add');
    const data = Uint8Array.from({ length }, (_, index) => index & 0xff).buffer;
    const chunk = new Uint8Array(packed({ __peerData: 1, n: 0, data, total: 100 }));
    const frame = new Uint8Array([...chunk, ...new Uint8Array(padding)]).buffer;
    expect(createReader('binary').read(frame)).toBeUndefined();
    expect(add).toHaveBeenCalledOnce();
    const piece = add.mock.lastCall![0].data;
    expect(new Uint8Array(piece instanceof ArrayBuffer ? piece : piece.slice().buffer)).toEqual(new Uint8Array(data));
    return { data: piece, frame };
  }

  const keptBy = (data: Chunk['data']): number => (data instanceof ArrayBuffer ? data : data.buffer).byteLength;

  // A frame may hold a piece of one byte and 256 KiB of padding. A view of the piece would keep all of it in memory, but the
  // assembler counts only the piece.
  it.each([
    [1, 256 * 1024],
    [1000, 1000],
    [16_300, 256 * 1024],
  ])('only the piece, for a piece of %d bytes with %d bytes behind it', (length, padding) => {
    const { data, frame } = pieceOf(length, padding);
    expect(keptBy(data)).toBe(length);
    expect(data instanceof ArrayBuffer ? data : data.buffer).not.toBe(frame);
  });

  it.each([
    [16_300, 0],
    [16_300, 16_000],
  ])('less than twice the piece, for a piece of %d bytes with %d bytes behind it', (length, padding) => {
    const { data } = pieceOf(length, padding);
    expect(keptBy(data)).toBeLessThan(2 * length);
  });

  it('the whole frame, without a copy, if PeerJS made it', () => {
    const { data, frame } = pieceOf(16_300, 0);
    expect((data as Uint8Array).buffer).toBe(frame);
  });
});

describe('json reader', () => {
  it('returns the text unparsed', () => {
    const text = new TextEncoder().encode('{"a":"ä"}').buffer;
    expect(createReader('json').read(text)).toEqual({ text });
  });

  it('accepts text frames too', () => {
    expect(createReader('json').read('[1]')).toEqual({ text: new TextEncoder().encode('[1]').buffer });
  });
});

describe('raw reader', () => {
  it.each(['text', new Uint8Array([1, 2]).buffer])('returns the frame unchanged', (frame) => {
    expect(createReader('raw').read(frame)).toMatchObject({ data: frame });
  });

  it('recognizes no close requests', () => {
    expect(createReader('raw').read(packed(close))).toMatchObject({ data: packed(close) });
  });
});
