// The storage keys of a site's records. Records about private windows have a prefix of their own. They are in the
// session store and end with the last private window.
import type { SiteName } from '../../protocol/ui-messages';

/** A site, and whether it is in a private window or a container. */
export interface PlacedSite extends SiteName {
  /** In a private window: nothing about it is stored on disk. */
  isPrivate: boolean;
  /** Firefox: the container of the document's tab, if any. */
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
  /** The grant of the origin itself; the same as `grant` if the site is not embedded. */
  ownGrant: string;
  /**
   * Keyed like decisions: an embedded site has other IDs in each surrounding site, so it cannot track users across
   * sites.
   */
  identities: string;
  /** Settings of the origin, wherever it is embedded. */
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

/** The grant keys of all sites that have a record. */
export function siteKeysOf(records: Record<string, unknown>): string[] {
  const prefixes = [GRANT_PREFIX, SETTINGS_PREFIX, IDENTITY_PREFIX];
  const keys = Object.keys(records).flatMap((key) => {
    const prefix = prefixes.find((candidate) => key.startsWith(candidate));
    return prefix === undefined ? [] : [key.slice(prefix.length)];
  });
  return [...new Set(keys)].sort();
}
