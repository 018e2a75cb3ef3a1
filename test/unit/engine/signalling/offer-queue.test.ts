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
  it('returns offers once, in order', () => {
    const { queue, quota } = makeQueue();
    const offers = [1, 2, 3].map((n) => offer(n));
    expect(offers.map((each) => queue.add(each))).toEqual([true, true, true]);
    expect(quota.queuedBytes).toBeGreaterThan(3 * DATA_OFFER.length);
    expect([queue.drain(), queue.drain()]).toEqual([offers, []]);
    expect([quota.queuedBytes, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('keeps only the latest offer for a connection', () => {
    const { queue } = makeQueue();
    queue.add(offer(1, 'remote', 'first'));
    queue.add(offer(1, 'other'));
    queue.add(offer(1, 'remote', 'second'));
    expect(queue.drain()).toEqual([offer(1, 'other'), offer(1, 'remote', 'second')]);
  });

  it('queues its maximum of offers, and 64 of one remote peer', () => {
    const { queue } = makeQueue();
    const taken = (src?: string) => Array.from({ length: 200 }, (_, n) => queue.add(offer(n, src))).filter(Boolean);
    expect([taken('remote').length, taken().length]).toEqual([64, 36]);
  });

  it('queues 4 MiB at most, and no bytes beyond the site’s limit', () => {
    const { queue, quota } = makeQueue();
    const large = 'x'.repeat(500_000);
    const taken = Array.from({ length: 20 }, (_, n) => queue.add(offer(n, undefined, large))).filter(Boolean);
    expect(taken).toHaveLength(4);
    expect(quota.queuedBytes).toBeLessThanOrEqual(4 * 1024 * 1024);
    quota.limits = { peers: 1, connections: 1, queuedBytes: quota.queuedBytes };
    expect(queue.add(offer(100))).toBe(false);
  });

  it('drops the offers of a remote peer that leaves', () => {
    const { queue } = makeQueue();
    queue.add(offer(1, 'remote'));
    queue.add(offer(2, 'other'));
    queue.removeOf('remote');
    expect(queue.drain()).toEqual([offer(2, 'other')]);
  });

  it('drops each offer when its time is over, even if it was retried', () => {
    const { queue, quota } = makeQueue();
    queue.add(offer(1));
    vi.advanceTimersByTime(20_000);
    queue.add(offer(2));
    queue.retry(() => false);
    vi.advanceTimersByTime(10_000);
    expect(queue.size).toBe(1);
    vi.advanceTimersByTime(20_000);
    expect([queue.size, quota.queuedBytes, vi.getTimerCount()]).toEqual([0, 0, 0]);
  });

  it('keeps offers that are not accepted in their position', () => {
    const { queue } = makeQueue();
    for (const n of [1, 2, 3]) queue.add(offer(n));
    queue.retry(({ src }) => {
      // A place becomes free while another is being taken.
      queue.retry(() => true);
      return src === 'remote 2';
    });
    expect(queue.drain()).toEqual([offer(1), offer(3)]);
  });
});
