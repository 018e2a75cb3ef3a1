import { pack } from 'peerjs-js-binarypack';
import { describe, expect, it } from 'vitest';
import { MAX_CHUNK_FRAME, writeChunkFrame } from '../../../src/codec/chunk-frame';
import { CHUNK_SIZE } from '../../../src/codec/chunk-size';

/** The numbers around which BinaryPack's integers grow. */
const INTEGERS = [0, 1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
/** The lengths around which the header of raw bytes grows. */
const LENGTHS = [0, 1, 15, 16, 17, 255, 256, 300, CHUNK_SIZE - 1, CHUNK_SIZE];

function frameOf(id: number, n: number, total: number, data: Uint8Array): Uint8Array {
  // A reused buffer holds bytes of the previous frame, which must not show in the next one.
  const frame = new Uint8Array(MAX_CHUNK_FRAME).fill(0xee);
  const { dataOffset, end } = writeChunkFrame(frame, { id, n, total, length: data.length });
  frame.set(data, dataOffset);
  return frame.subarray(0, end);
}

function referenceFrame(id: number, n: number, total: number, data: Uint8Array): Uint8Array {
  return new Uint8Array(pack({ __peerData: id, n, data, total }) as ArrayBuffer);
}

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + 1) & 0xff);
}

describe('writeChunkFrame', () => {
  it.each(INTEGERS)('writes the ID %d as peerjs-js-binarypack does', (id) => {
    expect(frameOf(id, 1, 2, bytes(20))).toEqual(referenceFrame(id, 1, 2, bytes(20)));
  });

  it.each(INTEGERS)('writes the chunk number %d as peerjs-js-binarypack does', (n) => {
    expect(frameOf(1, n, 2, bytes(20))).toEqual(referenceFrame(1, n, 2, bytes(20)));
  });

  it.each(INTEGERS)('writes the total %d as peerjs-js-binarypack does', (total) => {
    expect(frameOf(1, 1, total, bytes(20))).toEqual(referenceFrame(1, 1, total, bytes(20)));
  });

  it.each(LENGTHS)('frames %d bytes as peerjs-js-binarypack does', (length) => {
    expect(frameOf(3, 4, 5, bytes(length))).toEqual(referenceFrame(3, 4, 5, bytes(length)));
  });

  it('writes every combination of boundaries as peerjs-js-binarypack does', () => {
    for (const id of INTEGERS) {
      for (const total of INTEGERS) {
        const data = bytes(total % 40);
        expect(frameOf(id, total, id, data), `${id} ${total}`).toEqual(referenceFrame(id, total, id, data));
      }
    }
  });

  it('makes a full chunk as long as PeerJS’s', () => {
    expect(frameOf(1, 0, 2, bytes(CHUNK_SIZE))).toHaveLength(16_331);
  });

  // Only a message of more than 70 TB has so many chunks, but a page may announce it. The package writes d3.
  it('writes totals of more than 32 bits as peerjs-js-binarypack does', () => {
    expect(frameOf(1, 0, 2 ** 32, bytes(20))).toEqual(referenceFrame(1, 0, 2 ** 32, bytes(20)));
  });
});
