import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { SmallMessageBatch } from '../../../../src/api/data/small-message-batch';

const KIB = 1024;

/** A batch of messages of these sizes, each filled with its number. */
function makeBatch(sizes: number[]) {
  const batch = new SmallMessageBatch(sizes[0]!);
  sizes.forEach((size, n) => batch.add(new Uint8Array(size).fill(n + 1)));
  return batch;
}

const whole = (sizes: number[]): Uint8Array =>
  Uint8Array.from(sizes.flatMap((size, n) => new Array<number>(size).fill(n + 1)));

describe('SmallMessageBatch', () => {
  it.each([[[5]], [[1, 2, 3]], [[0]], [[0, 3, 0]], [[1, 1023, 1]], [[100, 4000, 4096, 4096, 4096]]])(
    'holds messages of %j bytes in one buffer',
    (sizes) => {
      const batch = makeBatch(sizes);
      const expected = whole(sizes);
      expect(batch.announced).toEqual(sizes);
      expect(batch.byteLength).toBe(expected.length);
      expect(new Uint8Array(batch.bytes())).toEqual(expected);
    },
  );

  it('copies the messages', () => {
    const batch = new SmallMessageBatch(2);
    const message = Uint8Array.of(1, 2);
    batch.add(message);
    message.fill(9);
    expect(new Uint8Array(batch.bytes())).toEqual(Uint8Array.of(1, 2));
  });

  it('copies only the viewed bytes of a larger buffer', () => {
    const batch = new SmallMessageBatch(1);
    batch.add(Uint8Array.of(1, 2, 3).subarray(1, 2));
    expect(new Uint8Array(batch.bytes())).toEqual(Uint8Array.of(2));
  });

  it('has room for exactly 64 KiB', () => {
    const batch = makeBatch(new Array<number>(15).fill(4 * KIB));
    expect([batch.hasRoomFor(4 * KIB), batch.hasRoomFor(4 * KIB + 1)]).toEqual([true, false]);
    batch.add(new Uint8Array(4 * KIB).fill(16));
    expect([batch.hasRoomFor(0), batch.hasRoomFor(1)]).toEqual([true, false]);
    expect(new Uint8Array(batch.bytes())).toEqual(whole(new Array<number>(16).fill(4 * KIB)));
  });

  it('has room for 512 messages, however short', () => {
    const batch = makeBatch(new Array<number>(511).fill(0));
    expect(batch.hasRoomFor(0)).toBe(true);
    batch.add(new Uint8Array(0));
    expect(batch.hasRoomFor(0)).toBe(false);
  });

  it('resolves one promise for all its messages', async () => {
    const batch = makeBatch([1, 2]);
    batch.resolve();
    await expect(batch.taken).resolves.toBeUndefined();
  });

  it('rejects its promise with the reason', async () => {
    const batch = makeBatch([1, 2]);
    // Like the queue, calls `reject` without the batch as `this`.
    const { reject } = batch;
    const reason = new Error('closed');
    reject(reason);
    await expect(batch.taken).rejects.toBe(reason);
  });
});
