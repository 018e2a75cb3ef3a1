// What the settings page and the panel both show of a site's setting, by its row in site-settings.ts.
import { needsOf, type SettingName, type SettingsInEffect } from '../../src/protocol/site-settings';
import { text, type TextKey } from '../platform/i18n';

/** False: the setting has no effect, because another setting that it needs is off. */
export function isUsable(name: SettingName, inEffect: SettingsInEffect): boolean {
  const needs = needsOf(name);
  return needs === undefined || inEffect[needs.setting];
}

/** Says what is missing if the setting is not usable. `hint`: the key of what else there is to say. */
export function hintOf(name: SettingName, inEffect: SettingsInEffect, hint: TextKey | undefined): string | undefined {
  const needs = needsOf(name);
  const key = needs && !inEffect[needs.setting] ? needs.hint : hint;
  return key && text(key);
}
