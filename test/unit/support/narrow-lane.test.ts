import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NarrowLane, type Narrowness } from '../../support/narrow-lane';
import { seededRandom } from '../../support/random-values';

/** A packet of 97 bytes and its headers. */
const BYTES = 97;
const BITS = 1_000;

function makeLane(narrowness: Narrowness) {
  const lane = new NarrowLane(seededRandom(1), () => Date.now());
  lane.set(narrowness);
  const begunAt = Date.now();
  const arrived: { packet: number; afterMs: number }[] = [];
  const send = (packet: number) => lane.carry(BYTES, () => arrived.push({ packet, afterMs: Date.now() - begunAt }));
  return { lane, arrived, send };
}

describe('a lane of the narrow link', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('carries everything at once where nothing is set', () => {
    const { arrived, send } = makeLane({});
    send(1);
    send(2);
    expect(arrived).toEqual([
      { packet: 1, afterMs: 0 },
      { packet: 2, afterMs: 0 },
    ]);
  });

  it('loses the share of packets that is set', () => {
    const { lane, arrived, send } = makeLane({ loss: 0.1 });
    for (let packet = 0; packet < 1000; packet++) send(packet);
    expect(lane.lostCount).toBeGreaterThan(70);
    expect(lane.lostCount).toBeLessThan(130);
    expect(arrived.length).toBe(1000 - lane.lostCount);
  });

  it('carries at its rate, in order, after its delay', async () => {
    const { arrived, send } = makeLane({ rate: 100 * BITS, delayMs: 50 });
    for (const packet of [1, 2, 3]) send(packet);
    await vi.advanceTimersByTimeAsync(1000);
    expect(arrived).toEqual([
      { packet: 1, afterMs: 60 },
      { packet: 2, afterMs: 70 },
      { packet: 3, afterMs: 80 },
    ]);
  });

  it('lets no packet wait much longer than the queue is', async () => {
    const { lane, arrived, send } = makeLane({ rate: 100 * BITS });
    for (let packet = 0; packet < 100; packet++) send(packet);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(arrived.at(-1)).toEqual({ packet: 30, afterMs: 310 });
    expect(lane.lostCount).toBe(69);
  });

  it('keeps the order when it becomes wide, and forgets what waits when it is closed', async () => {
    const { lane, arrived, send } = makeLane({ rate: 100 * BITS });
    for (const packet of [1, 2]) send(packet);
    lane.set({});
    send(3);
    await vi.advanceTimersByTimeAsync(1000);
    expect(arrived.map(({ packet }) => packet)).toEqual([1, 2, 3]);
    lane.set({ delayMs: 10 });
    send(4);
    lane.close();
    await vi.advanceTimersByTimeAsync(1000);
    expect(arrived).toHaveLength(3);
  });
});
