// Counts dismissals: prompts that were closed without an answer or answered with “Block”. Three dismissals stop further
// prompts until the user acts in a page of Peerport. They count per registrable domain, and against the page around an
// embedded site too, because a page could embed a new subdomain for each prompt. The counters are in the session store,
// so a restarted browser asks again.
import { DISMISSALS_PREFIX, grantKey, PRIVATE_PREFIX, type PlacedSite } from '../records/record-keys';
import { registrableDomain } from './registrable-domain';
import { pageOriginOf } from './tab-record';

const MAX_DISMISSALS = 3;

interface Counters {
  /**
   * Dismissals about the site itself, for the panel. Silences nothing, because the other counters include the same
   * prompts.
   */
  own: string;
  /** Dismissals about any site in pages of this domain. */
  onPage: string;
  /**
   * Dismissals about embedded sites of this domain, in any page. Absent for a site that is not embedded, so that other
   * pages cannot silence a site by embedding it.
   */
  embedded?: string;
}

/** The keys of the site's counters. */
function counters(site: PlacedSite): Counters {
  const prefix = (site.isPrivate ? PRIVATE_PREFIX : '') + DISMISSALS_PREFIX;
  return {
    own: prefix + grantKey(site),
    onPage: `${prefix}on ${registrableDomain(pageOriginOf(site))}`,
    ...(site.topOrigin !== undefined && { embedded: `${prefix}of ${registrableDomain(site.origin)}` }),
  };
}

export function dismissalKeys(site: PlacedSite): string[] {
  const { own, onPage, embedded } = counters(site);
  return embedded === undefined ? [own, onPage] : [own, onPage, embedded];
}

/** The counters that an answer in the site's favor resets. Not the page's counter, for an embedded site. */
export function keysForgivenByAnswer(site: PlacedSite): string[] {
  const { own, onPage, embedded } = counters(site);
  return [own, embedded ?? onPage];
}

/** Dismissals about the site itself. */
export function dismissalsOf(site: PlacedSite, session: Record<string, unknown>): number {
  return countOf(session[counters(site).own]);
}

export function isMuted(site: PlacedSite, session: Record<string, unknown>): boolean {
  const { onPage, embedded } = counters(site);
  return [onPage, embedded].some((key) => key !== undefined && countOf(session[key]) >= MAX_DISMISSALS);
}

export function withDismissal(site: PlacedSite, session: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(dismissalKeys(site).map((key) => [key, countOf(session[key]) + 1]));
}

function countOf(record: unknown): number {
  return typeof record === 'number' ? record : 0;
}
