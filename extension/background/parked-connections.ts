// Ends connections that are parked in the host for the site's next page in a tab, once the tab shows another site or is closed.
import type { SiteDocument } from '../../src/protocol/control-messages';
import type { SiteLedger } from '../../src/sites/site-ledger';
import { pageOriginOf, tabOriginOf } from '../../src/sites/decisions/tab-record';
import type { TabInfo } from '../platform/tabs';

export interface ParkedConnectionsDependencies {
  ledger: SiteLedger;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  /** Called after recording that state ends when this tab leaves its page. */
  onStored: (tabId: number) => Promise<void>;
  leaveTab: (tabId: number) => Promise<void>;
}

/** Call it when the host has parked the document's connections. */
export async function watchParkedConnections(
  { ledger, tabInfo, onStored, leaveTab }: ParkedConnectionsDependencies,
  document: SiteDocument,
): Promise<void> {
  const { tabId, site } = document;
  const tabOrigin = pageOriginOf(site);
  const tab = await tabInfo(tabId);
  if (!tab || tabOriginOf(tab.url) !== tabOrigin) {
    await leaveTab(tabId);
    return;
  }
  await ledger.tabs.recordTab({ tabId, tabOrigin }, site.isPrivate);
  await onStored(tabId);
}
