import type { SiteName } from '../../src/protocol/ui-messages';

/** The site alone, without what else is said of it: to ask the background about it. */
export function nameOf({ origin, ancestors, topOrigin }: SiteName): SiteName {
  return { origin, ...(ancestors && { ancestors }), ...(topOrigin !== undefined && { topOrigin }) };
}
