// The one status of a site that the panel explains in words, beside its live connections.
import type { TabSite } from '../../src/protocol/ui-messages';

export type SiteStatus =
  | 'waiting'
  | 'muted'
  | 'managed'
  | 'blocked-everywhere'
  | 'blocked'
  | 'dismissed'
  | 'not-yet-asked'
  | 'never-asked'
  | 'no-peer'
  | 'live';

/** The first status that applies, in order: those that the user can act on come first. */
export function statusOf(site: TabSite, hasPeers: boolean): SiteStatus {
  if (site.isWaiting) return 'waiting';
  if (site.isMuted) return 'muted';
  if (site.isManaged && site.decision === 'block') return 'managed';
  if (site.isBlockedEverywhere) return 'blocked-everywhere';
  if (site.decision === 'block') return 'blocked';
  if (hasPeers) return 'live';
  if (site.isManaged) return 'managed';
  const isUndecided = site.decision === 'ask' && !site.isAllowedForTab;
  if (!isUndecided) return 'no-peer';
  if (site.dismissals > 0) return 'dismissed';
  // The panel lists an embedded site only if it wants to connect. The user is asked once they click or type in it.
  return site.topOrigin === undefined ? 'never-asked' : 'not-yet-asked';
}
