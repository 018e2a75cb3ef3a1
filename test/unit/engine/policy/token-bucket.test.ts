import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TokenBucket } from '../../../../src/engine/policy/token-bucket';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const count = (bucket: TokenBucket): number => {
  let taken = 0;
  while (bucket.take()) taken += 1;
  return taken;
};

describe('TokenBucket', () => {
  it('allows a burst, then a rate per second', () => {
    const bucket = new TokenBucket({ capacity: 5, perSecond: 2 });
    expect([count(bucket), bucket.delayMs]).toEqual([5, 500]);
    vi.advanceTimersByTime(400);
    expect([count(bucket), bucket.delayMs]).toEqual([0, 100]);
    vi.advanceTimersByTime(1600);
    expect(count(bucket)).toBe(4);
  });

  it('saves up its capacity at most', () => {
    const bucket = new TokenBucket({ capacity: 5, perSecond: 2 });
    vi.advanceTimersByTime(3_600_000);
    expect([bucket.delayMs, count(bucket)]).toEqual([0, 5]);
  });

  it('loses nothing when the clock is set back', () => {
    const bucket = new TokenBucket({ capacity: 1, perSecond: 1 });
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(bucket.take()).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(bucket.take()).toBe(true);
  });
});
