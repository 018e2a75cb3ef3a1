import { describe, expect, it } from 'vitest';
import { statusOf, type SiteStatus } from '../../../extension/panel/site-status';
import type { TabSite } from '../../../src/protocol/ui-messages';
import { tabSite } from '../../support/fakes/site-rows';

const cases: [status: SiteStatus, about: Partial<TabSite>, hasPeers?: boolean][] = [
  ['never-asked', {}],
  ['not-yet-asked', { topOrigin: 'https://news.example' }],
  ['dismissed', { topOrigin: 'https://news.example', dismissals: 1 }],
  ['dismissed', { dismissals: 1 }],
  ['muted', { dismissals: 3, isMuted: true }],
  ['waiting', { isWaiting: true }],
  // It is allowed, and asks about a server in the local network.
  ['waiting', { isWaiting: true, decision: 'allow' }, true],
  ['no-peer', { decision: 'allow' }],
  ['no-peer', { isAllowedForTab: true }],
  ['live', { decision: 'allow' }, true],
  ['live', {}, true],
  ['blocked', { decision: 'block' }],
  ['blocked-everywhere', { decision: 'block', isBlockedEverywhere: true }],
  ['managed', { decision: 'block', isManaged: true }],
  ['managed', { decision: 'allow', isManaged: true }],
  ['live', { decision: 'allow', isManaged: true }, true],
];

describe('status of a site', () => {
  it.each(cases)('is %s for %j (Peers: %s)', (status, about, hasPeers = false) => {
    expect(statusOf(tabSite(about), hasPeers)).toBe(status);
  });
});
