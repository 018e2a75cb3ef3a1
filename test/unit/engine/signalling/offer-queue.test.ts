import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OfferQueue } from '../../../../src/engine/signalling/offer-queue';
import { Quota } from '../../../../src/engine/policy/quotas';
import type { Offer } from '../../../../src/engine/signalling/server-messages';
import { DATA_OFFER } from '../../../support/sdp-samples';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeQueue({ most = 100, quota = new Quota() } = {}) {
  return { queue: new OfferQueue({ quota, most, lifetimeMs: 30_000 }), quota };
}

function offer(n: number, src = `remote ${n}`, metadata?: unknown): Offer {
  const sdp = { type: 'offer' as const, sdp: DATA_OFFER };
  return { type: 'OFFER', src, payload: { sdp, type: 'data', connectionId: `dc_${n}`, metadata } };
}

describe('OfferQueue', () => {
  it('gives offers in order, once', () => {
    const { queue, quota } = makeQueue();
    const offers = [1, 2, 3].map((n) => offer(n));
    expect(offers.map((each) => queue.add(each))).toEqual([true, true, true]);
    expect(quota.heldBytes).toBeGreaterThan(3 * DATA_OFFER.length);
    expect([queue.drain(), queue.drain()]).toEqual([offers, []]);
    expect([quota.heldBytes, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('keeps the last of several offers for one connection', () => {
    const { queue } = makeQueue();
    queue.add(offer(1, 'remote', 'first'));
    queue.add(offer(1, 'other'));
    queue.add(offer(1, 'remote', 'second'));
    expect(queue.drain()).toEqual([offer(1, 'other'), offer(1, 'remote', 'second')]);
  });

  it('takes no more than it may, of one remote peer 64', () => {
    const { queue } = makeQueue();
    const taken = (src?: string) => Array.from({ length: 200 }, (_, n) => queue.add(offer(n, src))).filter(Boolean);
    expect([taken('remote').length, taken().length]).toEqual([64, 36]);
  });

  it('takes no more than 4 MiB, and no more than the site may have', () => {
    const { queue, quota } = makeQueue();
    const large = 'x'.repeat(500_000);
    const taken = Array.from({ length: 20 }, (_, n) => queue.add(offer(n, undefined, large))).filter(Boolean);
    expect(taken).toHaveLength(4);
    expect(quota.heldBytes).toBeLessThanOrEqual(4 * 1024 * 1024);
    quota.limits = { peers: 1, connections: 1, heldBytes: quota.heldBytes };
    expect(queue.add(offer(100))).toBe(false);
  });

  it('forgets the offers of a remote peer that leaves', () => {
    const { queue } = makeQueue();
    queue.add(offer(1, 'remote'));
    queue.add(offer(2, 'other'));
    queue.removeOf('remote');
    expect(queue.drain()).toEqual([offer(2, 'other')]);
  });

  it('forgets each when its time is over, though it was tried again', () => {
    const { queue, quota } = makeQueue();
    queue.add(offer(1));
    vi.advanceTimersByTime(20_000);
    queue.add(offer(2));
    queue.retry(() => false);
    vi.advanceTimersByTime(10_000);
    expect(queue.size).toBe(1);
    vi.advanceTimersByTime(20_000);
    expect([queue.size, quota.heldBytes, vi.getTimerCount()]).toEqual([0, 0, 0]);
  });

  it('keeps what is not accepted where it is', () => {
    const { queue } = makeQueue();
    for (const n of [1, 2, 3]) queue.add(offer(n));
    queue.retry(({ src }) => {
      // A place that is free again while one is being taken.
      queue.retry(() => true);
      return src === 'remote 2';
    });
    expect(queue.drain()).toEqual([offer(1), offer(3)]);
  });
});
