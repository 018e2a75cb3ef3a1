// The payloads for the tests of every serialization, each with what PeerJS 1.5.5 delivers. Used by pages, which send and receive
// them, and by specs, which need the names and expectations.

export interface Payload {
  readonly name: string;
  /** Called in the sending page for each send. */
  readonly make: () => unknown;
  /** What the other end gets. Default: `make()`. */
  readonly arrives?: () => unknown;
  /** Nothing is delivered, because the receiver fails internally. */
  readonly lost?: true;
  /** The class of the error that `send()` throws. */
  readonly throws?: string;
  /** The `type` of the `error` event on the sending connection; nothing is delivered. */
  readonly error?: string;
}

export type Family = 'binary' | 'large' | 'json' | 'raw';

/** Bytes with a period of 251, so that a swapped or lost chunk is noticed. */
export function patterned(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = (index + (index >> 8)) % 251;
  return bytes;
}

function buffer(length: number): ArrayBuffer {
  return patterned(length).buffer as ArrayBuffer;
}

function text(length: number): string {
  return 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26)).slice(0, length);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function keyed(length: number): Record<string, number> {
  return Object.fromEntries(range(length).map((index) => [`key${index}`, index]));
}

function nested(depth: number): unknown {
  return depth === 0 ? 'innermost' : { inner: nested(depth - 1), list: [depth] };
}

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get length() {
    return Math.hypot(this.x, this.y);
  }
}

const STRINGS: Payload[] = [
  ['empty', ''],
  ['of one character', 'a'],
  ['of 15 bytes', text(15)],
  ['of 16 bytes', text(16)],
  ['of two-byte characters', 'üßéñ'.repeat(20)],
  ['of three-byte characters', '漢字かな交じり文'],
  ['of emoji', '👩‍👩‍👧‍👦🏳️‍🌈🎉'],
  ['with NUL, BOM and separators', '\u0000\ufeff\u2028\u2029\u009f\u00a0'],
  ['that looks like markup', '</script><!-- "\\" -->'],
  ['of 4 000 characters', text(4_000)],
].map(([name, value]) => ({ name: `string ${name}`, make: () => value }));

const LONE_SURROGATES: Payload[] = [
  { name: 'string with a lone high surrogate', make: () => 'a\ud83db', arrives: () => 'a\ufffdb' },
  { name: 'string with a lone low surrogate', make: () => '\ude00', arrives: () => '\ufffd' },
];

const EXACT_NUMBERS: Payload[] = [
  ...[0, 1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536],
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER, 2 ** 62],
  ...[-1, -32, -33, -127, -128, -129, -32_768, -32_769, -(2 ** 31)],
  ...[0.5, -0.5, 1.5, -1.5, Math.PI, -Math.E, 0.1, 1e-7, 123_456.789, 1e-300, Number.EPSILON],
].map((value) => ({ name: `number ${value}`, make: () => value }));

/** BinaryPack 2.1.0's arithmetic is wrong for these numbers. Pages rely on PeerJS, so Peerport has to give the same results. */
const INEXACT_NUMBERS: Payload[] = [
  { name: 'number -0', make: () => -0, arrives: () => 0 },
  { name: 'number NaN', make: () => NaN, arrives: () => 1.1125369292536007e-308 },
  { name: 'number MIN_VALUE', make: () => Number.MIN_VALUE, arrives: () => -1.596672247627776e293 },
  { name: 'number -2^31 - 1', make: () => -(2 ** 31) - 1, arrives: () => -(2 ** 31) },
  { name: 'number -2^53 + 1', make: () => -(2 ** 53) + 1, arrives: () => -(2 ** 53) },
  { name: 'number -2^63', make: () => -(2 ** 63) },
  { name: 'number 2^63', make: () => 2 ** 63, arrives: () => -(2 ** 63) },
  { name: 'number 2^64', make: () => 2 ** 64, arrives: () => 0 },
];

