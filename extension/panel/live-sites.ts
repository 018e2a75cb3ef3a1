// The documents of a report by their site: what the panel shows under one heading.
import type { LiveConnection, LiveDocument, LiveReport, LiveSite } from '../../src/protocol/live-messages';
import { nameOf } from '../ui/site-name';

export interface LiveSiteGroup extends LiveSite {
  key: string;
  documents: LiveDocument[];
  connections: LiveConnection[];
}

/** Those that `isWanted`, in the order in which the host has them. */
export function groupBySite(report: LiveReport, isWanted: (document: LiveDocument) => boolean): LiveSiteGroup[] {
  const groups = new Map<string, LiveSiteGroup>();
  for (const document of report.documents.filter(isWanted)) {
    const { isPrivate, peers } = document;
    const key = siteKey(document);
    const group = groups.get(key) ?? { ...nameOf(document), isPrivate, key, documents: [], connections: [] };
    group.documents.push(document);
    group.connections.push(...peers.flatMap(({ connections }) => connections));
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Sites of other tabs that have connections, of the same kind of window: what is private stays there. */
export function otherSites(report: LiveReport, tabId: number | undefined, isPrivate: boolean): LiveSiteGroup[] {
  const groups = groupBySite(report, (document) => document.tabId !== tabId && document.isPrivate === isPrivate);
  return groups.filter(({ connections }) => connections.length > 0);
}

export function siteKey({ origin, ancestors, topOrigin, isPrivate }: LiveSite): string {
  return JSON.stringify([origin, ancestors, topOrigin, isPrivate]);
}
