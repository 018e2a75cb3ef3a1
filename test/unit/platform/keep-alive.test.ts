import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CALL_INTERVAL_MS, KeepAlive } from '../../../extension/platform/firefox/keep-alive';

const getPlatformInfo = vi.hoisted(() => vi.fn(async () => ({})));
vi.mock('../../../extension/platform/browser', () => ({ browser: { runtime: { getPlatformInfo } } }));

/** What Firefox waits for. */
const SUSPENSION_MS = 30_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  getPlatformInfo.mockClear();
});

describe('KeepAlive', () => {
  it('calls the browser at once, and well before each time that it would suspend the page', () => {
    const keepAlive = new KeepAlive();
    keepAlive.set(true);
    expect(getPlatformInfo).toHaveBeenCalledTimes(1);
    expect(CALL_INTERVAL_MS).toBeLessThanOrEqual(SUSPENSION_MS - 5_000);
    vi.advanceTimersByTime(3 * CALL_INTERVAL_MS);
    expect(getPlatformInfo).toHaveBeenCalledTimes(4);
    keepAlive.set(false);
  });

  it('leaves the browser alone once nothing is to be kept', () => {
    const keepAlive = new KeepAlive();
    keepAlive.set(true);
    keepAlive.set(false);
    vi.advanceTimersByTime(10 * CALL_INTERVAL_MS);
    expect(getPlatformInfo).toHaveBeenCalledTimes(1);
  });

  it('calls no more often for being told twice', () => {
    const keepAlive = new KeepAlive();
    keepAlive.set(true);
    keepAlive.set(true);
    getPlatformInfo.mockClear();
    vi.advanceTimersByTime(CALL_INTERVAL_MS);
    expect(getPlatformInfo).toHaveBeenCalledTimes(1);
    keepAlive.set(false);
  });
});
