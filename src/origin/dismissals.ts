// Prompts that nobody answered. Three about a site, or about sites in the pages of one, stop further ones until the user
// acts: who did not answer thrice has answered. Kept in the session store, so a restarted browser asks again.
import { grantKey } from './grant';
import { DISMISSALS_PREFIX, PRIVATE_PREFIX, type PlacedSite } from './record-keys';

export const MOST_DISMISSALS = 3;

/**
 * The records that count for a site: its own first, then that of the page around it, which could else embed a new site for
 * each prompt.
 */
export function dismissalKeys(site: PlacedSite): string[] {
  const prefix = (site.isPrivate ? PRIVATE_PREFIX : '') + DISMISSALS_PREFIX;
  const own = prefix + grantKey(site);
  return site.topOrigin === undefined ? [own, `${prefix}in ${site.origin}`] : [own, `${prefix}in ${site.topOrigin}`];
}

/** Dismissals of prompts about the site itself. */
export function dismissalsOf(site: PlacedSite, session: Record<string, unknown>): number {
  return countOf(session[dismissalKeys(site)[0]!]);
}

export function isMuted(site: PlacedSite, session: Record<string, unknown>): boolean {
  return dismissalKeys(site).some((key) => countOf(session[key]) >= MOST_DISMISSALS);
}

export function withDismissal(site: PlacedSite, session: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(dismissalKeys(site).map((key) => [key, countOf(session[key]) + 1]));
}

function countOf(record: unknown): number {
  return typeof record === 'number' ? record : 0;
}
