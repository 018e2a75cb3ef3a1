// What the user has set for an origin beside the permission.
import * as v from 'valibot';
import type { SiteSettings } from '../protocol/ui-messages';
import { validMembers } from './valid-members';

export const SETTINGS_MEMBERS = {
  callRoute: v.picklist(['hosted', 'direct']),
  relayedOnly: v.boolean(),
  freshId: v.boolean(),
  data: v.boolean(),
  calls: v.boolean(),
  keepLinks: v.boolean(),
};

/** The stored record; what it does not say, or says wrongly, is not set. */
export function parseSettings(record: unknown): SiteSettings {
  return validMembers(SETTINGS_MEMBERS, record);
}
