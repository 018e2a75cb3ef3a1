// Keeps the IDs that Peers took.
import type { Identity, SiteDocument } from '../../src/protocol/control-messages';
import type { SiteLedger } from '../../src/sites/site-ledger';
import { pageOriginOf, tabOriginOf, type ShownTab } from '../../src/sites/decisions/tab-record';
import type { TabInfo } from '../platform/tabs';

export interface IdentityDependencies {
  ledger: SiteLedger;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  /** Called after something was written down that may end when this tab leaves its page. */
  onLease: (tabId: number) => void;
}

export async function keepIdentity(
  { ledger, tabInfo, onLease }: IdentityDependencies,
  document: SiteDocument,
  identity: Identity,
  named: boolean,
): Promise<void> {
  const tab = named ? undefined : shownTab(document, await tabInfo(document.tabId));
  await ledger.lease(document, identity, named, tab);
  onLease(document.tabId);
}

/** Undefined if the tab has left the document's page meanwhile: nothing would ever end the lease. */
function shownTab({ site, tabId }: SiteDocument, tab: TabInfo | undefined): ShownTab | undefined {
  if (!tab) return undefined;
  const tabOrigin = tabOriginOf(tab.url);
  // A page that opened `about:blank` shares its origin with it, while the tab's address names none.
  const isStillThere = tabOrigin === 'null' || tabOrigin === pageOriginOf(site);
  return isStillThere ? { tabId, tabOrigin } : undefined;
}
