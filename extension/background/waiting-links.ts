// Links that outlive their page wait for the site's next page in the tab, and end when the tab shows another site or is
// closed.
import type { SiteDocument } from '../../src/protocol/control-messages';
import type { SiteLedger } from '../../src/sites/site-ledger';
import { pageOriginOf, tabOriginOf } from '../../src/sites/decisions/tab-record';
import type { TabInfo } from '../platform/tabs';

export interface WaitingDependencies {
  ledger: SiteLedger;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  /** Called after it was written down that something ends when this tab leaves its page. */
  onKept: (tabId: number) => Promise<void>;
  leaveTab: (tabId: number) => Promise<void>;
}

/** What the document had waits in the host. */
export async function watchWaiting(
  { ledger, tabInfo, onKept, leaveTab }: WaitingDependencies,
  document: SiteDocument,
): Promise<void> {
  const { tabId, site } = document;
  const tabOrigin = pageOriginOf(site);
  const tab = await tabInfo(tabId);
  if (!tab || tabOriginOf(tab.url) !== tabOrigin) {
    await leaveTab(tabId);
    return;
  }
  await ledger.recordTab({ tabId, tabOrigin }, site.isPrivate);
  await onKept(tabId);
}
