// Sites in the form that the background sends to the extension's pages.
import type { SiteRow, TabSite } from '../../../src/protocol/ui-messages';
import { ORIGIN } from './site-documents';

/** A site without a decision or settings. */
export function siteRow(origin = ORIGIN, row: Partial<SiteRow> = {}): SiteRow {
  const nothing = {
    privateServers: [],
    settings: {},
    identities: [],
    inEffect: { data: true, calls: true, keepId: true, relayedOnly: false, keepConnections: false },
    isManaged: false,
    managedSettings: [],
  };
  return { origin, decision: 'ask', ...nothing, ...row };
}

/** A site of a tab, without a decision or settings. */
export function tabSite(site: Partial<TabSite> = {}): TabSite {
  const inTab = { isPrivate: false, isAllowedForTab: false };
  return { ...siteRow(), ...inTab, dismissals: 0, isMuted: false, isWaiting: false, ...site };
}
