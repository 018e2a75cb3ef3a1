// Reads the user's settings for an origin, and combines them with the policy. src/protocol/site-settings.ts has the rows.
import {
  columnOf,
  needsOf,
  PERMISSIONS,
  PREFERENCES,
  SETTING_NAMES,
  SITE_SETTINGS,
  type PermissionName,
  type PreferenceName,
  type SettingsInEffect,
  type SiteSettings,
} from '../../protocol/site-settings';
import type { Policy } from '../../protocol/ui-messages';
import { lenientRecord } from '../records/lenient-record';

export const SETTINGS_MEMBERS = columnOf(SETTING_NAMES, 'schema');

/** The valid members of the stored record. */
export function parseSettings(record: unknown): SiteSettings {
  return lenientRecord(SETTINGS_MEMBERS, record);
}

export function settingsInEffect(own: SiteSettings, policy: Policy): SettingsInEffect {
  const chosen = chosenSettings(own, policy);
  const ineffective = PREFERENCES.filter((name) => {
    const needs = needsOf(name);
    return needs && !chosen[needs.setting];
  });
  return { ...chosen, ...Object.fromEntries(ineffective.map((name) => [name, false])) };
}

/** The same, but with a setting that needs another one as it will be once the other one is on. */
export function chosenSettings(own: SiteSettings, policy: Policy): SettingsInEffect {
  const permissions = PERMISSIONS.map((name) => [name, own[name] ?? SITE_SETTINGS[name].byDefault]);
  const preferences = PREFERENCES.map((name) => [name, own[name] ?? policy[name]]);
  return { ...own, ...Object.fromEntries([...permissions, ...preferences]) } as SettingsInEffect;
}

/** The part of the settings in effect that permits kinds of connection. */
export function permissionsIn(inEffect: SettingsInEffect): Record<PermissionName, boolean> {
  return Object.fromEntries(PERMISSIONS.map((name) => [name, inEffect[name]])) as Record<PermissionName, boolean>;
}

/** Whether a change of this setting takes a protection away. */
export function isLoosened(
  name: PermissionName | PreferenceName,
  before: Partial<Record<typeof name, boolean>>,
  after: Partial<Record<typeof name, boolean>>,
): boolean {
  const { protective } = SITE_SETTINGS[name];
  return before[name] === protective && after[name] !== protective;
}
