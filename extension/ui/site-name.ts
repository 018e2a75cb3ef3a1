import type { SiteName } from '../../src/protocol/ui-messages';

/** The site alone, without what else is said of it: to ask the background about it. */
export function nameOf({ origin, topOrigin }: SiteName): SiteName {
  return topOrigin === undefined ? { origin } : { origin, topOrigin };
}
