import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ESTABLISHMENT_TIMEOUT_MS,
  UnestablishedConnections,
  type Applicant,
  type Place,
} from '../../../../src/engine/policy/unestablished-connections';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const peer = {};
const applicant = (changes: Partial<Applicant> = {}): Applicant => ({
  peer,
  remotePeerId: 'remote',
  kind: 'data',
  giveWay: () => undefined,
  ...changes,
});

/** How many places the applicant gets. */
function takeAll(connections: UnestablishedConnections, changes: Partial<Applicant> = {}): Place[] {
  const places: Place[] = [];
  for (let place = connections.take(applicant(changes)); place; place = connections.take(applicant(changes))) {
    places.push(place);
    if (places.length > 1000) throw new Error('places without end');
  }
  return places;
}

describe('UnestablishedConnections', () => {
  it('gives each remote peer 16 places per Peer', () => {
    const connections = new UnestablishedConnections();
    expect(takeAll(connections)).toHaveLength(16);
    expect(takeAll(connections, { remotePeerId: 'other' })).toHaveLength(16);
    expect(takeAll(connections, { peer: {} })).toHaveLength(16);
  });

  it('gives all remote peers together 64 places, for data connections and for calls each', () => {
    const connections = new UnestablishedConnections();
    for (const kind of ['data', 'calls'] as const) {
      const places = Array.from({ length: 20 }, (_, n) => takeAll(connections, { kind, remotePeerId: `${n}` }));
      expect(places.flat()).toHaveLength(64);
    }
  });

  it('frees the place of an established connection, and reports it', () => {
    const connections = new UnestablishedConnections();
    const [first] = takeAll(connections);
    const onFree = vi.fn();
    const stop = connections.onFree(onFree);
    first!.establish();
    first!.end();
    first!.establish();
    expect(onFree).toHaveBeenCalledOnce();
    expect([connections.has(applicant()), takeAll(connections).length]).toEqual([true, 1]);
    stop();
    vi.advanceTimersByTime(60_000);
    expect(onFree).toHaveBeenCalledOnce();
  });

  // Otherwise a remote peer could offer and end without pause, and each offer costs an RTCPeerConnection.
  it('keeps the place of a connection that ends unestablished until its deadline', () => {
    const connections = new UnestablishedConnections();
    for (const place of takeAll(connections)) place.end();
    vi.advanceTimersByTime(ESTABLISHMENT_TIMEOUT_MS - 1);
    expect(connections.has(applicant())).toBe(false);
    vi.advanceTimersByTime(1);
    expect([takeAll(connections).length, connections.size]).toEqual([16, 16]);
  });

  it('lets a call ring for a minute, and longer while nobody needs its place', () => {
    const connections = new UnestablishedConnections();
    const giveWay = vi.fn();
    takeAll(connections, { kind: 'calls', giveWay });
    vi.advanceTimersByTime(59_999);
    expect([connections.has(applicant({ kind: 'calls' })), giveWay.mock.calls.length]).toEqual([false, 0]);
    vi.advanceTimersByTime(1);
    expect(giveWay).not.toHaveBeenCalled();
    expect(connections.take(applicant({ kind: 'calls' }))).toBeDefined();
    expect(giveWay).toHaveBeenCalledOnce();
    expect(connections.size).toBe(16);
  });
});
