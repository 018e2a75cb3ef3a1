// A packed message on its way to the host: in segments that fit a connection's window, with Blobs that are read only when
// their turn comes.

/**
 * Bytes that cross the port in one piece: what the host works through at a stretch, and large enough that the cost of a
 * message to another process, some tenths of a millisecond on a busy machine, does not matter.
 */
export const SEGMENT_SIZE = 256 * 1024;

export interface PackedMessage {
  /** All bytes, those of unread Blobs included. */
  byteLength: number;
  segments: (ArrayBuffer | Blob)[];
}

/** Copies of `bytes`, each at most SEGMENT_SIZE long. */
export function segmentsOf(bytes: Uint8Array): ArrayBuffer[] {
  const segments: ArrayBuffer[] = [];
  for (let start = 0; start < bytes.length; start += SEGMENT_SIZE) {
    segments[segments.length] = bytes.slice(start, start + SEGMENT_SIZE).buffer;
  }
  return segments;
}
