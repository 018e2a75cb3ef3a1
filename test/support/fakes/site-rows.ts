// Sites as the background tells the extension's pages of them.
import type { SiteRow, TabSite } from '../../../src/protocol/ui-messages';
import { ORIGIN } from './site-documents';

/** A site that nothing is known of. */
export function siteRow(origin = ORIGIN, row: Partial<SiteRow> = {}): SiteRow {
  const nothing = {
    privateServers: [],
    settings: {},
    identities: [],
    keepsId: true,
    isManaged: false,
    managedSettings: [],
  };
  return { origin, decision: 'ask', ...nothing, ...row };
}

/** The same, as a tab shows it. */
export function tabSite(site: Partial<TabSite> = {}): TabSite {
  const inTab = { isPrivate: false, keepsLinks: false, isAllowedForTab: false };
  return { ...siteRow(), ...inTab, dismissals: 0, isMuted: false, isWaiting: false, ...site };
}
