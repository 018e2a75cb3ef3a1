import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ROOM_TIMEOUT_MS, RoomQueue } from '../../../../src/engine/policy/room-queue';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A room for `room` at once. */
function makeQueue(room: number) {
  const queue = new RoomQueue();
  const log: string[] = [];
  let used = 0;
  const enter = (name: string): (() => void) =>
    queue.enter({
      refusal: () => (used < room ? undefined : 'full'),
      onRoom: () => {
        used += 1;
        log.push(name);
      },
      onRefused: (reason) => log.push(`${name}: ${reason}`),
    });
  const leave = (): void => {
    used -= 1;
    queue.serveSoon();
  };
  return { enter, leave, log };
}

describe('RoomQueue', () => {
  it('grants requests at once while there is room', () => {
    const { enter, log } = makeQueue(2);
    enter('a');
    enter('b');
    expect(log).toEqual(['a', 'b']);
  });

  it('grants queued requests in order as soon as there is room', async () => {
    const { enter, leave, log } = makeQueue(1);
    for (const name of ['a', 'b', 'c']) enter(name);
    leave();
    await Promise.resolve();
    expect(log).toEqual(['a', 'b']);
    leave();
    await Promise.resolve();
    expect(log).toEqual(['a', 'b', 'c']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets no later request overtake a queued one', async () => {
    const { enter, leave, log } = makeQueue(1);
    enter('a');
    enter('b');
    leave();
    enter('c');
    await Promise.resolve();
    expect(log).toEqual(['a', 'b']);
  });

  it('refuses after a moment, and not before', () => {
    const { enter, log } = makeQueue(1);
    enter('a');
    enter('b');
    vi.advanceTimersByTime(ROOM_TIMEOUT_MS - 1);
    expect(log).toEqual(['a']);
    vi.advanceTimersByTime(1);
    expect(log).toEqual(['a', 'b: full']);
  });

  it('refuses a request at once when the queue is full', () => {
    const { enter, log } = makeQueue(0);
    for (let n = 0; n < 33; n++) enter(`${n}`);
    expect(log).toEqual(['32: full']);
  });

  it('drops a withdrawn request', async () => {
    const { enter, leave, log } = makeQueue(1);
    enter('a');
    enter('b')();
    enter('c');
    leave();
    await Promise.resolve();
    expect(log).toEqual(['a', 'c']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
