// A packed message on its way to the host: segments that fit a connection's window, and Blobs that are read only when
// their turn comes.

/**
 * Bytes that cross the port in one piece, and that the host processes at a stretch. Large enough that the cost of a port
 * message (some tenths of a millisecond on a busy machine) does not matter.
 */
export const SEGMENT_SIZE = 256 * 1024;

export interface PackedMessage {
  /** All bytes, including those of unread Blobs. */
  byteLength: number;
  segments: (ArrayBuffer | Blob)[];
}

/** Copies `bytes` into segments of at most SEGMENT_SIZE bytes. */
export function segmentsOf(bytes: Uint8Array): ArrayBuffer[] {
  const segments: ArrayBuffer[] = [];
  for (let start = 0; start < bytes.length; start += SEGMENT_SIZE) {
    segments[segments.length] = bytes.slice(start, start + SEGMENT_SIZE).buffer;
  }
  return segments;
}
