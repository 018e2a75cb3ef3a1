// Describes a value in one line of text that contains everything a transport could change: type, realm, key order and bytes. Two
// values count as equal if and only if their descriptions are equal.

const HEX_LIMIT_BYTES = 64;
const TEXT_LIMIT = 120;
const ITEM_LIMIT = 40;

export function describe(value: unknown): string {
  if (typeof value === 'string') return describeText(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'function') return 'function';
  if (typeof value === 'undefined') return 'undefined';
  if (typeof value !== 'object') return (value as bigint | boolean | symbol).toString();
  if (value === null) return 'null';
  if (Array.isArray(value)) return describeArray(value);
  if (value instanceof ArrayBuffer) return `ArrayBuffer${describeBytes(new Uint8Array(value))}`;
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name}${describeBytes(bytes)}`;
  }
  if (value instanceof MediaStream) return `MediaStream(${kindsOf(value)})`;
  // The reference is minified, so the class name of its PeerError is meaningless.
  if (value instanceof Error) return (value as { type?: string }).type ?? value.constructor.name;
  return describeObject(value);
}

function kindsOf(stream: MediaStream): string {
  const kinds = stream.getTracks().map(({ kind }) => kind);
  return kinds.sort().join(', ');
}

function describeText(text: string): string {
  // JSON escapes a lone surrogate, so it cannot be mistaken for U+FFFD.
  if (text.length <= TEXT_LIMIT) return JSON.stringify(text);
  const units = new Uint8Array(Uint16Array.from(text, (_, index) => text.charCodeAt(index)).buffer);
  return `string of ${text.length} #${fingerprint(units)}`;
}

function describeArray(array: unknown[]): string {
  const items = Array.from(array, (item, index) => (index in array ? describe(item) : 'hole'));
  if (items.length <= ITEM_LIMIT) return `[${items.join(', ')}]`;
  return `array of ${items.length} #${fingerprint(new TextEncoder().encode(items.join()))}`;
}

function describeObject(object: object): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  const entries = Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}: ${describe(value)}`);
  const body =
    entries.length <= ITEM_LIMIT
      ? `{${entries.join(', ')}}`
      : `{${entries.length} keys #${fingerprint(new TextEncoder().encode(entries.join()))}}`;
  if (prototype === Object.prototype) return body;
  if (prototype === null) return `null-prototype ${body}`;
  return `${(prototype as { constructor: { name: string } }).constructor.name} ${body}`;
}

function describeBytes(bytes: Uint8Array): string {
  if (bytes.length > HEX_LIMIT_BYTES) return `(${bytes.length}) #${fingerprint(bytes)}`;
  return `(${bytes.length}) ${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Two 32-bit FNV-1a hashes, one of them from the end: enough to notice any accidental change. */
function fingerprint(bytes: Uint8Array): string {
  let forward = 0x811c9dc5;
  let backward = 0x811c9dc5;
  for (let index = 0; index < bytes.length; index++) {
    forward = Math.imul(forward ^ bytes[index]!, 0x01000193);
    backward = Math.imul(backward ^ bytes[bytes.length - 1 - index]!, 0x01000193);
  }
  return ((forward >>> 0).toString(16) + (backward >>> 0).toString(16)).padStart(16, '0');
}
