// Under which keys the records of a site are kept. Those of a private window have names of their own, in the session
// store, and go when the last private window does.
import type { SiteName } from '../../protocol/ui-messages';

/** A site, and which of the two worlds it is seen in. */
export interface PlacedSite extends SiteName {
  /** In a private window: nothing about it is stored. */
  isPrivate: boolean;
  /** In Firefox, of a document in a container: which one. */
  container?: string;
}

export const PRIVATE_PREFIX = 'private:';
const GRANT_PREFIX = 'grant:';
const IDENTITY_PREFIX = 'identity:';
const SETTINGS_PREFIX = 'settings:';
export const DISMISSALS_PREFIX = 'dismissals:';
/** In the session store: of a tab, and of a prompt that waits. */
export const TAB_PREFIX = 'tab:';
export const PROMPT_PREFIX = 'prompt:';

/**
 * What decisions are kept by: the document's own origin, and with it, where it is embedded, those of all that it is embedded
 * in, from the inside out. An origin holds no space.
 */
export function grantKey({ origin, ancestors = [], topOrigin }: SiteName): string {
  return topOrigin === undefined ? origin : [origin, ...ancestors, topOrigin].join(' ');
}

export function siteOfGrantKey(key: string): SiteName {
  const [origin = '', ...ancestors] = key.split(' ');
  const topOrigin = ancestors.pop();
  if (topOrigin === undefined) return { origin };
  return { origin, ...(ancestors.length > 0 && { ancestors }), topOrigin };
}

export interface RecordKeys {
  grant: string;
  /** Of the origin itself; the same as `grant` where the site is not embedded. */
  ownGrant: string;
  /** As decisions: an embedded site has IDs of its own in the pages of each other site, so it knows nobody by them across sites. */
  identities: string;
  /** Of the origin, wherever it is embedded. */
  settings: string;
}

export function recordKeys(site: PlacedSite): RecordKeys {
  const prefix = site.isPrivate ? PRIVATE_PREFIX : '';
  return {
    grant: prefix + GRANT_PREFIX + grantKey(site),
    ownGrant: prefix + GRANT_PREFIX + site.origin,
    identities: prefix + IDENTITY_PREFIX + grantKey(site),
    settings: prefix + SETTINGS_PREFIX + site.origin,
  };
}

/** The grant keys of all sites that these records are about. */
export function siteKeysOf(records: Record<string, unknown>): string[] {
  const prefixes = [GRANT_PREFIX, SETTINGS_PREFIX, IDENTITY_PREFIX];
  const keys = Object.keys(records).flatMap((key) => {
    const prefix = prefixes.find((candidate) => key.startsWith(candidate));
    return prefix === undefined ? [] : [key.slice(prefix.length)];
  });
  return [...new Set(keys)].sort();
}
