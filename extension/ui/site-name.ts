import type { SiteName } from '../../src/protocol/ui-messages';

/** Picks the members of a SiteName, for requests to the background. */
export function nameOf({ origin, ancestors, topOrigin }: SiteName): SiteName {
  return { origin, ...(ancestors && { ancestors }), ...(topOrigin !== undefined && { topOrigin }) };
}
