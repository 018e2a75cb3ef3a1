import { describe, expect, it } from 'vitest';
import { ParkedCandidates } from '../../../src/engine/parked-candidates';

const candidate = (n: number): RTCIceCandidateInit => ({ candidate: `candidate:${n}` });

describe('ParkedCandidates', () => {
  it('gives back in order what waited for a connection, once', () => {
    const parked = new ParkedCandidates();
    for (const n of [1, 2, 3]) parked.park('remote', 'dc_1', candidate(n));
    expect(parked.claim('remote', 'dc_1')).toEqual([1, 2, 3].map(candidate));
    expect(parked.claim('remote', 'dc_1')).toEqual([]);
  });

  it('tells remote peers apart that use one connection ID', () => {
    const parked = new ParkedCandidates();
    parked.park('attacker', 'dc_1', candidate(1));
    expect(parked.claim('remote', 'dc_1')).toEqual([]);
  });

  it('is not confused by IDs that read alike when joined', () => {
    const parked = new ParkedCandidates();
    parked.park('a","b', 'c', candidate(1));
    expect(parked.claim('a', 'b","c')).toEqual([]);
  });

  it('keeps the first 32 of a connection', () => {
    const parked = new ParkedCandidates();
    for (let n = 0; n < 1000; n++) parked.park('remote', 'dc_1', candidate(n));
    expect(parked.claim('remote', 'dc_1')).toEqual(Array.from({ length: 32 }, (_, n) => candidate(n)));
  });

  it('keeps 128 connections, and forgets the longest waiting', () => {
    const parked = new ParkedCandidates();
    for (let n = 0; n < 129; n++) parked.park('remote', `dc_${n}`, candidate(n));
    expect(parked.claim('remote', 'dc_0')).toEqual([]);
    expect(parked.claim('remote', 'dc_1')).toEqual([candidate(1)]);
    expect(parked.claim('remote', 'dc_128')).toEqual([candidate(128)]);
  });
});
