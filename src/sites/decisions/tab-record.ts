// The record of a tab while it shows one origin: the sites allowed in it for this time, the embedded sites that have
// asked, and the IDs that its Peers took. Stored in the session store until the tab leaves the origin or closes.
import type { SiteName } from '../../protocol/ui-messages';
import { grantKey, siteOfGrantKey, TAB_PREFIX } from '../records/record-keys';

export interface TabRecord {
  /** The origin of the tab's page. The record ends when the tab shows another one. */
  tabOrigin: string;
  /** In a private window. */
  isPrivate: boolean;
  /** The sites allowed for this time, by grant key, with the private servers allowed in their prompts. */
  once: Record<string, string[]>;
  /** The IDs that Peers of this tab took without requesting one, by grant key, in the order of their first use. */
  leases: Record<string, string[]>;
  /** Grant keys of the embedded sites that have asked. */
  embedded: string[];
}

/** A tab and the origin it shows. */
export interface ShownTab {
  tabId: number;
  tabOrigin: string;
}

/** More embedded sites than honest pages have; the panel does not show further ones. */
const MAX_EMBEDDED = 32;

/** No tab has this ID (`tabs.TAB_ID_NONE`). */
export const NO_TAB = -1;

/** The origin that a tab shows; `null` if the browser names no URL: for its own pages, other extensions and files. */
export function tabOriginOf(url: string | undefined): string {
  return url === undefined ? 'null' : new URL(url).origin;
}

/** The origin of the page around the site's documents: their own if they are not embedded. */
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

/** The tab records among all records of the session store. */
export function tabRecords(session: Record<string, unknown>): [key: string, record: TabRecord][] {
  return Object.entries(session).filter((entry): entry is [string, TabRecord] => entry[0].startsWith(TAB_PREFIX));
}

export function withEmbedded(record: TabRecord, site: SiteName): TabRecord {
  const key = grantKey(site);
  if (record.embedded.includes(key) || record.embedded.length >= MAX_EMBEDDED) return record;
  return { ...record, embedded: [...record.embedded, key] };
}

/** Withdraws “for this time” from the sites for which `isMeant` is true. Returns only the changed records. */
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

/**
 * Ends the leases of a site's IDs for which `isMeant` is true. Returns only the changed records. `key`: the grant key.
 */
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