const SIMPLE: Payload[] = [
  { name: 'true', make: () => true },
  { name: 'false', make: () => false },
  { name: 'null inside', make: () => [null, { a: null }] },
  { name: 'empty array', make: () => [] },
  { name: 'empty object', make: () => ({}) },
  { name: 'array of mixed values', make: () => [1, 'two', false, null, [3, [4]], { five: 5 }] },
  { name: 'array of 15', make: () => range(15) },
  { name: 'array of 16', make: () => range(16) },
  { name: 'array of 2 000', make: () => range(2_000) },
  { name: 'object of 15 keys', make: () => keyed(15) },
  { name: 'object of 16 keys', make: () => keyed(16) },
  { name: 'object of 500 keys', make: () => keyed(500) },
  { name: 'object 60 deep', make: () => nested(60) },
  { name: 'object with awkward keys', make: () => ({ '': 0, 1: 'one', 'a b': true, ключ: 'значение', '🔑': [] }) },
  { name: 'object with a false __peerData', make: () => ({ __peerData: 0, data: 'mine' }) },
  { name: 'class instance', make: () => new Point(3, 4), arrives: () => ({ x: 3, y: 4 }) },
];

const TYPED_ARRAYS: Payload[] = [
  new Int8Array([-128, 0, 127]),
  new Uint8Array([0, 128, 255]),
  new Uint8ClampedArray([0, 255]),
  new Int16Array([-32_768, 32_767]),
  new Uint16Array([1, 65_535]),
  new Int32Array([-(2 ** 31), 2 ** 31 - 1]),
  new Uint32Array([1, 2 ** 32 - 1]),
  new Float32Array([0.5, -1]),
  new Float64Array([Math.PI, -0]),
  new BigInt64Array([-1n, 2n ** 62n]),
  new BigUint64Array([2n ** 64n - 1n]),
  new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4),
].map((view) => ({
  name: `${view.constructor.name} of ${view.length}`,
  make: () => view,
  arrives: () => new Uint8Array(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).buffer,
}));

const BUFFERS: Payload[] = [0, 1, 15, 16, 255, 256].map((length) => ({
  name: `ArrayBuffer of ${length}`,
  make: () => buffer(length),
}));

const BLOBS: Payload[] = [
  { name: 'empty Blob', make: () => new Blob([]), arrives: () => buffer(0) },
  { name: 'Blob', make: () => new Blob([buffer(1_000)]), arrives: () => buffer(1_000) },
  { name: 'File', make: () => new File([buffer(333)], 'a.bin', { type: 'image/png' }), arrives: () => buffer(333) },
];

/**
 * Sizes around 16 300 bytes, above which PeerJS splits a message into chunks, and larger ones. The header takes 3 bytes, or 5 from
 * 64 KiB on. Binary data in a chunked message arrives as Uint8Array at every depth, because PeerJS slices it from one.
 */
const CHUNKED: Payload[] = [
  ...[16_296, 16_297, 16_298, 32_597, 32_598, 65_535, 65_536].map((length) => ({
    name: `string of ${length} bytes`,
    make: () => text(length),
  })),
  { name: 'ArrayBuffer of 16297 bytes', make: () => buffer(16_297) },
  ...[16_298, 32_597, 32_598, 65_535, 65_536, 102_400].map((length) => ({
    name: `ArrayBuffer of ${length} bytes`,
    make: () => buffer(length),
    arrives: () => patterned(length),
  })),
  { name: 'File of 100 KiB', make: () => new File([buffer(102_400)], 'b'), arrives: () => patterned(102_400) },
  {
    name: 'object of 100 KiB',
    make: () => ({ head: 'x', body: buffer(102_400), list: [buffer(3)] }),
    arrives: () => ({ head: 'x', body: patterned(102_400), list: [patterned(3)] }),
  },
  { name: 'array of 5 000 numbers', make: () => range(5_000) },
];

