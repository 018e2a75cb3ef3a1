import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ROOM_TIMEOUT_MS, RoomQueue } from '../../../../src/engine/policy/room-queue';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A room for `room` at once. */
function makeQueue(room: number) {
  const queue = new RoomQueue();
  const heard: string[] = [];
  let used = 0;
  const enter = (name: string): (() => void) =>
    queue.enter({
      refusal: () => (used < room ? undefined : 'full'),
      onRoom: () => {
        used += 1;
        heard.push(name);
      },
      onRefused: (reason) => heard.push(`${name}: ${reason}`),
    });
  const leave = (): void => {
    used -= 1;
    queue.serveSoon();
  };
  return { enter, leave, heard };
}

describe('RoomQueue', () => {
  it('grants requests at once while there is room', () => {
    const { enter, heard } = makeQueue(2);
    enter('a');
    enter('b');
    expect(heard).toEqual(['a', 'b']);
  });

  it('grants queued requests in order as soon as there is room', async () => {
    const { enter, leave, heard } = makeQueue(1);
    for (const name of ['a', 'b', 'c']) enter(name);
    leave();
    await Promise.resolve();
    expect(heard).toEqual(['a', 'b']);
    leave();
    await Promise.resolve();
    expect(heard).toEqual(['a', 'b', 'c']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets no later request overtake a queued one', async () => {
    const { enter, leave, heard } = makeQueue(1);
    enter('a');
    enter('b');
    leave();
    enter('c');
    await Promise.resolve();
    expect(heard).toEqual(['a', 'b']);
  });

  it('refuses after a moment, and not before', () => {
    const { enter, heard } = makeQueue(1);
    enter('a');
    enter('b');
    vi.advanceTimersByTime(ROOM_TIMEOUT_MS - 1);
    expect(heard).toEqual(['a']);
    vi.advanceTimersByTime(1);
    expect(heard).toEqual(['a', 'b: full']);
  });

  it('refuses a request at once when the queue is full', () => {
    const { enter, heard } = makeQueue(0);
    for (let n = 0; n < 33; n++) enter(`${n}`);
    expect(heard).toEqual(['32: full']);
  });

  it('drops a withdrawn request', async () => {
    const { enter, leave, heard } = makeQueue(1);
    enter('a');
    enter('b')();
    enter('c');
    leave();
    await Promise.resolve();
    expect(heard).toEqual(['a', 'c']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
