import { describe, expect, it } from 'vitest';
import schema from '../../../../extension/public/managed-schema.json';
import { PERMISSIONS, PREFERENCES, SETTING_NAMES, type SettingName } from '../../../../src/protocol/site-settings';
import { DEFAULT_POLICY } from '../../../../src/sites/policy/policy';
import {
  chosenSettings,
  parseSettings,
  permissionsIn,
  settingsInEffect,
  SETTINGS_MEMBERS,
} from '../../../../src/sites/policy/site-settings';

describe('parseSettings', () => {
  it.each(['hosted', 'direct'] as const)('reads the route %s', (callRoute) => {
    expect(parseSettings({ callRoute, other: 1 })).toEqual({ callRoute });
  });

  it.each([
    undefined,
    null,
    'direct',
    1,
    {},
    { callRoute: undefined },
    { callRoute: 'relay' },
    { callRoute: ['direct'] },
  ])('reads no settings from %j', (record) => {
    expect(parseSettings(record)).toEqual({});
  });
});

describe('the settings in effect', () => {
  it('are the defaults where neither the user nor the policy says otherwise', () => {
    expect(settingsInEffect({}, DEFAULT_POLICY)).toEqual({
      relayedOnly: false,
      data: true,
      calls: true,
      keepId: true,
      keepConnections: false,
    });
  });

  it('are the site’s own before the policy’s', () => {
    const policy = { ...DEFAULT_POLICY, relayedOnly: true, keepConnections: true };
    expect(settingsInEffect({}, policy)).toMatchObject({ relayedOnly: true, keepConnections: true });
    const own = { relayedOnly: false, keepConnections: false, calls: false, callRoute: 'direct' } as const;
    expect(settingsInEffect(own, policy)).toEqual({ ...own, data: true, keepId: true });
  });

  it('keep no connections without a saved ID, and the choice applies again with one', () => {
    const own = { keepConnections: true, keepId: false };
    expect(settingsInEffect(own, DEFAULT_POLICY)).toMatchObject({ keepConnections: false });
    expect(chosenSettings(own, DEFAULT_POLICY)).toMatchObject({ keepConnections: true });
    expect(settingsInEffect({ keepConnections: true }, DEFAULT_POLICY)).toMatchObject({ keepConnections: true });
  });

  it('permit each kind of connection apart', () => {
    expect(permissionsIn(settingsInEffect({ calls: false }, DEFAULT_POLICY))).toEqual({ data: true, calls: false });
  });
});

describe('the published managed-schema.json', () => {
  /** The type check names the file if it lacks a setting. */
  const ofSites: Record<SettingName, object> = schema.properties.sites.items.properties;
  const ofAllSites: Record<(typeof PREFERENCES)[number], object> = schema.properties;

  /** The type that the schema must declare, by a setting's own schema. */
  function declared(name: SettingName): object {
    const member = SETTINGS_MEMBERS[name];
    return member.type === 'picklist' ? { type: 'string', enum: member.options } : { type: 'boolean' };
  }

  it.each(SETTING_NAMES)('declares %s for single sites', (name) => {
    expect(ofSites[name]).toMatchObject(declared(name));
  });

  it.each(PREFERENCES)('declares %s for all sites', (name) => {
    expect(ofAllSites[name]).toMatchObject({ ...declared(name), description: expect.any(String) as string });
  });

  it.each(PERMISSIONS)('does not declare the permission %s for all sites', (name) => {
    expect(schema.properties).not.toHaveProperty(name);
  });
});
