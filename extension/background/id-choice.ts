// Whether IDs are kept for a site, as a prompt shows it and the user chooses it with their answer. The choice is the site's,
// however long the answer allows it: a kept ID is of use on the next visit alone, and the prompt of that visit begins with it.
import type { ConsentAnswer, IdChoice } from '../../src/protocol/control-messages';
import type { PlacedSite } from '../../src/sites/records/record-keys';
import type { SiteLedger } from '../../src/sites/site-ledger';
import { NO_TAB } from '../../src/sites/decisions/tab-record';

export async function idChoice(ledger: SiteLedger, site: PlacedSite): Promise<IdChoice> {
  const { keepsId, managed } = await ledger.view({ site, tabId: NO_TAB });
  return { isOn: keepsId, isManaged: managed?.settings.keepId !== undefined };
}

/**
 * To be called before the answer reaches those who wait for it. Only an answer that allows the site says anything about its
 * IDs. Returns whether that is news.
 */
export async function keepIdChoice(
  ledger: SiteLedger,
  site: PlacedSite,
  answer: ConsentAnswer,
  keepId: boolean | undefined,
): Promise<boolean> {
  const isAllowed = answer === 'always' || answer === 'once';
  return isAllowed && keepId !== undefined && ledger.chooseKeepId(site, keepId);
}
