// The rows of the settings page's table: all sites with a record or an administrator's entry.
import type { SettingName } from '../protocol/site-settings';
import type { Policy, SiteName, SiteRow } from '../protocol/ui-messages';
import { decisionOf, parseGrant, type Standing } from './decisions/grant';
import { wholeBook, type IdentityBook } from './identities/identity-book';
import { managedSite, parseManaged } from './policy/managed-policy';
import { DEFAULT_POLICY, parsePolicy, POLICY_KEY, policyView } from './policy/policy';
import { grantKey, recordKeys, siteKeysOf, siteOfGrantKey } from './records/record-keys';
import { parseSettings, settingsInEffect } from './policy/site-settings';

/**
 * `local`, `managedRecords`: all records of these stores. Sorted by origin; a site's own row precedes its embedded
 * ones.
 */
export function siteRows(
  local: Record<string, unknown>,
  managedRecords: Record<string, unknown>,
  defaults: Policy = DEFAULT_POLICY,
): SiteRow[] {
  const managed = parseManaged(managedRecords);
  const { policy } = policyView(parsePolicy(local[POLICY_KEY]), managed, defaults);
  const keys = new Set([...managed.sites.map(grantKey), ...siteKeysOf(local)]);
  return [...keys].sort().map((key) => {
    const site = siteOfGrantKey(key);
    const records = recordKeys({ ...site, isPrivate: false });
    const ofSite = managedSite(managed, site);
    const settings = { ...parseSettings(local[records.settings]), ...ofSite?.settings };
    return siteRow(site, {
      managed: ofSite,
      grant: parseGrant(local[records.grant]),
      isBlockedEverywhere: site.topOrigin !== undefined && parseGrant(local[records.ownGrant])?.decision === 'block',
      onceServers: undefined,
      defaultDecision: policy.defaultDecision,
      settings,
      inEffect: settingsInEffect(settings, policy),
      book: wholeBook(local[records.identities]),
    });
  });
}

/** One row of the table. */
export function siteRow(
  site: SiteName,
  { book, settings, inEffect, ...standing }: Standing & { book: IdentityBook } & Pick<SiteRow, 'settings' | 'inEffect'>,
): SiteRow {
  const { grant, managed, isBlockedEverywhere } = standing;
  return {
    ...site,
    decision: decisionOf({ ...standing, onceServers: undefined }),
    ...(grant && { decidedAt: grant.decidedAt }),
    privateServers: [...new Set([...(grant?.servers ?? []), ...(managed?.privateServers ?? [])])],
    settings,
    inEffect,
    identities: [
      ...book.anonymous.map(({ id }) => ({ id, isNamed: false })),
      ...book.named.map(({ id }) => ({ id, isNamed: true })),
    ],
    isManaged: managed?.decision !== undefined,
    managedSettings: Object.keys(managed?.settings ?? {}) as SettingName[],
    ...(isBlockedEverywhere && !managed?.decision && { isBlockedEverywhere }),
  };
}
