import { describe, expect, it, vi } from 'vitest';
import { EarlyCandidates } from '../../../../src/engine/signalling/early-candidates';
import { Quota } from '../../../../src/engine/policy/quotas';

const candidate = (n: number): RTCIceCandidateInit => ({ candidate: `candidate:${n}` });

describe('EarlyCandidates', () => {
  it('returns the candidates of a connection once, in order', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    for (const n of [1, 2, 3]) earlyCandidates.add('remote', 'dc_1', candidate(n));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([1, 2, 3].map(candidate));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([]);
  });

  it('distinguishes remote peers that use the same connection ID', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    earlyCandidates.add('attacker', 'dc_1', candidate(1));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([]);
  });

  it('distinguishes IDs that are alike when joined', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    earlyCandidates.add('a","b', 'c', candidate(1));
    expect(earlyCandidates.claim('a', 'b","c')).toEqual([]);
  });

  it('queues the first 32 candidates of a connection', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    for (let n = 0; n < 1000; n++) earlyCandidates.add('remote', 'dc_1', candidate(n));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual(Array.from({ length: 32 }, (_, n) => candidate(n)));
  });

  it('queues candidates of 128 connections, and drops the oldest beyond', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    for (let n = 0; n < 129; n++) earlyCandidates.add(`remote ${n % 3}`, `dc_${n}`, candidate(n));
    expect(earlyCandidates.claim('remote 0', 'dc_0')).toEqual([]);
    expect(earlyCandidates.claim('remote 1', 'dc_1')).toEqual([candidate(1)]);
    expect(earlyCandidates.claim('remote 2', 'dc_128')).toEqual([candidate(128)]);
  });

  it('drops no candidates of one remote peer when another floods the queue', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    earlyCandidates.add('honest', 'dc_1', candidate(1));
    for (let n = 0; n < 1000; n++) earlyCandidates.add('attacker', `dc_${n}`, candidate(n));
    expect(earlyCandidates.claim('honest', 'dc_1')).toEqual([candidate(1)]);
    expect(earlyCandidates.claim('attacker', 'dc_999')).toEqual([candidate(999)]);
  });

  it('queues a megabyte at most, however long the candidates are', () => {
    const quota = new Quota();
    const earlyCandidates = new EarlyCandidates(quota);
    for (let n = 0; n < 1000; n++) earlyCandidates.add(`remote ${n}`, 'dc_1', { candidate: 'x'.repeat(100_000) });
    expect(quota.queuedBytes).toBeGreaterThan(800_000);
    expect(quota.queuedBytes).toBeLessThanOrEqual(1024 * 1024);
    earlyCandidates.add('honest', 'dc_1', { candidate: 'x'.repeat(10_000_000) });
    expect(earlyCandidates.claim('honest', 'dc_1')).toEqual([]);
  });

  it('queues no candidates beyond the site’s limit', () => {
    const quota = new Quota();
    quota.limits = { peers: 1, connections: 1, queuedBytes: 100 };
    const earlyCandidates = new EarlyCandidates(quota);
    earlyCandidates.add('remote', 'dc_1', candidate(1));
    earlyCandidates.add('remote', 'dc_1', candidate(2));
    earlyCandidates.add('remote', 'dc_1', candidate(3));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([candidate(1)]);
    expect(quota.queuedBytes).toBe(0);
  });

  it('drops candidates after half a minute, and leaves no timer', () => {
    vi.useFakeTimers();
    const quota = new Quota();
    const earlyCandidates = new EarlyCandidates(quota);
    earlyCandidates.add('remote', 'dc_1', candidate(1));
    vi.advanceTimersByTime(20_000);
    earlyCandidates.add('remote', 'dc_2', candidate(2));
    vi.advanceTimersByTime(10_000);
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([]);
    vi.advanceTimersByTime(19_999);
    expect(quota.queuedBytes).toBeGreaterThan(0);
    vi.advanceTimersByTime(1);
    expect([quota.queuedBytes, vi.getTimerCount()]).toEqual([0, 0]);
    vi.useRealTimers();
  });

  it('counts no bytes once it is cleared', () => {
    const quota = new Quota();
    const earlyCandidates = new EarlyCandidates(quota);
    earlyCandidates.add('remote', 'dc_1', candidate(1));
    earlyCandidates.clear();
    expect([quota.queuedBytes, earlyCandidates.claim('remote', 'dc_1')]).toEqual([0, []]);
  });
});
