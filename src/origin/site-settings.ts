// What the user has set for an origin beside the permission.
import type { SiteSettings } from '../protocol/ui-messages';

/** The stored record; what it does not say, or says wrongly, is not set. */
export function parseSettings(record: unknown): SiteSettings {
  const { callRoute } = (typeof record === 'object' && record !== null ? record : {}) as { callRoute?: unknown };
  return callRoute === 'hosted' || callRoute === 'direct' ? { callRoute } : {};
}
