// Blobs that are read without delay, because the test has their bytes, and Blobs that cannot be read to their end, like a
// file that changes on disk. Import this before anything that captures Blob's methods.

const contents = new WeakMap<Blob, { bytes: Uint8Array<ArrayBuffer>; readable: number }>();
const original = Object.getOwnPropertyDescriptors(Blob.prototype);

Blob.prototype.slice = function (this: Blob, start = 0, end?: number) {
  const content = contents.get(this);
  if (!content) return original.slice.value!.call(this, start, end);
  return fakeBlob(content.bytes.slice(start, end), content.readable - start);
};

Blob.prototype.arrayBuffer = async function (this: Blob) {
  const content = contents.get(this);
  if (!content) return original.arrayBuffer.value!.call(this);
  if (content.bytes.length > content.readable) throw new DOMException('The file has changed.', 'NotReadableError');
  return content.bytes.slice().buffer;
};

/** A Blob whose reads fail beyond the first `readable` bytes. */
export function fakeBlob(bytes: Uint8Array<ArrayBuffer>, readable = Infinity): Blob {
  const blob = new Blob([bytes]);
  contents.set(blob, { bytes, readable });
  return blob;
}
