import { pack } from 'peerjs-js-binarypack';
import { describe, expect, it } from 'vitest';
import {
  ChunkAssembler,
  ChunkViolation,
  isChunk,
  MAX_HELD_BYTES,
  type Chunk,
  type WholeMessage,
} from '../../../../src/engine/data/chunk-assembler';
import { seededRandom } from '../../../support/random-values';

const PIECE = 1000;

function bytes(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (seed * 17 + index * 31) & 0xff);
}

/** A message as PeerJS's chunker cuts it. */
function chunksOf(id: number, message: Uint8Array): Chunk[] {
  const total = Math.ceil(message.length / PIECE);
  return Array.from({ length: total }, (_, n) => chunk(id, n, total, message.slice(n * PIECE, (n + 1) * PIECE)));
}

function chunk(id: number, n: number, total: number, data: Uint8Array | number = 10): Chunk {
  const { buffer } = typeof data === 'number' ? new Uint8Array(data) : data.slice();
  return { __peerData: id, n, total, data: buffer };
}

/** All messages that the assembler returns for these chunks. */
function assembled(assembler: ChunkAssembler, chunks: Chunk[]): Uint8Array[] {
  return chunks.flatMap((each) => assembler.add(each)?.bytes ?? []);
}

function shuffled<T>(items: T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

describe('ChunkAssembler', () => {
  it('returns a message with its last piece', () => {
    const message = bytes(2 * PIECE + 1);
    const assembler = new ChunkAssembler();
    const results = chunksOf(1, message).map((each) => assembler.add(each)?.bytes);
    expect(results).toEqual([undefined, undefined, message]);
  });

  it('accepts a message of one piece', () => {
    expect(assembled(new ChunkAssembler(), chunksOf(1, bytes(5)))).toEqual([bytes(5)]);
  });

  it('joins messages whose pieces come interleaved and out of order', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seededRandom(seed);
      const messages = Array.from({ length: 5 }, (_, id) => bytes(1 + Math.floor(random() * 5000), id));
      const chunks = shuffled(
        messages.flatMap((message, id) => chunksOf(id, message)),
        random,
      );
      const assembler = new ChunkAssembler();
      const wholes = assembled(assembler, chunks);
      const byText = (list: Uint8Array[]): string[] => list.map((each) => each.join()).sort();
      expect(byText(wholes), `seed ${seed}`).toEqual(byText(messages));
      expect(assembler.queuedBytes).toBe(0);
    }
  });

  it.each([15, 16, 300, 65_535, 65_536, 70_000])(
    'tells where %d bytes of raw data are a message of their own',
    (length) => {
      const message = new Uint8Array(pack(new Uint8Array(length).fill(5)) as ArrayBuffer);
      const assembler = new ChunkAssembler();
      const whole = chunksOf(1, message).reduce<WholeMessage | undefined>((_, each) => assembler.add(each), undefined);
      const isLarge = length > 15;
      expect(whole?.isRaw).toBe(isLarge);
      expect(whole?.bytes.length).toBe(isLarge ? length : message.length);
      expect(whole?.bytes.at(-1)).toBe(5);
    },
  );

  it.each([
    ['is shorter than it says', [0xda, 0, 9, 1, 2]],
    ['is longer than it says', [0xda, 0, 1, 1, 2]],
    ['ends in its header', [0xdb, 0, 0, 0]],
    ['is text', [0xb1, 0x61]],
  ])('takes a message that %s for no raw data', (_, bytesOfMessage) => {
    const message = Uint8Array.from(bytesOfMessage);
    expect(new ChunkAssembler().add(chunk(1, 0, 1, message))).toEqual({ bytes: message, isRaw: false });
  });

  it('finds the data of a raw message whose header is cut into pieces', () => {
    const message = new Uint8Array(pack(new Uint8Array(300).fill(5)) as ArrayBuffer);
    const assembler = new ChunkAssembler();
    assembler.add(chunk(1, 0, 2, message.slice(0, 1)));
    const whole = assembler.add(chunk(1, 1, 2, message.slice(1)));
    expect(whole).toEqual({ bytes: message, isRaw: false });
  });

  it('starts a new message under the ID of a finished one', () => {
    const assembler = new ChunkAssembler();
    const chunks = [...chunksOf(1, bytes(1500, 1)), ...chunksOf(1, bytes(2500, 2))];
    expect(assembled(assembler, chunks)).toEqual([bytes(1500, 1), bytes(2500, 2)]);
  });

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])('refuses %d pieces', (total) => {
    expect(() => new ChunkAssembler().add(chunk(1, 0, total))).toThrow(ChunkViolation);
  });

  it.each([-1, 0.5, 3, 4, NaN, -Infinity, 2 ** 53])('refuses piece %d of 3', (n) => {
    expect(() => new ChunkAssembler().add(chunk(1, n, 3))).toThrow(ChunkViolation);
  });

  it('refuses a message that would be too large by its first piece', () => {
    const most = Math.floor(MAX_HELD_BYTES / 1000) + 1;
    expect(() => new ChunkAssembler().add(chunk(1, 0, most + 1, 1000))).toThrow(ChunkViolation);
    expect(new ChunkAssembler().add(chunk(1, 0, most, 1000))).toBeUndefined();
  });

  it('refuses a huge total whose first piece is empty', () => {
    expect(() => new ChunkAssembler().add(chunk(1, 0, Number.MAX_SAFE_INTEGER, 0))).toThrow(ChunkViolation);
  });

  it('refuses a piece that comes twice', () => {
    const assembler = new ChunkAssembler();
    assembler.add(chunk(1, 1, 3));
    expect(() => assembler.add(chunk(1, 1, 3))).toThrow(ChunkViolation);
  });

  it.each([2, 4])('refuses a total that changes from 3 to %d', (total) => {
    const assembler = new ChunkAssembler();
    assembler.add(chunk(1, 0, 3));
    expect(() => assembler.add(chunk(1, 1, total))).toThrow(ChunkViolation);
  });

  it('limits the number of unfinished messages', () => {
    const assembler = new ChunkAssembler();
    for (let id = 0; id < 1024; id++) assembler.add(chunk(id, 0, 2));
    expect(() => assembler.add(chunk(1024, 0, 2))).toThrow(ChunkViolation);
  });

  it('has room for another message once one is finished', () => {
    const assembler = new ChunkAssembler();
    for (let id = 0; id < 1024; id++) assembler.add(chunk(id, 0, 2));
    assembler.add(chunk(7, 1, 2));
    expect(assembler.add(chunk(1024, 0, 2))).toBeUndefined();
  });

  it('limits the bytes of all unfinished messages together', () => {
    const assembler = new ChunkAssembler();
    // All pieces share one buffer, because only the count matters.
    const data = new ArrayBuffer(16 * 1024 * 1024);
    const add = (id: number): void => void assembler.add({ __peerData: id, n: 0, total: 2, data });
    const most = MAX_HELD_BYTES / data.byteLength - 1;
    for (let id = 0; id < most; id++) add(id);
    expect(assembler.queuedBytes).toBeGreaterThan(most * data.byteLength);
    expect(() => add(1000)).toThrow(ChunkViolation);
  });

  // An empty piece costs some hundred bytes of memory for a map entry and a buffer, but has no bytes to count.
  it('refuses pieces without bytes, which PeerJS never makes', () => {
    const assembler = new ChunkAssembler();
    expect(() => {
      for (let n = 0; n < 10_000; n++) assembler.add(chunk(1, n, 500_000_000, 0));
    }).toThrow(ChunkViolation);
  });

  it('counts an overhead for each piece', () => {
    const assembler = new ChunkAssembler();
    for (let n = 0; n < 1000; n++) assembler.add(chunk(1, n, 500_000_000, 1));
    expect(assembler.queuedBytes).toBeGreaterThan(50_000);
  });
});

describe('isChunk', () => {
  it('recognizes the chunks of PeerJS', () => {
    expect(isChunk(chunk(1, 0, 2))).toBe(true);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['text', '__peerData'],
    ['an empty object', {}],
    ['a close request', { __peerData: { type: 'close' } }],
    ['an object of the page', { __peerData: 1 }],
    ['a chunk without data', { __peerData: 1, n: 0, total: 1 }],
    ['a chunk whose data is text', { __peerData: 1, n: 0, total: 1, data: 'text' }],
    ['a chunk whose number is text', { __peerData: '1', n: 0, total: 1, data: new ArrayBuffer(1) }],
  ])('takes %s for none', (_, value) => {
    expect(isChunk(value)).toBe(false);
  });
});
