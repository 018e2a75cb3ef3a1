// Stores the IDs that Peers have leased.
import type { Identity, SiteDocument } from '../../src/protocol/control-messages';
import type { SiteLedger } from '../../src/sites/site-ledger';
import { pageOriginOf, tabOriginOf, type ShownTab } from '../../src/sites/decisions/tab-record';
import type { TabInfo } from '../platform/tabs';

export interface IdentityDependencies {
  ledger: SiteLedger;
  tabInfo: (tabId: number) => Promise<TabInfo | undefined>;
  /** Called after storing a lease, which may end when this tab leaves its page. */
  onLease: (tabId: number) => void;
}

export async function storeIdentity(
  { ledger, tabInfo, onLease }: IdentityDependencies,
  document: SiteDocument,
  identity: Identity,
  named: boolean,
): Promise<void> {
  const tab = named ? undefined : shownTab(document, await tabInfo(document.tabId));
  await ledger.lease(document, identity, named, tab);
  onLease(document.tabId);
}

/** Undefined if the tab has left the document's page meanwhile: a lease for it would never end. */
function shownTab({ site, tabId }: SiteDocument, tab: TabInfo | undefined): ShownTab | undefined {
  if (!tab) return undefined;
  const tabOrigin = tabOriginOf(tab.url);
  // An `about:blank` page has the origin of the page that opened it, while the tab's address names no origin.
  const isStillThere = tabOrigin === 'null' || tabOrigin === pageOriginOf(site);
  return isStillThere ? { tabId, tabOrigin } : undefined;
}
