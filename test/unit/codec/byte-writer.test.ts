import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../src/codec/byte-writer';

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  const bytes = writer.view(0, writer.length).slice();
  writer.release();
  return bytes;
}

describe('ByteWriter', () => {
  it('writes numbers big-endian', () => {
    const bytes = written((writer) => {
      writer.byte(1);
      writer.uint16(0x0203);
      writer.uint32(0x04050607);
      writer.uint32(-1);
    });
    expect(bytes).toEqual(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 255, 255, 255, 255]));
  });

  it('keeps the written bytes when it grows', () => {
    const large = new Uint8Array(20_000).map((_, index) => index & 0xff);
    const bytes = written((writer) => {
      writer.byte(42);
      writer.bytes(large);
      writer.uint16(7);
    });
    expect(bytes).toEqual(Uint8Array.from([42, ...large, 0, 7]));
  });

  it.each(['', 'short', 'x'.repeat(32), 'x'.repeat(33), 'ä', `${'x'.repeat(31)}€`, '\ud800'])(
    'passes the UTF-8 length of %j to the header before it writes the text',
    (text) => {
      const utf8 = new TextEncoder().encode(text);
      const bytes = written((writer) => writer.text(text, (byteLength) => writer.byte(byteLength)));
      expect(bytes).toEqual(Uint8Array.from([utf8.length, ...utf8]));
    },
  );

  it('does not disturb another writer in use', () => {
    const outer = new ByteWriter();
    outer.byte(1);
    written((inner) => inner.uint32(0xffffffff));
    outer.byte(2);
    expect(outer.view(0, outer.length)).toEqual(Uint8Array.from([1, 2]));
  });
});
