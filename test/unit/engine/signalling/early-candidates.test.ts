import { describe, expect, it, vi } from 'vitest';
import { EarlyCandidates } from '../../../../src/engine/signalling/early-candidates';
import { Quota } from '../../../../src/engine/policy/quotas';

const candidate = (n: number): RTCIceCandidateInit => ({ candidate: `candidate:${n}` });

describe('EarlyCandidates', () => {
  it('gives back in order what waited for a connection, once', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    for (const n of [1, 2, 3]) earlyCandidates.add('remote', 'dc_1', candidate(n));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([1, 2, 3].map(candidate));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([]);
  });

  it('tells remote peers apart that use one connection ID', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    earlyCandidates.add('attacker', 'dc_1', candidate(1));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([]);
  });

  it('is not confused by IDs that read alike when joined', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    earlyCandidates.add('a","b', 'c', candidate(1));
    expect(earlyCandidates.claim('a', 'b","c')).toEqual([]);
  });

  it('keeps the first 32 of a connection', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    for (let n = 0; n < 1000; n++) earlyCandidates.add('remote', 'dc_1', candidate(n));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual(Array.from({ length: 32 }, (_, n) => candidate(n)));
  });

  it('keeps 128 connections, and forgets the longest waiting', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    for (let n = 0; n < 129; n++) earlyCandidates.add(`remote ${n % 3}`, `dc_${n}`, candidate(n));
    expect(earlyCandidates.claim('remote 0', 'dc_0')).toEqual([]);
    expect(earlyCandidates.claim('remote 1', 'dc_1')).toEqual([candidate(1)]);
    expect(earlyCandidates.claim('remote 2', 'dc_128')).toEqual([candidate(128)]);
  });

  it('drops nothing of one remote peer for the flood of another', () => {
    const earlyCandidates = new EarlyCandidates(new Quota());
    earlyCandidates.add('honest', 'dc_1', candidate(1));
    for (let n = 0; n < 1000; n++) earlyCandidates.add('attacker', `dc_${n}`, candidate(n));
    expect(earlyCandidates.claim('honest', 'dc_1')).toEqual([candidate(1)]);
    expect(earlyCandidates.claim('attacker', 'dc_999')).toEqual([candidate(999)]);
  });

  it('keeps no more than a megabyte, however long candidates are', () => {
    const quota = new Quota();
    const earlyCandidates = new EarlyCandidates(quota);
    for (let n = 0; n < 1000; n++) earlyCandidates.add(`remote ${n}`, 'dc_1', { candidate: 'x'.repeat(100_000) });
    expect(quota.heldBytes).toBeGreaterThan(800_000);
    expect(quota.heldBytes).toBeLessThanOrEqual(1024 * 1024);
    earlyCandidates.add('honest', 'dc_1', { candidate: 'x'.repeat(10_000_000) });
    expect(earlyCandidates.claim('honest', 'dc_1')).toEqual([]);
  });

  it('keeps none beyond what the site may have', () => {
    const quota = new Quota();
    quota.limits = { peers: 1, connections: 1, heldBytes: 100 };
    const earlyCandidates = new EarlyCandidates(quota);
    earlyCandidates.add('remote', 'dc_1', candidate(1));
    earlyCandidates.add('remote', 'dc_1', candidate(2));
    earlyCandidates.add('remote', 'dc_1', candidate(3));
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([candidate(1)]);
    expect(quota.heldBytes).toBe(0);
  });

  it('keeps none for longer than half a minute, and no timer', () => {
    vi.useFakeTimers();
    const quota = new Quota();
    const earlyCandidates = new EarlyCandidates(quota);
    earlyCandidates.add('remote', 'dc_1', candidate(1));
    vi.advanceTimersByTime(20_000);
    earlyCandidates.add('remote', 'dc_2', candidate(2));
    vi.advanceTimersByTime(10_000);
    expect(earlyCandidates.claim('remote', 'dc_1')).toEqual([]);
    vi.advanceTimersByTime(19_999);
    expect(quota.heldBytes).toBeGreaterThan(0);
    vi.advanceTimersByTime(1);
    expect([quota.heldBytes, vi.getTimerCount()]).toEqual([0, 0]);
    vi.useRealTimers();
  });

  it('counts nothing once it is cleared', () => {
    const quota = new Quota();
    const earlyCandidates = new EarlyCandidates(quota);
    earlyCandidates.add('remote', 'dc_1', candidate(1));
    earlyCandidates.clear();
    expect([quota.heldBytes, earlyCandidates.claim('remote', 'dc_1')]).toEqual([0, []]);
  });
});
