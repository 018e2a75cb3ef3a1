import { describe, expect, it } from 'vitest';
import { Quota, Quotas } from '../../../src/engine/quotas';
import { siteDocument } from '../../support/fakes/site-documents';

const limits = { peers: 2, connections: 3, heldBytes: 100 };

describe('quota', () => {
  it('refuses nothing before the background has said anything', () => {
    const quota = Object.assign(new Quota(), { peers: 1e6, connections: 1e6, heldBytes: 1e12 });
    expect([quota.peerRefusal, quota.connectionRefusal, quota.heldRefusal]).toEqual([undefined, undefined, undefined]);
  });

  it('refuses what is beyond the limits, and nothing before', () => {
    const quota = Object.assign(new Quota(), { limits, peers: 1, connections: 2, heldBytes: 100 });
    expect([quota.peerRefusal, quota.connectionRefusal, quota.heldRefusal]).toEqual([undefined, undefined, undefined]);
    Object.assign(quota, { peers: 2, connections: 3, heldBytes: 101 });
    expect(quota.peerRefusal).toContain('2 Peers');
    expect(quota.connectionRefusal).toContain('3 connections');
    expect(quota.heldRefusal).toContain('100 bytes');
  });

  it('is one for all documents of an origin, and ends with the last', () => {
    const quotas = new Quotas();
    const { site } = siteDocument();
    const quota = quotas.join(site);
    expect(quotas.join(siteDocument({ tabId: 2 }).site)).toBe(quota);
    expect(quotas.join({ ...site, isPrivate: true })).not.toBe(quota);
    quotas.leave(site);
    expect(quotas.join(site)).toBe(quota);
    quotas.leave(site);
    quotas.leave(site);
    expect(quotas.join(site)).not.toBe(quota);
  });
});
