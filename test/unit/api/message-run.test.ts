import '../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { MessageRun } from '../../../src/api/message-run';

const KIB = 1024;

/** A run of messages of these sizes, each full of its number. */
function makeRun(sizes: number[]) {
  const run = new MessageRun(sizes[0]!);
  sizes.forEach((size, n) => run.add(new Uint8Array(size).fill(n + 1)));
  return run;
}

const whole = (sizes: number[]): Uint8Array =>
  Uint8Array.from(sizes.flatMap((size, n) => new Array<number>(size).fill(n + 1)));

describe('MessageRun', () => {
  it.each([[[5]], [[1, 2, 3]], [[0]], [[0, 3, 0]], [[1, 1023, 1]], [[100, 4000, 4096, 4096, 4096]]])(
    'holds messages of %j bytes in one buffer',
    (sizes) => {
      const run = makeRun(sizes);
      const expected = whole(sizes);
      expect(run.announced).toEqual(sizes);
      expect(run.byteLength).toBe(expected.length);
      expect(new Uint8Array(run.bytes())).toEqual(expected);
    },
  );

  it('copies what it is given', () => {
    const run = new MessageRun(2);
    const message = Uint8Array.of(1, 2);
    run.add(message);
    message.fill(9);
    expect(new Uint8Array(run.bytes())).toEqual(Uint8Array.of(1, 2));
  });

  it('takes a view of a larger buffer for no more than the view', () => {
    const run = new MessageRun(1);
    run.add(Uint8Array.of(1, 2, 3).subarray(1, 2));
    expect(new Uint8Array(run.bytes())).toEqual(Uint8Array.of(2));
  });

  it('has room for 64 KiB, and not for a byte more', () => {
    const run = makeRun(new Array<number>(15).fill(4 * KIB));
    expect([run.hasRoomFor(4 * KIB), run.hasRoomFor(4 * KIB + 1)]).toEqual([true, false]);
    run.add(new Uint8Array(4 * KIB).fill(16));
    expect([run.hasRoomFor(0), run.hasRoomFor(1)]).toEqual([true, false]);
    expect(new Uint8Array(run.bytes())).toEqual(whole(new Array<number>(16).fill(4 * KIB)));
  });

  it('has room for 512 messages, however short', () => {
    const run = makeRun(new Array<number>(511).fill(0));
    expect(run.hasRoomFor(0)).toBe(true);
    run.add(new Uint8Array(0));
    expect(run.hasRoomFor(0)).toBe(false);
  });

  it('resolves for all its messages together, by one promise', async () => {
    const run = makeRun([1, 2]);
    run.resolve();
    await expect(run.taken).resolves.toBeUndefined();
  });

  it('rejects for all its messages with the reason', async () => {
    const run = makeRun([1, 2]);
    // As the queue calls it: apart from the run.
    const { reject } = run;
    const reason = new Error('closed');
    reject(reason);
    await expect(run.taken).rejects.toBe(reason);
  });
});
