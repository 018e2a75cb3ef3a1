// Frames of data channels for each serialization: valid ones as PeerJS sends them, and hostile variants.
import { MAX_CHUNK_FRAME, writeChunkFrame } from '../../../src/codec/chunk-frame';
import { CHUNK_SIZE } from '../../../src/codec/chunk-size';
import { pack } from '../../../src/codec/packer';
import { randomValue } from '../../support/random-values';
import { joined, jsonText, mutated, mutatedBytes, mutatedText } from '../mutate';
import type { Random } from '../random';

export type Frame = string | Uint8Array<ArrayBuffer>;

export const SERIALIZATIONS = ['binary', 'binary-utf8', 'json', 'raw'] as const;
export type Serialization = (typeof SERIALIZATIONS)[number];

/** The packed value. `value` must not contain a Blob, so that all segments are bytes. */
export function packedBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return joined(...pack(value).segments.map((segment) => new Uint8Array(segment as ArrayBuffer)));
}

/** One frame, or the frames of one message. */
export function hostileFrames(random: Random, serialization: Serialization): Frame[] {
  if (random.chance(0.05)) return [random.chance(0.5) ? 'text' : random.bytes(random.below(300))];
  if (serialization === 'json') return [jsonFrame(random)];
  if (serialization === 'raw') return [random.chance(0.5) ? random.bytes(random.below(3000)) : longText(random)];
  return random.pick([
    () => [packedBytes(randomValue(random.next, 3))],
    () => [mutatedBytes(packedBytes(randomValue(random.next, 3)), random)],
    () => [deepFrame(random)],
    () => [announcement(random)],
    () => chunkFrames(random),
    () => [packedBytes({ __peerData: random.pick([1, 'x', null, { type: 'closed' }, { type: null }, [1]]) })],
    () => [peerDataFrame(random)],
    () => [mapWithKey('__proto__', random)],
  ])();
}

function jsonFrame(random: Random): Frame {
  const text = jsonText(
    random.chance(0.5) ? randomValue(random.next, 3) : mutated({ a: [1, 'b', { c: null }] }, random, true),
  );
  const bytes = new TextEncoder().encode(random.chance(0.4) ? mutatedText(text, random) : text);
  const sent = random.chance(0.2) ? mutatedBytes(bytes, random) : bytes;
  return random.chance(0.2) ? new TextDecoder().decode(sent) : sent;
}

function longText(random: Random): string {
  return random.pick(['x', '\u0000', '漢']).repeat(random.pick([0, 1, 100, 60_000]));
}

/** Deeply nested arrays or maps, one or three bytes per level. */
function deepFrame(random: Random): Uint8Array<ArrayBuffer> {
  const depth = random.pick([100, 200, 500, 1000, 2000, 4000, 8000, 60_000]);
  const level = random.chance(0.5) ? [0x91] : [0x81, 0xb1, 0x61];
  return joined(Uint8Array.from(Array.from({ length: depth }, () => level).flat()), Uint8Array.of(0xc0));
}

/** A type whose announced length exceeds the data. */
function announcement(random: Random): Uint8Array<ArrayBuffer> {
  const type = random.pick([0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xcf, 0xcb, 0xc1]);
  return joined(Uint8Array.of(type), random.bytes(random.below(12)));
}

function peerDataFrame(random: Random): Uint8Array<ArrayBuffer> {
  const chunk = {
    __peerData: random.below(3),
    n: random.below(3),
    data: random.bytes(4).buffer,
    total: random.below(4),
  };
  try {
    return packedBytes(mutated(chunk, random, true));
  } catch {
    // The packer throws on deep nesting.
    return deepFrame(random);
  }
}

function mapWithKey(key: string, random: Random): Uint8Array<ArrayBuffer> {
  return joined(
    Uint8Array.of(0x82),
    packedBytes(key),
    packedBytes({ polluted: true }),
    packedBytes(random.pick(['constructor', 'then', 'toJSON'])),
    packedBytes(randomValue(random.next, 1)),
  );
}

/** The chunks of a message: complete, incomplete or contradictory. */
function chunkFrames(random: Random): Frame[] {
  const id = random.between(1, 3);
  const total = random.pick([1, 2, 3, 5]);
  const frames = random.times(total, (n) => chunkFrame({ id, n, total, data: random.bytes(random.below(300)) }));
  // A complete message, so that the host also unpacks joined chunks.
  if (random.chance(0.3)) return wholeMessage(id, packedBytes(randomValue(random.next, 3)), random);
  return random.pick<() => Frame[]>([
    () => frames.slice(1),
    () => random.shuffled(frames),
    () => [...frames, random.pick(frames)],
    () => [chunkFrame({ id, n: total, total, data: random.bytes(3) })],
    () => [...frames.slice(1), chunkFrame({ id, n: 0, total: total + 1, data: random.bytes(3) })],
    () => [
      chunkFrame({ id, n: 0, total: random.pick([0, 2 ** 16, 2 ** 31, 2 ** 40, 2 ** 53]), data: random.bytes(3) }),
    ],
    () => frames.map((frame) => mutatedBytes(frame, random)),
  ])();
}

function wholeMessage(id: number, bytes: Uint8Array<ArrayBuffer>, random: Random): Frame[] {
  const size = Math.min(CHUNK_SIZE, Math.ceil(bytes.length / random.between(1, 4)));
  const count = Math.ceil(bytes.length / size);
  return random.times(count, (n) => chunkFrame({ id, n, total: count, data: bytes.slice(n * size, (n + 1) * size) }));
}

interface ChunkParts {
  id: number;
  n: number;
  total: number;
  data: Uint8Array<ArrayBuffer>;
}

function chunkFrame({ id, n, total, data }: ChunkParts): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(MAX_CHUNK_FRAME);
  const { dataOffset, end } = writeChunkFrame(frame, { id, n, total, length: data.length });
  frame.set(data, dataOffset);
  return frame.slice(0, end);
}
