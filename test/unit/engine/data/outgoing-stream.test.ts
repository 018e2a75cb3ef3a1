import { createHash } from 'node:crypto';
import { unpack } from 'peerjs-js-binarypack';
import { describe, expect, it } from 'vitest';
import { CHUNK_SIZE } from '../../../../src/codec/chunk-size';
import { OutgoingStream, StreamViolation } from '../../../../src/engine/data/outgoing-stream';
import { seededRandom } from '../../../support/random-values';

function makeStream() {
  const frames: Uint8Array[] = [];
  return { frames, stream: new OutgoingStream((frame) => void frames.push(frame.slice())) };
}

let fill = 0;
function bytes(length: number): Uint8Array {
  return new Uint8Array(length).fill(++fill);
}

/** The messages that a remote PeerJS reads from the frames, in order; undefined for one that stays incomplete. */
function received(frames: Uint8Array[]): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let pieces: Uint8Array[] = [];
  for (const frame of frames) {
    const piece = chunkOf(frame);
    if (!piece) {
      messages.push(frame);
      continue;
    }
    if (piece.n === 0) pieces = [];
    expect(piece.n).toBe(pieces.length);
    pieces.push(new Uint8Array(piece.data));
    if (pieces.length === piece.total) messages.push(Buffer.concat(pieces));
  }
  return messages;
}

interface Piece {
  __peerData: number;
  n: number;
  total: number;
  data: ArrayBuffer;
}

/** A frame that begins as PeerJS's chunks do: a map of four, with `__peerData` as its first key. */
function chunkOf(frame: Uint8Array): Piece | undefined {
  const isChunk = frame[0] === 0x84 && new TextDecoder().decode(frame.subarray(2, 12)) === '__peerData';
  return isChunk ? (unpack(frame.slice().buffer) as unknown as Piece) : undefined;
}

/** The messages' bytes, cut at random into batches that announce the messages beginning in them. */
function randomBatches(messages: Uint8Array[], random: () => number) {
  const batches: { announced: number[]; chunks: ArrayBuffer[] }[] = [];
  let batch = { announced: [] as number[], chunks: [] as ArrayBuffer[] };
  const cut = (): void => {
    if (random() < 0.3) batches.push(batch);
    else return;
    batch = { announced: [], chunks: [] };
  };
  for (const message of messages) {
    batch.announced.push(message.length);
    cut();
    for (let start = 0; start < message.length;) {
      const length = 1 + Math.floor(random() ** 3 * 40_000);
      batch.chunks.push(message.slice(start, start + length).buffer);
      start += length;
      cut();
    }
  }
  batches.push(batch);
  return batches;
}

function randomLength(random: () => number): number {
  const lengths = [0, 1, 2, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE, 2 * CHUNK_SIZE + 1, 70_000];
  return random() < 0.5 ? lengths[Math.floor(random() * lengths.length)]! : Math.floor(random() ** 4 * 100_000);
}

