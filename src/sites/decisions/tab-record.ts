// What is kept of a tab while it shows one origin: the sites in it that are allowed for this time, those embedded in it
// that have asked, and the IDs that its Peers took. Lives in the session store and ends when the tab leaves the origin or
// closes.
import type { SiteName } from '../../protocol/ui-messages';
import { grantKey, siteOfGrantKey, TAB_PREFIX } from '../records/record-keys';

export interface TabRecord {
  /** The origin of the tab's page when the record was begun. */
  tabOrigin: string;
  /** In a private window. */
  isPrivate: boolean;
  /** By grant key: allowed for this time; the labels of the private servers that were named and allowed. */
  once: Record<string, string[]>;
  /** By grant key: the IDs that Peers without one of their own took in this tab, in the order they first did. */
  leases: Record<string, string[]>;
  /** Grant keys of embedded sites that asked. */
  embedded: string[];
}

/** A tab and the origin it shows. */
export interface ShownTab {
  tabId: number;
  tabOrigin: string;
}

/** More frames of different origins than a page has; what is beyond does not show in the panel. */
const MOST_EMBEDDED = 32;

/** No tab has this ID (`tabs.TAB_ID_NONE`). */
export const NO_TAB = -1;

/** The origin that a tab shows; `null` where the browser names no URL: a page of its own, of another extension, a file. */
export function tabOriginOf(url: string | undefined): string {
  return url === undefined ? 'null' : new URL(url).origin;
}

/** The origin of the tab's page in which the site's documents are: their own, unless they are embedded. */
export function pageOriginOf({ origin, topOrigin }: SiteName): string {
  return topOrigin ?? origin;
}

export function tabKey(tabId: number): string {
  return `${TAB_PREFIX}${tabId}`;
}

export function tabIdOf(key: string): number {
  return Number(key.slice(TAB_PREFIX.length));
}

export function newTabRecord(tabOrigin: string, isPrivate: boolean): TabRecord {
  return { tabOrigin, isPrivate, once: {}, leases: {}, embedded: [] };
}

/** The tabs' records among everything in the session store, by key. */
export function tabRecords(session: Record<string, unknown>): [key: string, record: TabRecord][] {
  return Object.entries(session).filter((entry): entry is [string, TabRecord] => entry[0].startsWith(TAB_PREFIX));
}

export function withEmbedded(record: TabRecord, site: SiteName): TabRecord {
  const key = grantKey(site);
  if (record.embedded.includes(key) || record.embedded.length >= MOST_EMBEDDED) return record;
  return { ...record, embedded: [...record.embedded, key] };
}

/** The records that change where the sites that `isMeant` are no longer allowed for this time. */
export function withoutOnce(
  session: Record<string, unknown>,
  isPrivate: boolean,
  isMeant: (site: SiteName) => boolean,
): Record<string, TabRecord> {
  const changed = tabRecords(session).flatMap(([key, record]): [string, TabRecord][] => {
    if (record.isPrivate !== isPrivate) return [];
    const kept = Object.entries(record.once).filter(([grantKey]) => !isMeant(siteOfGrantKey(grantKey)));
    const isSame = kept.length === Object.keys(record.once).length;
    return isSame ? [] : [[key, { ...record, once: Object.fromEntries(kept) }]];
  });
  return Object.fromEntries(changed);
}

/** The records that change where the IDs of a site that `isMeant` are no longer leased. `key`: the site's grant key. */
export function withoutLeases(
  session: Record<string, unknown>,
  isPrivate: boolean,
  key: string,
  isMeant: (id: string) => boolean,
): Record<string, TabRecord> {
  const changed = tabRecords(session).flatMap(([tab, record]): [string, TabRecord][] => {
    const former = record.isPrivate === isPrivate ? (record.leases[key] ?? []) : [];
    const kept = former.filter((id) => !isMeant(id));
    if (kept.length === former.length) return [];
    return [[tab, { ...record, leases: { ...record.leases, [key]: kept } }]];
  });
  return Object.fromEntries(changed);
}
