// The user's settings for an origin, besides the permission.
import * as v from 'valibot';
import type { SiteSettings } from '../../protocol/ui-messages';
import { lenientRecord } from '../records/lenient-record';

export const SETTINGS_MEMBERS = {
  callRoute: v.picklist(['hosted', 'direct']),
  relayedOnly: v.boolean(),
  keepId: v.boolean(),
  data: v.boolean(),
  calls: v.boolean(),
  keepConnections: v.boolean(),
};

/** The valid members of the stored record. */
export function parseSettings(record: unknown): SiteSettings {
  return lenientRecord(SETTINGS_MEMBERS, record);
}
