// PeerJS's serialization "binary": BinaryPack, by the package PeerJS itself uses, so that bytes and thrown errors are
// the same by construction. Packing happens in the page, where PeerJS throws synchronously; unpacking in the host.
import { pack as packValue, unpack as unpackValue } from 'peerjs-js-binarypack';

/**
 * Part of a packed message that crosses the port in one piece, bytes. Small enough that a piece always fits the window
 * of a connection, large enough that the cost of a message to another process does not matter.
 */
export const SEGMENT_SIZE = 64 * 1024;

/** A packed message: its length in bytes is known before its Blobs are read. */
export interface PackedMessage {
  byteLength: number;
  segments: (ArrayBuffer | Blob)[];
}

type BinaryData = ArrayBuffer | ArrayBufferView;

/** Throws what PeerJS throws for values BinaryPack has no type for; a promise where a Blob is nested in `data`. */
export function pack(data: unknown): PackedMessage | Promise<PackedMessage> {
  if (data instanceof Blob) return packBlob(data);
  if (isBinary(data) && data.byteLength > SEGMENT_SIZE) return packBinary(data);
  const packed = packValue(data as never) as ArrayBuffer | Promise<ArrayBuffer>;
  return packed instanceof ArrayBuffer ? splitBytes(packed) : packed.then(splitBytes);
}

/** The value that PeerJS would have got, or an exception where the bytes are no BinaryPack. */
export function unpack(bytes: ArrayBuffer): unknown {
  return unpackValue(bytes);
}

/** `bytes` as a message of segments that are small enough to cross the port. */
export function splitBytes(bytes: ArrayBuffer): PackedMessage {
  const { byteLength } = bytes;
  if (byteLength <= SEGMENT_SIZE) return { byteLength, segments: [bytes] };
  const segments: ArrayBuffer[] = [];
  for (let start = 0; start < byteLength; start += SEGMENT_SIZE)
    segments.push(bytes.slice(start, start + SEGMENT_SIZE));
  return { byteLength, segments };
}

/** A Blob at top level is not read here: its header needs only the size, so a file of any size costs no memory. */
function packBlob(blob: Blob): PackedMessage {
  const header = rawHeader(blob.size);
  return { byteLength: header.byteLength + blob.size, segments: blob.size > 0 ? [header, blob] : [header] };
}

/** Copies large binary data once, straight into segments; BinaryPack and the port would copy it twice more. */
function packBinary(data: BinaryData): PackedMessage {
  const bytes =
    data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const header = rawHeader(bytes.byteLength);
  const segments: ArrayBuffer[] = [header];
  for (let start = 0; start < bytes.byteLength; start += SEGMENT_SIZE) {
    segments.push(bytes.slice(start, start + SEGMENT_SIZE).buffer);
  }
  return { byteLength: header.byteLength + bytes.byteLength, segments };
}

/** BinaryPack tells typed arrays from other views by `BYTES_PER_ELEMENT`; a DataView takes its own way there. */
function isBinary(data: unknown): data is BinaryData {
  return data instanceof ArrayBuffer || (ArrayBuffer.isView(data) && 'BYTES_PER_ELEMENT' in data);
}

/** BinaryPack's header of raw bytes: `a0`–`af`, `da` with 16 bits, `db` with 32 bits of length. */
function rawHeader(length: number): ArrayBuffer {
  if (length <= 0x0f) return Uint8Array.of(0xa0 + length).buffer;
  if (length <= 0xffff) return Uint8Array.of(0xda, length >> 8, length & 0xff).buffer;
  if (length > 0xffffffff) throw new Error('Invalid length');
  const header = new DataView(new ArrayBuffer(5));
  header.setUint8(0, 0xdb);
  header.setUint32(1, length);
  return header.buffer;
}

export { packValue, unpackValue };
