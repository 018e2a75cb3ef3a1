import { describe, expect, it, vi } from 'vitest';
import { Quota, Quotas } from '../../../../src/engine/policy/quotas';
import { DEFAULT_LIMITS } from '../../../../src/sites/policy/policy';
import {
  HOST_QUEUED_BYTES,
  HOST_PEER_CONNECTIONS,
  HOST_PEERS,
  MAX_SITE_LIMITS,
} from '../../../../src/protocol/host-limits';
import { siteDocument, type DocumentOptions } from '../../../support/fakes/site-documents';

const limits = { peers: 2, connections: 3, queuedBytes: 100 };

const refusals = (quota: Quota) => [quota.peerRefusal, quota.connectionRefusal(1), quota.queuedBytesRefusal()];

describe('Quota', () => {
  it('has the highest limits of any site before the first admission', () => {
    const quota = new Quota();
    Object.assign(quota, { peers: MAX_SITE_LIMITS.peers - 1, connections: MAX_SITE_LIMITS.connections - 1 });
    expect(refusals(quota)).toEqual([undefined, undefined, undefined]);
    const { queuedBytes: queuedBytes, ...most } = MAX_SITE_LIMITS;
    Object.assign(quota, { ...most, queuedBytes });
    quota.queuedBytes += 1;
    expect(refusals(quota)).not.toContain(undefined);
  });

  it('refuses usage beyond the limits, and none below', () => {
    const quota = Object.assign(new Quota(), { limits, peers: 1, connections: 2, queuedBytes: 100 });
    expect(refusals(quota)).toEqual([undefined, undefined, undefined]);
    expect(quota.queuedBytesRefusal(1)).toContain('100 bytes');
    Object.assign(quota, { peers: 2, connections: 3, queuedBytes: 101 });
    expect(quota.peerRefusal).toContain('2 Peers');
    expect(quota.connectionRefusal(1)).toContain('3 connections');
    expect(quota.queuedBytesRefusal()).toContain('100 bytes');
  });

  it('is shared by all documents of a site, and ends with the last', () => {
    const quotas = new Quotas();
    const { site } = siteDocument();
    const quota = quotas.join(site);
    expect(quotas.join(siteDocument({ tabId: 2 }).site)).toBe(quota);
    quotas.leave(site);
    expect(quotas.join(site)).toBe(quota);
    quotas.leave(site);
    quotas.leave(site);
    expect(quotas.join(site)).not.toBe(quota);
  });

  // Otherwise a refusal in one place would tell a site what it has in another.
  it.each<[string, DocumentOptions]>([
    ['in a private window', { isPrivate: true }],
    ['in a container', { container: 'firefox-container-1' }],
  ])('is separate for the origin %s', (_, options) => {
    const quotas = new Quotas();
    expect(quotas.join(siteDocument(options).site)).not.toBe(quotas.join(siteDocument().site));
  });

  it('is shared with the same origin embedded in another site', () => {
    const quotas = new Quotas();
    const embedded = siteDocument({ topOrigin: 'https://around.example' });
    expect(quotas.join(embedded.site)).toBe(quotas.join(siteDocument().site));
  });
});

describe('HostBudgets', () => {
  function makeSites(count: number) {
    const quotas = new Quotas();
    return Array.from({ length: count }, (_, n) => {
      const quota = quotas.join(siteDocument({ origin: `https://site-${n}.example` }).site);
      quota.limits = MAX_SITE_LIMITS;
      return quota;
    });
  }

  it('are at least twice the default limits of one site', () => {
    expect(HOST_PEERS.most).toBeGreaterThanOrEqual(2 * DEFAULT_LIMITS.peers);
    expect(HOST_PEER_CONNECTIONS.most).toBeGreaterThanOrEqual(2 * DEFAULT_LIMITS.connections);
    expect(HOST_QUEUED_BYTES.most).toBeGreaterThanOrEqual(2 * DEFAULT_LIMITS.queuedBytes);
  });

  it('keep a reserve from greedy sites, whatever the user allows them', () => {
    const [one, two, modest] = makeSites(3);
    while (one!.connectionRefusal(1) === undefined) one!.peerConnections += 1;
    while (two!.connectionRefusal(1) === undefined) two!.peerConnections += 1;
    while (one!.peerRefusal === undefined) one!.peers += 1;
    while (two!.peerRefusal === undefined) two!.peers += 1;
    one!.queuedBytes = MAX_SITE_LIMITS.queuedBytes;
    expect([one!.peerConnections, one!.peers]).toEqual([300, 192]);
    expect([one!, two!].map((quota) => quota.queuedBytesRefusal(17 * 1024 * 1024) === undefined)).toEqual([
      false,
      false,
    ]);
    expect(two!.connectionRefusal(1)).toMatch(/^All sites together have as many connections in this browser/);
    expect(two!.peerRefusal).toMatch(/^All sites together have \d+ Peers in this browser/);
    expect(two!.queuedBytesRefusal(17 * 1024 * 1024)).toMatch(/^More bytes of all sites/);
    expect([modest!.peerRefusal, modest!.connectionRefusal(2), modest!.queuedBytesRefusal(1024 * 1024)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('limit modest sites too', () => {
    const sites = makeSites(400);
    for (const quota of sites) if (quota.connectionRefusal(2) === undefined) quota.peerConnections += 2;
    for (const quota of sites) if (quota.peerRefusal === undefined) quota.peers += 1;
    const sum = (member: 'peerConnections' | 'peers') => sites.reduce((sum, quota) => sum + quota[member], 0);
    expect([sum('peerConnections'), sum('peers')]).toEqual([HOST_PEER_CONNECTIONS.most, HOST_PEERS.most]);
  });

  it('refuse no page-owned connection', () => {
    const [quota] = makeSites(1);
    quota!.peerConnections = HOST_PEER_CONNECTIONS.most;
    expect([quota!.connectionRefusal(0), typeof quota!.connectionRefusal(1)]).toEqual([undefined, 'string']);
  });

  it('give freed room to another waiting site at once', async () => {
    const [one, two] = makeSites(2);
    one!.peerConnections = HOST_PEER_CONNECTIONS.most;
    const onRoom = vi.fn();
    two!.connectionRequests.enter({ refusal: () => two!.connectionRefusal(1), onRoom, onRefused: () => undefined });
    expect(onRoom).not.toHaveBeenCalled();
    one!.peerConnections -= 1;
    await Promise.resolve();
    expect(onRoom).toHaveBeenCalledOnce();
  });
});
