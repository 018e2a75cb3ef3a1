// The prompt's checkbox “Keep an ID”: its initial state, and storing the user's choice. The choice is stored for the site even
// if the answer allows the site only once: a kept ID matters only on the next visit, whose prompt starts with this choice.
import type { ConsentAnswer, IdChoice } from '../../src/protocol/control-messages';
import type { PlacedSite } from '../../src/sites/records/record-keys';
import type { SiteLedger } from '../../src/sites/site-ledger';
import { NO_TAB } from '../../src/sites/decisions/tab-record';

export async function idChoice(ledger: SiteLedger, site: PlacedSite): Promise<IdChoice> {
  const { keepsId, managed } = await ledger.view({ site, tabId: NO_TAB });
  return { isOn: keepsId, isManaged: managed?.settings.keepId !== undefined };
}

/**
 * Stores the choice if the answer allows the site. Call it before the waiting documents get the answer. Returns whether the
 * setting has changed.
 */
export async function storeIdChoice(
  ledger: SiteLedger,
  site: PlacedSite,
  answer: ConsentAnswer,
  keepId: boolean | undefined,
): Promise<boolean> {
  const isAllowed = answer === 'always' || answer === 'once';
  return isAllowed && keepId !== undefined && ledger.chooseKeepId(site, keepId);
}
