import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Quotas } from '../../../../src/engine/policy/quotas';
import { UncollectedConnections } from '../../../../src/engine/policy/uncollected-connections';
import { HOST_PEER_CONNECTIONS, MAX_SITE_LIMITS } from '../../../../src/protocol/host-limits';
import { FakePeerConnection } from '../../../support/fakes/peer-connection';
import { siteDocument } from '../../../support/fakes/site-documents';

/** A registry that collects when the test calls `collect`. */
class FakeRegistry {
  static collect: () => void;
  constructor(onCollected: () => void) {
    FakeRegistry.collect = onCollected;
  }
  register(): void {
    // `collect` reports one collected connection, whichever it is.
  }
}

const buffers = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('FinalizationRegistry', FakeRegistry);
  vi.stubGlobal('ArrayBuffer', buffers);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  buffers.mockReset();
});

/** Two sites; the first has opened and closed `count` connections. */
function makeChurned(count: number) {
  const uncollected = new UncollectedConnections();
  const quotas = new Quotas(uncollected);
  const [churner, other] = ['https://churner.example', 'https://other.example'].map((origin) => {
    const quota = quotas.join(siteDocument({ origin }).site);
    quota.limits = MAX_SITE_LIMITS;
    return quota;
  });
  for (let n = 0; n < count; n++) {
    churner!.peerConnections += 1;
    uncollected.add(new FakePeerConnection() as unknown as RTCPeerConnection);
    churner!.peerConnections -= 1;
  }
  return { uncollected, churner: churner!, other: other! };
}

describe('closed RTCPeerConnections', () => {
  it('count as in use until they are collected, and leave the reserve to other sites', () => {
    const { churner, other } = makeChurned(HOST_PEER_CONNECTIONS.most - HOST_PEER_CONNECTIONS.reserved);
    expect(churner.connectionRefusal(1)).toContain('All sites together');
    expect(other.connectionRefusal(2)).toBeUndefined();
    FakeRegistry.collect();
    expect(churner.connectionRefusal(1)).toBeUndefined();
  });

  it('make room for a waiting site as soon as they are collected', async () => {
    const { churner } = makeChurned(HOST_PEER_CONNECTIONS.most - HOST_PEER_CONNECTIONS.reserved);
    const onRoom = vi.fn();
    const refusal = (): string | undefined => churner.connectionRefusal(1);
    churner.connectionRequests.enter({ refusal, onRoom, onRefused: vi.fn() });
    expect(onRoom).not.toHaveBeenCalled();
    FakeRegistry.collect();
    await vi.advanceTimersByTimeAsync(0);
    expect(onRoom).toHaveBeenCalledOnce();
  });

  it('provoke no collection while they are few', () => {
    makeChurned(64);
    vi.runAllTimers();
    expect(buffers).not.toHaveBeenCalled();
  });

  it('provoke one collection at a time when they are many', () => {
    const { churner } = makeChurned(66);
    churner.peerConnections += 1;
    churner.peerConnections -= 1;
    vi.advanceTimersByTime(200);
    expect(buffers).toHaveBeenCalledTimes(8);
    // The fake collection freed nothing, so the next one starts.
    vi.advanceTimersByTime(100);
    expect(buffers.mock.calls.length).toBeGreaterThan(8);
  });
});