describe('OutgoingStream', () => {
  it('sends a message that fits as one frame', () => {
    const { stream, frames } = makeStream();
    const message = bytes(CHUNK_SIZE);
    stream.push([CHUNK_SIZE], [message.slice().buffer]);
    expect(frames).toEqual([message]);
  });

  it('cuts a message that does not fit into PeerJS’s chunks', () => {
    const { stream, frames } = makeStream();
    const message = bytes(CHUNK_SIZE + 1);
    stream.push([message.length], [message.slice().buffer]);
    expect(frames.map(chunkOf)).toEqual([
      { __peerData: 1, n: 0, total: 2, data: message.slice(0, CHUNK_SIZE).buffer },
      { __peerData: 1, n: 1, total: 2, data: message.slice(CHUNK_SIZE).buffer },
    ]);
  });

  it('gives IDs only to chunked messages', () => {
    const { stream, frames } = makeStream();
    const lengths = [20_000, 10, 20_000];
    stream.push(lengths, [new ArrayBuffer(40_010)]);
    expect(frames.map((frame) => chunkOf(frame)?.__peerData)).toEqual([1, 1, undefined, 2, 2]);
  });

  it('sends each frame as soon as its bytes have come', () => {
    const { stream, frames } = makeStream();
    stream.push([CHUNK_SIZE + 5], [new ArrayBuffer(CHUNK_SIZE - 1)]);
    expect(frames).toHaveLength(0);
    stream.push([], [new ArrayBuffer(1)]);
    expect(frames).toHaveLength(1);
    stream.push([], [new ArrayBuffer(5)]);
    expect(frames).toHaveLength(2);
  });

  it('sends empty messages in order', () => {
    const { stream, frames } = makeStream();
    stream.push([0, 2, 0, 0], [new ArrayBuffer(2)]);
    expect(frames.map(({ length }) => length)).toEqual([0, 2, 0, 0]);
  });

  it('keeps message boundaries however the bytes are cut', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = seededRandom(seed);
      const { stream, frames } = makeStream();
      const messages = Array.from({ length: 1 + Math.floor(random() * 12) }, () => bytes(randomLength(random)));
      for (const { announced, chunks } of randomBatches(messages, random)) stream.push(announced, chunks);
      expect(received(frames).map(digest), `seed ${seed}`).toEqual(messages.map(digest));
    }
  });

  it('ignores empty chunks', () => {
    const { stream, frames } = makeStream();
    stream.push([], [new ArrayBuffer(0)]);
    stream.push([1], [new ArrayBuffer(0), new ArrayBuffer(1), new ArrayBuffer(0)]);
    expect(frames).toHaveLength(1);
  });

  it.each([
    ['none', []],
    ['a shorter one', [2]],
    ['only empty ones', [0, 0]],
  ])('refuses bytes where %s was announced', (_, announced) => {
    const { stream } = makeStream();
    expect(() => stream.push(announced, [new ArrayBuffer(3)])).toThrow(StreamViolation);
  });

  it('aborts the current message and continues with the next', () => {
    const { stream, frames } = makeStream();
    const next = bytes(3);
    stream.push([40_000, 3], [new ArrayBuffer(CHUNK_SIZE + 10)]);
    stream.abortMessage();
    stream.push([], [next.slice().buffer]);
    expect(frames).toHaveLength(2);
    expect(frames[1]).toEqual(next);
  });

  it('does not reuse the ID of an aborted message', () => {
    const { stream, frames } = makeStream();
    stream.push([40_000], [new ArrayBuffer(CHUNK_SIZE)]);
    stream.abortMessage();
    stream.push([20_000], [new ArrayBuffer(20_000)]);
    expect(frames.map((frame) => chunkOf(frame)?.__peerData)).toEqual([1, 2, 2]);
  });

  it('drops all announced messages on reset, and continues with a new page', () => {
    const { stream, frames } = makeStream();
    stream.push([40_000, 3, 0, 7], [new ArrayBuffer(CHUNK_SIZE + 10)]);
    stream.reset();
    const next = bytes(20_000);
    stream.push([next.length, 0], [next.slice().buffer]);
    expect(frames.map((frame) => chunkOf(frame)?.__peerData)).toEqual([1, 2, 2, undefined]);
    expect(received(frames.slice(1)).map(digest)).toEqual([next, new Uint8Array(0)].map(digest));
  });

  it('aborts nothing between messages', () => {
    const { stream, frames } = makeStream();
    stream.push([1], [new ArrayBuffer(1)]);
    stream.abortMessage();
    stream.push([1], [new ArrayBuffer(1)]);
    expect(frames).toHaveLength(2);
  });

  it('reserves no memory for a huge announced message', () => {
    const { stream, frames } = makeStream();
    stream.push([Number.MAX_SAFE_INTEGER], [new ArrayBuffer(CHUNK_SIZE)]);
    expect(frames).toHaveLength(1);
  });

  // Announcements cost no credit: a page could post 65 million of them in a second.
  it('limits the number of announced messages', () => {
    const { stream } = makeStream();
    const announced = Array.from({ length: 65_536 }, () => 1);
    expect(() => {
      for (let batch = 0; batch < 64; batch++) stream.push(announced, []);
    }).toThrow(StreamViolation);
  });
});

/** A short form, so that a failure is readable. */
function digest(message: Uint8Array): string {
  return `${message.length} ${createHash('sha256').update(message).digest('hex')}`;
}
