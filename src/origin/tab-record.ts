// What is kept of a tab while it shows one origin: the sites in it that are allowed for this time, and the IDs that its
// Peers took. Lives in the session store and ends when the tab leaves the origin or closes.

export interface TabRecord {
  /** The origin of the tab's page when the record was begun. */
  tabOrigin: string;
  /** By grant key: allowed for this time; the labels of the private servers that were named and allowed. */
  once: Record<string, string[]>;
  /** By origin: the IDs that Peers without one of their own took in this tab, in the order they first did. */
  leases: Record<string, string[]>;
}

const PREFIX = 'tab:';

/** The origin that a tab shows; `null` where the browser names no URL: a page of its own, of another extension, a file. */
export function tabOriginOf(url: string | undefined): string {
  return url === undefined ? 'null' : new URL(url).origin;
}

export function tabKey(tabId: number): string {
  return `${PREFIX}${tabId}`;
}

export function newTabRecord(tabOrigin: string): TabRecord {
  return { tabOrigin, once: {}, leases: {} };
}

/** The tabs' records among everything in the session store, by key. */
export function tabRecords(session: Record<string, unknown>): [key: string, record: TabRecord][] {
  return Object.entries(session).filter((entry): entry is [string, TabRecord] => entry[0].startsWith(PREFIX));
}
