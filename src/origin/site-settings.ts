// What the user has set for an origin beside the permission.
import type { CallRoute } from '../protocol/page-messages';

/** Stored under `settings:<origin>`. */
export interface SiteSettings {
  /** Absent: as page and browser choose. */
  callRoute?: CallRoute;
}

/** The stored record; what it does not say, or says wrongly, is not set. */
export function parseSettings(record: unknown): SiteSettings {
  const { callRoute } = (typeof record === 'object' && record !== null ? record : {}) as { callRoute?: unknown };
  return callRoute === 'hosted' || callRoute === 'direct' ? { callRoute } : {};
}
