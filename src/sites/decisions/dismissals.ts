// Prompts that brought the site nothing: closed without an answer, or answered with "Block". Three of them stop further ones
// until the user acts in a page of Peerport. They are counted by registrable domain, and against the page around an embedded
// site as well: a page can embed a new subdomain for each prompt, and one "Block" says nothing about the next. Kept in the
// session store, so a restarted browser asks again.
import { DISMISSALS_PREFIX, grantKey, PRIVATE_PREFIX, type PlacedSite } from '../records/record-keys';
import { registrableDomain } from './registrable-domain';
import { pageOriginOf } from './tab-record';

const MOST_DISMISSALS = 3;

interface Counters {
  /** Of prompts about the site itself: the panel says so. Silences nothing, because the others count the same prompts. */
  own: string;
  /** Of prompts about any site in pages of this domain. */
  onPage: string;
  /**
   * Of prompts about embedded sites of this domain, in whatever pages. Absent for a site that is not embedded: what other
   * pages embed of a site must not silence its own.
   */
  embedded?: string;
}

/** The keys of the records that count for a site. */
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

/** An answer that allows the site resets these counters. For an embedded site, the counter of its page is not among them. */
export function keysForgivenByAnswer(site: PlacedSite): string[] {
  const { own, onPage, embedded } = counters(site);
  return [own, embedded ?? onPage];
}

/** Prompts about the site itself that were closed or answered with "Block". */
export function dismissalsOf(site: PlacedSite, session: Record<string, unknown>): number {
  return countOf(session[counters(site).own]);
}

export function isMuted(site: PlacedSite, session: Record<string, unknown>): boolean {
  const { onPage, embedded } = counters(site);
  return [onPage, embedded].some((key) => key !== undefined && countOf(session[key]) >= MOST_DISMISSALS);
}

export function withDismissal(site: PlacedSite, session: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(dismissalKeys(site).map((key) => [key, countOf(session[key]) + 1]));
}

function countOf(record: unknown): number {
  return typeof record === 'number' ? record : 0;
}
