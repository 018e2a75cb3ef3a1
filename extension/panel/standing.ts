// How things stand with a site of the tab, in one word: what the panel says about it, beside what is live.
import type { TabSite } from '../../src/protocol/ui-messages';

export type Standing =
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

/** What the user can do something about comes first. */
export function standingOf(site: TabSite, hasPeers: boolean): Standing {
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
  // An embedded site is listed because it wants to connect, and is asked about when the user acts in it.
  return site.topOrigin === undefined ? 'never-asked' : 'not-yet-asked';
}
