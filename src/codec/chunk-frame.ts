// PeerJS's framing of messages that are larger than CHUNK_SIZE: chunks, each packed by BinaryPack as
// `{ __peerData: id, n, data, total }` with the keys in this order (PeerJS
// lib/dataconnection/BufferedConnection/binaryPackChunker.ts).
import { CHUNK_SIZE } from './chunk-size';

const MAP_OF_4 = 0x84;
const KEY_PEER_DATA = shortString('__peerData');
const KEY_N = shortString('n');
const KEY_DATA = shortString('data');
const KEY_TOTAL = shortString('total');
const CHUNK_START = [MAP_OF_4, ...KEY_PEER_DATA];

/** True for a frame that starts like PeerJS's chunks. */
export function looksLikeChunk(frame: ArrayBuffer): boolean {
  if (frame.byteLength < CHUNK_START.length) return false;
  const start = new Uint8Array(frame, 0, CHUNK_START.length);
  return CHUNK_START.every((byte, index) => start[index] === byte);
}

/** Upper limit of a chunk frame's bytes in addition to its data. */
const MAX_OVERHEAD = 64;

/** Upper limit of a chunk frame, bytes. */
export const MAX_CHUNK_FRAME = CHUNK_SIZE + MAX_OVERHEAD;

/**
 * Writes the frame of chunk `n` of `total` of message `id` into `frame`, leaving a gap for the chunk's `length` bytes of
 * data. Returns the gap's offset and the frame's end.
 */
export function writeChunkFrame(
  frame: Uint8Array,
  { id, n, total, length }: { id: number; n: number; total: number; length: number },
): { dataOffset: number; end: number } {
  const head = [
    ...CHUNK_START,
    ...integer(id),
    ...KEY_N,
    ...integer(n),
    ...KEY_DATA,
    ...(length <= 0x0f ? [0xa0 + length] : [0xda, length >> 8, length & 0xff]),
  ];
  const tail = [...KEY_TOTAL, ...integer(total)];
  const dataOffset = head.length;
  frame.set(head);
  frame.set(tail, dataOffset + length);
  return { dataOffset, end: dataOffset + length + tail.length };
}

/** A string of at most 15 bytes: `b0`–`bf`, then the bytes. */
function shortString(text: string): number[] {
  return [0xb0 + text.length, ...new TextEncoder().encode(text)];
}

/** A non-negative integer in BinaryPack's shortest form. */
function integer(value: number): number[] {
  if (value <= 0x7f) return [value];
  if (value <= 0xff) return [0xcc, value];
  if (value <= 0xffff) return [0xcd, value >> 8, value & 0xff];
  if (value <= 0xffffffff) return [0xce, ...bigEndian(value)];
  return [0xd3, ...bigEndian(value / 2 ** 32), ...bigEndian(value)];
}

/** The low 32 bits of `value`. */
function bigEndian(value: number): number[] {
  return [(value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, (value >>> 0) & 0xff];
}
