import * as reference from 'peerjs-js-binarypack';
import { describe, expect, it } from 'vitest';
import { SEGMENT_SIZE, type PackedMessage } from '../../../src/codec/packed-message';
import { pack } from '../../../src/codec/packer';
import { MAX_NESTING } from '../../../src/protocol/nesting';
import { randomValue, seededRandom } from '../../support/random-values';

const referencePack = reference.pack as (value: unknown) => ArrayBuffer | Promise<ArrayBuffer>;

async function bytesOf({ segments }: PackedMessage): Promise<Buffer> {
  return Buffer.from(await new Blob(segments).arrayBuffer());
}

/** Compares bytes directly: Vitest compares large arrays item by item, which takes minutes here. */
async function expectSameBytes(packed: PackedMessage, value: unknown): Promise<void> {
  const bytes = await bytesOf(packed);
  const expected = Buffer.from(await referencePack(value));
  if (!bytes.equals(expected)) expect(bytes.toString('hex')).toBe(expected.toString('hex'));
  expect(packed.byteLength).toBe(expected.length);
}

function outcome(run: () => unknown): string {
  try {
    run();
    return 'no error';
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
}

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

const INTEGERS = [0, 31, 32, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
  .concat([2 ** 32, 2 ** 32 + 1, 2 ** 53, 2 ** 63 - 1024, 2 ** 63, 2 ** 63 + 2048, 2 ** 64 - 2048, 2 ** 64])
  .flatMap((value) => [value, -value]);
const DOUBLES = [0.5, -0.5, Math.PI, 1e300, -1e-300, 5e-324, NaN, 1 / 3, 0.1, 2 ** -1022, Number.EPSILON];
const TEXTS = [
  '',
  'a',
  'x'.repeat(15),
  'x'.repeat(16),
  'é'.repeat(7),
  'é'.repeat(8),
  '€😀',
  '\ud800',
  'x'.repeat(32),
].concat(['x'.repeat(33), 'é'.repeat(20), 'x'.repeat(65_535), 'x'.repeat(65_536), '漢'.repeat(30_000)]);
const BINARY = [0, 1, 15, 16, 65_535, 65_536, 200_000].flatMap((length) => [
  new ArrayBuffer(length),
  new Uint8Array(length + 3).fill(7).subarray(3),
]);
const OTHERS: unknown[] = [
  true,
  false,
  null,
  undefined,
  [],
  {},
  [undefined],
  { a: undefined },
  new Date(0),
  new Point(1, 2),
  [new Float64Array([1, 2])],
  { deep: [{ er: [null, [1]] }] },
  Array.from({ length: 17 }, (_, n) => n),
  Array.from({ length: 2000 }, (_, n) => n),
];

describe('pack', () => {
  it.each<[string, unknown[]]>([
    ['integers at every boundary', INTEGERS],
    ['doubles, the corrupted ones too', DOUBLES],
    ['strings of every header', TEXTS],
    ['binary data of every header', BINARY],
    ['everything else', OTHERS],
  ])('gives the bytes of peerjs-js-binarypack for %s', async (_, values) => {
    for (const value of values) {
      const expected = outcome(() => referencePack(value));
      expect(outcome(() => pack(value))).toBe(expected);
      if (expected !== 'no error') continue;
      await expectSameBytes(pack(value), value);
    }
  });

  it('returns the bytes of peerjs-js-binarypack for any value', async () => {
    const random = seededRandom(1);
    for (let n = 0; n < 300; n++) {
      const value = randomValue(random);
      await expectSameBytes(pack(value), value);
    }
  });

  it.each([
    ['a Map', new Map()],
    ['a Set', new Set()],
    ['a RegExp', /x/],
    ['an Error', new Error('x')],
    ['a bigint', 1n],
    ['a function', () => undefined],
    ['a symbol', Symbol('x')],
    ['Infinity', Infinity],
    ['an object without prototype', Object.create(null)],
    ['a DataView', new DataView(new ArrayBuffer(2))],
  ])('throws what peerjs-js-binarypack throws for %s', (_, value) => {
    const expected = outcome(() => referencePack([value]));
    expect(outcome(() => pack([value]))).toBe(expected);
  });

  it('throws a TypeError for an object that hides hasOwnProperty, as peerjs-js-binarypack does', () => {
    const value = { hasOwnProperty: 1 };
    expect(outcome(() => referencePack(value))).toContain('TypeError');
    expect(outcome(() => pack(value))).toContain('TypeError');
  });

  it('inserts Blobs without reading them', async () => {
    const value = { before: 1, blob: new Blob(['hello']), list: [new Blob([]), 'x'.repeat(20)], after: 2 };
    const packed = pack(value);
    expect(packed.segments.some((segment) => segment instanceof Blob)).toBe(true);
    await expectSameBytes(packed, value);
  });

  it('keeps the packed data when the page changes its buffer afterwards', async () => {
    const data = new Uint8Array(200_000).fill(1);
    const packed = pack(data);
    data.fill(2);
    expect((await bytesOf(packed)).at(-1)).toBe(1);
  });

  it('cuts large messages into segments that fit a window', () => {
    const { segments } = pack([new Uint8Array(1_000_000), 'x'.repeat(1_000_000)]);
    for (const segment of segments) expect((segment as ArrayBuffer).byteLength).toBeLessThanOrEqual(SEGMENT_SIZE);
  });

  it('packs a message that a getter sends while another message is packed', async () => {
    let inner: PackedMessage | undefined;
    const outer = pack({
      first: 'x'.repeat(40),
      get second() {
        inner = pack(['inner', 1]);
        return 2;
      },
    });
    await expectSameBytes(inner!, ['inner', 1]);
    await expectSameBytes(outer, { first: 'x'.repeat(40), second: 2 });
  });

  it('packs long arrays that overflow the stack of peerjs-js-binarypack', () => {
    const items = Array.from({ length: 100_000 }, () => 1);
    expect(outcome(() => referencePack(items))).toContain('RangeError');
    expect(pack(items).byteLength).toBe(100_005);
  });

  it.each<[string, (inner: unknown) => unknown]>([
    ['arrays', (inner) => [inner]],
    ['objects', (inner) => ({ inner })],
  ])('packs %s nested up to MAX_NESTING, and throws for deeper nesting', async (_, wrap) => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : wrap(nested(depth - 1)));
    await expectSameBytes(pack(nested(MAX_NESTING)), nested(MAX_NESTING));
    expect(() => pack(nested(MAX_NESTING + 1))).toThrow(RangeError);
    expect(() => pack(nested(MAX_NESTING + 1))).toThrow(/500 deep at most/);
  });

  it('does not count values side by side as nested', async () => {
    const many = Array.from({ length: 2 * MAX_NESTING }, () => ({ list: [] }));
    await expectSameBytes(pack(many), many);
  });

  it('packs the next value after it has thrown for one', async () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(() => pack(cyclic)).toThrow(RangeError);
    await expectSameBytes(pack([1]), [1]);
  });
});
