import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CALL_INTERVAL_MS, KeepAlive } from '../../../extension/platform/firefox/keep-alive';

const getPlatformInfo = vi.hoisted(() => vi.fn(async () => ({})));
vi.mock('../../../extension/platform/browser', () => ({ browser: { runtime: { getPlatformInfo } } }));

/** The idle time after which Firefox suspends the page. */
const SUSPENSION_MS = 30_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  getPlatformInfo.mockClear();
});

describe('KeepAlive', () => {
  it('calls the browser at once, and again well before each suspension would be due', () => {
    const keepAlive = new KeepAlive();
    keepAlive.set(true);
    expect(getPlatformInfo).toHaveBeenCalledTimes(1);
    expect(CALL_INTERVAL_MS).toBeLessThanOrEqual(SUSPENSION_MS - 5_000);
    vi.advanceTimersByTime(3 * CALL_INTERVAL_MS);
    expect(getPlatformInfo).toHaveBeenCalledTimes(4);
    keepAlive.set(false);
  });

  it('stops calling the browser once it is turned off', () => {
    const keepAlive = new KeepAlive();
    keepAlive.set(true);
    keepAlive.set(false);
    vi.advanceTimersByTime(10 * CALL_INTERVAL_MS);
    expect(getPlatformInfo).toHaveBeenCalledTimes(1);
  });

  it('does not call more often after being turned on twice', () => {
    const keepAlive = new KeepAlive();
    keepAlive.set(true);
    keepAlive.set(true);
    getPlatformInfo.mockClear();
    vi.advanceTimersByTime(CALL_INTERVAL_MS);
    expect(getPlatformInfo).toHaveBeenCalledTimes(1);
    keepAlive.set(false);
  });
});
