// Reads everything that a decision about a site needs, at once, from all stores: what the user, an administrator and the
// defaults say about the site in one tab, and the IDs that it may have there. Writes nothing.
import type { SettingsInEffect, SiteSettings } from '../protocol/site-settings';
import type { Policy } from '../protocol/ui-messages';
import { dismissalsOf, isMuted } from './decisions/dismissals';
import { parseGrant, type Standing } from './decisions/grant';
import { isSelfTestSite, selfTestSite } from './decisions/self-test-site';
import { tabKey, tabRecords, type TabRecord } from './decisions/tab-record';
import { parseBook, type IdentityBook, type Leases } from './identities/identity-book';
import { managedSite, parseManaged } from './policy/managed-policy';
import { parsePolicy, POLICY_KEY, policyView } from './policy/policy';
import { parseSettings, settingsInEffect } from './policy/site-settings';
import { grantKey, recordKeys, type PlacedSite } from './records/record-keys';
import type { Stores } from './records/store';

/** Everything that a decision needs, read at once. */
export interface SiteView extends Standing {
  settings: SiteSettings;
  inEffect: SettingsInEffect;
  /** The site's IDs are kept, and its Peers may get kept IDs. */
  keepsId: boolean;
  book: IdentityBook;
  leases: Leases;
  policy: Policy;
  /** Dismissals about the site itself, in this browser session. */
  dismissals: number;
  isMuted: boolean;
}

/** A site in a tab. */
export interface SiteInTab {
  site: PlacedSite;
  tabId: number;
  /** The document's mark, as in `SiteDocument`; absent if no particular document is meant. */
  mark?: string | null;
}

/** `defaults`: the policy where the user has set nothing. */
export async function readSiteView(
  stores: Stores,
  { site, tabId, mark }: SiteInTab,
  defaults: Policy,
): Promise<SiteView> {
  const keys = recordKeys(site);
  const own = site.isPrivate ? [] : [keys.grant, keys.ownGrant, keys.identities, keys.settings];
  const [lasting, session, managedRecords] = await Promise.all([
    stores.local.get([...own, POLICY_KEY]),
    stores.session.get(null),
    stores.managed.get(null),
  ]);
  const managed = parseManaged(managedRecords);
  const { policy } = policyView(parsePolicy(lasting[POLICY_KEY]), managed, defaults);
  const ofSite = isSelfTestSite(site) ? selfTestSite(site, policy) : managedSite(managed, site);
  const records: Record<string, unknown> = site.isPrivate ? session : lasting;
  const tab = session[tabKey(tabId)] as TabRecord | undefined;
  const settings = { ...parseSettings(records[keys.settings]), ...ofSite?.settings };
  const inEffect = settingsInEffect(settings, policy);
  const book = parseBook(records[keys.identities], site.container);
  return {
    managed: ofSite,
    grant: parseGrant(records[keys.grant]),
    isBlockedEverywhere: site.topOrigin !== undefined && parseGrant(records[keys.ownGrant])?.decision === 'block',
    defaultDecision: policy.defaultDecision,
    onceServers: tab?.once[grantKey(site)],
    settings,
    inEffect,
    keepsId: inEffect.keepId && isOfBook(mark, book),
    book,
    leases: leasesOf(site, tabId, session),
    policy,
    dismissals: dismissalsOf(site, session),
    isMuted: isMuted(site, session),
  };
}

/**
 * Whether a document may use the site's IDs: not if it has no storage (null), nor if the site's data was cleared since.
 */
function isOfBook(mark: string | null | undefined, book: IdentityBook): boolean {
  return mark === undefined || (mark !== null && (book.mark === undefined || book.mark.value === mark));
}

function leasesOf(site: PlacedSite, tabId: number, session: Record<string, unknown>): Leases {
  const elsewhere = new Set<string>();
  let own: string[] = [];
  for (const [key, { leases }] of tabRecords(session)) {
    const ids = leases[grantKey(site)] ?? [];
    if (key === tabKey(tabId)) own = ids;
    else for (const id of ids) elsewhere.add(id);
  }
  return { own, elsewhere };
}
