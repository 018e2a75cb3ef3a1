// What the user has set for an origin beside the permission.
import * as v from 'valibot';
import type { SiteSettings } from '../../protocol/ui-messages';
import { lenientRecord } from '../records/lenient-record';

export const SETTINGS_MEMBERS = {
  callRoute: v.picklist(['hosted', 'direct']),
  relayedOnly: v.boolean(),
  keepId: v.boolean(),
  data: v.boolean(),
  calls: v.boolean(),
  keepLinks: v.boolean(),
};

/** The stored record; what it does not say, or says wrongly, is not set. */
export function parseSettings(record: unknown): SiteSettings {
  return lenientRecord(SETTINGS_MEMBERS, withPresentNames(record));
}

/** A member was named otherwise once: `freshId`, true where no ID is kept. Records, files and policies may still have it. */
export function withPresentNames(record: unknown): unknown {
  const { freshId, ...others } = (record ?? {}) as { freshId?: unknown };
  return typeof freshId === 'boolean' ? { keepId: !freshId, ...others } : record;
}
