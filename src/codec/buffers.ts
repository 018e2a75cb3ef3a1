// PeerJS's `util.pack`: packs a value with BinaryPack into a single buffer.
import type { PackedMessage } from './packed-message';
import { pack } from './packer';

/** Returns an ArrayBuffer, or a promise of it if `data` contains a Blob that must be read. Throws like `pack`. */
export function packToBuffer(data: unknown): ArrayBuffer | Promise<ArrayBuffer> {
  const { byteLength, segments } = pack(data);
  for (let index = 0; index < segments.length; index++) {
    if (segments[index] instanceof Blob) return new Blob(segments).arrayBuffer();
  }
  return joined({ byteLength, segments });
}

function joined({ byteLength, segments }: PackedMessage): ArrayBuffer {
  const bytes = new Uint8Array(byteLength);
  let offset = 0;
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] as ArrayBuffer;
    bytes.set(new Uint8Array(segment), offset);
    offset += segment.byteLength;
  }
  return bytes.buffer;
}