const LARGE: Payload[] = [
  ...[1_048_576, 5_242_880].map((length) => ({
    name: `ArrayBuffer of ${length} bytes`,
    make: () => buffer(length),
    arrives: () => patterned(length),
  })),
  { name: 'Blob of 1 MiB', make: () => new Blob([buffer(1_048_576)]), arrives: () => patterned(1_048_576) },
  { name: 'string of 1 MiB', make: () => text(1_048_576) },
];

const BINARY_ONLY: Payload[] = [
  { name: 'undefined inside', make: () => [undefined, { a: undefined }], arrives: () => [null, { a: null }] },
  { name: 'array with holes', make: () => [1, , 3], arrives: () => [1, null, 3] }, // eslint-disable-line no-sparse-arrays
  // BinaryPack recognises views by BYTES_PER_ELEMENT, which a DataView does not have.
  { name: 'DataView', make: () => new DataView(buffer(10), 2, 5), throws: 'Error' },
  { name: 'Date', make: () => new Date(1_700_000_000_123), arrives: () => String(new Date(1_700_000_000_123)) },
  {
    name: 'Date inside',
    make: () => ({ at: [new Date(0)] }),
    arrives: () => ({ at: [String(new Date(0))] }),
  },
  {
    name: 'views inside',
    make: () => ({ a: new Uint16Array([1, 2]), b: [buffer(3)] }),
    arrives: () => ({ a: new Uint16Array([1, 2]).buffer, b: [buffer(3)] }),
  },
  {
    name: 'Blobs inside',
    make: () => ({ first: new Blob(['ab']), list: [1, new Blob(['c']), 'd'], last: true }),
    arrives: () => ({
      first: new TextEncoder().encode('ab').buffer,
      list: [1, new TextEncoder().encode('c').buffer, 'd'],
      last: true,
    }),
  },
  { name: 'null', make: () => null, lost: true },
  { name: 'undefined', make: () => undefined, lost: true },
];

const BINARY_THROWING: Payload[] = [
  { name: 'Map', make: () => new Map([[1, 2]]), throws: 'Error' },
  { name: 'Set', make: () => new Set([1]), throws: 'Error' },
  { name: 'RegExp', make: () => /x/, throws: 'Error' },
  { name: 'Error', make: () => new Error('sent'), throws: 'Error' },
  { name: 'WeakMap inside', make: () => ({ a: [new WeakMap()] }), throws: 'Error' },
  { name: 'instance of a function', make: () => new (function () {} as never as new () => object)(), throws: 'Error' },
  { name: 'bigint', make: () => 1n, throws: 'Error' },
  { name: 'function', make: () => () => undefined, throws: 'Error' },
  { name: 'symbol', make: () => Symbol('s'), throws: 'Error' },
  { name: 'symbol inside', make: () => [Symbol('s')], throws: 'Error' },
  { name: 'Infinity', make: () => Infinity, throws: 'Error' },
  { name: '-Infinity', make: () => [-Infinity], throws: 'Error' },
  { name: '1e300', make: () => 1e300, throws: 'Error' },
  { name: 'null-prototype object', make: () => Object.create(null) as unknown, throws: 'TypeError' },
  { name: 'circular object', make: circular, throws: nameOfStackError() },
];

/** The class of the error that this browser throws when a script has exhausted its stack. */
function nameOfStackError(): string {
  const deeper = (): number => 1 + deeper();
  try {
    return String(deeper());
  } catch (error) {
    return (error as Error).constructor.name;
  }
}

function circular(): unknown {
  const object: Record<string, unknown> = {};
  object.self = object;
  return object;
}

