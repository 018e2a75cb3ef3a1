import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StartThrottle } from '../../../../src/engine/policy/start-throttle';
import { peerStart } from '../../../support/fakes/page-messages';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeThrottle() {
  const run: number[][] = [];
  const refused: number[] = [];
  const throttle = new StartThrottle({
    run: ({ peerKey, epoch }) => run.push([peerKey, epoch]),
    refuse: ({ peerKey }) => refused.push(peerKey),
  });
  const add = (peerKey: number, epoch = 1): void => throttle.add(peerStart({ peerKey, epoch }));
  return { throttle, add, run, refused };
}

describe('StartThrottle', () => {
  it('lets a page start as many Peers at once as a site may have', () => {
    const { add, run } = makeThrottle();
    for (let peerKey = 1; peerKey <= 32; peerKey++) add(peerKey);
    expect(run).toHaveLength(32);
  });

  it('starts a Peer twice a second at most, with its latest request', () => {
    const { add, run, refused } = makeThrottle();
    for (let epoch = 1; epoch <= 1000; epoch++) add(1, epoch);
    expect(run).toHaveLength(32);
    vi.advanceTimersByTime(500);
    expect(run.at(-1)).toEqual([1, 1000]);
    vi.advanceTimersByTime(60_000);
    expect([run.length, refused, vi.getTimerCount()]).toEqual([33, [], 0]);
  });

  it('delays the starts of other Peers in order, and refuses too many', () => {
    const { add, run, refused } = makeThrottle();
    for (let peerKey = 1; peerKey <= 65; peerKey++) add(peerKey);
    expect(refused).toEqual([65]);
    vi.advanceTimersByTime(16_000);
    expect(run.map(([peerKey]) => peerKey)).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));
  });

  it('drops the start of a Peer that has ended', () => {
    const { throttle, add, run } = makeThrottle();
    for (let peerKey = 1; peerKey <= 34; peerKey++) add(peerKey);
    throttle.drop(33);
    vi.advanceTimersByTime(60_000);
    expect(run.map(([peerKey]) => peerKey).slice(31)).toEqual([32, 34]);
  });

  it('drops all starts with the document, and leaves no timer', () => {
    const { throttle, add, run } = makeThrottle();
    for (let peerKey = 1; peerKey <= 40; peerKey++) add(peerKey);
    throttle.dropAll();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(60_000);
    expect(run).toHaveLength(32);
  });
});
