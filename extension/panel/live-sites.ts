// Groups the documents of a report by site, as the panel shows them under one heading each.
import type { LiveConnection, LiveDocument, LiveReport, LiveSite } from '../../src/protocol/live-messages';
import { nameOf } from '../ui/site-name';

export interface LiveSiteGroup extends LiveSite {
  key: string;
  documents: LiveDocument[];
  connections: LiveConnection[];
}

/** Groups the documents for which `isWanted` is true, in the host's order. */
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

/** The sites with connections in other tabs. Private windows and other windows do not show each other's sites. */
export function otherSites(report: LiveReport, tabId: number | undefined, isPrivate: boolean): LiveSiteGroup[] {
  const groups = groupBySite(report, (document) => document.tabId !== tabId && document.isPrivate === isPrivate);
  return groups.filter(({ connections }) => connections.length > 0);
}

export function siteKey({ origin, ancestors, topOrigin, isPrivate }: LiveSite): string {
  return JSON.stringify([origin, ancestors, topOrigin, isPrivate]);
}