const JSON_ONLY: Payload[] = [
  { name: 'number -0', make: () => -0, arrives: () => 0 },
  { name: 'NaN', make: () => [NaN, Infinity], arrives: () => [null, null] },
  { name: 'number -2^53 + 1', make: () => Number.MIN_SAFE_INTEGER },
  { name: 'number 1e300', make: () => 1e300 },
  { name: 'undefined inside', make: () => [undefined, { a: undefined, b: 1 }], arrives: () => [null, { b: 1 }] },
  { name: 'Date', make: () => new Date(0), arrives: () => '1970-01-01T00:00:00.000Z' },
  { name: 'toJSON', make: () => ({ toJSON: () => ['mine'] }), arrives: () => ['mine'] },
  { name: 'typed array', make: () => new Uint8Array([7, 8]), arrives: () => ({ 0: 7, 1: 8 }) },
  { name: 'ArrayBuffer', make: () => buffer(4), arrives: () => ({}) },
  { name: 'Blob', make: () => new Blob(['x']), arrives: () => ({}) },
  { name: 'Map', make: () => new Map([[1, 2]]), arrives: () => ({}) },
  { name: 'RegExp', make: () => /x/, arrives: () => ({}) },
  { name: 'Error', make: () => new Error('sent'), arrives: () => ({}) },
  { name: 'lone surrogate', make: () => 'a\ud83d' },
  { name: 'own __proto__ key', make: () => JSON.parse('{"__proto__": {"a": 1}, "b": 2}') as unknown },
  { name: 'truthy __peerData that is no close', make: () => ({ __peerData: { type: 'mine' }, n: 1 }) },
  { name: 'null', make: () => null, lost: true },
  // `JSON.stringify` returns undefined for these, which is sent as zero bytes, which do not parse.
  { name: 'undefined', make: () => undefined, lost: true },
  { name: 'function', make: () => () => undefined, lost: true },
  { name: 'symbol', make: () => Symbol('s'), lost: true },
  { name: 'bigint', make: () => 1n, throws: 'TypeError' },
  { name: 'circular object', make: circular, throws: 'TypeError' },
  { name: 'string of 16 297 characters', make: () => text(16_297) },
  { name: 'string of 16 298 characters', make: () => text(16_298), error: 'message-too-big' },
  { name: 'string of 8 148 two-byte characters', make: () => 'ü'.repeat(8_148) },
  { name: 'string of 8 149 two-byte characters', make: () => 'ü'.repeat(8_149), error: 'message-too-big' },
  { name: 'object of 100 KB', make: () => ({ a: text(100_000) }), error: 'message-too-big' },
];

/** Without Blobs: Chromium reads a Blob before sending it, and lets later strings overtake it. */
const RAW: Payload[] = [
  ...STRINGS,
  ...LONE_SURROGATES,
  ...BUFFERS,
  ...TYPED_ARRAYS,
  { name: 'DataView', make: () => new DataView(buffer(10), 2, 5), arrives: () => buffer(10).slice(2, 7) },
  { name: 'number', make: () => 42, arrives: () => '42' },
  { name: 'boolean', make: () => true, arrives: () => 'true' },
  { name: 'object', make: () => ({ a: 1 }), arrives: () => '[object Object]' },
  { name: 'array', make: () => [1, [2, 3]], arrives: () => '1,2,3' },
  { name: 'Date', make: () => new Date(0), arrives: () => String(new Date(0)) },
  { name: 'bigint', make: () => 10n, arrives: () => '10' },
  { name: 'string of 262 144 bytes', make: () => text(262_144) },
  { name: 'ArrayBuffer of 100 KiB', make: () => buffer(102_400) },
  { name: 'ArrayBuffer of 262 144 bytes', make: () => buffer(262_144) },
];

export const PAYLOADS: Record<Family, readonly Payload[]> = {
  binary: [
    ...STRINGS,
    ...LONE_SURROGATES,
    ...EXACT_NUMBERS,
    ...INEXACT_NUMBERS,
    ...SIMPLE,
    ...BUFFERS,
    ...TYPED_ARRAYS,
    ...BLOBS,
    ...BINARY_ONLY,
    ...BINARY_THROWING,
    ...CHUNKED,
  ],
  large: LARGE,
  json: [...STRINGS, ...EXACT_NUMBERS, ...SIMPLE, ...JSON_ONLY],
  raw: RAW,
};
