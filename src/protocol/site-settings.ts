// The user's settings for a site besides the decision, one row each. Schemas, defaults, the policy for all sites, the
// administrator's policy, the summary of an import, the settings page and the panel follow these rows. A new setting is a
// row here, its texts, its member in the published managed-schema.json, and the code that obeys it.
//
// The user and an administrator can set every row for a site. A preference has a value for all sites, too.
import * as v from 'valibot';

interface RowOfAnyKind {
  schema: v.GenericSchema;
  /** Where the site's details on the settings page show it, and the key of its label. */
  details: {
    section: 'permissions' | 'connections';
    label: string;
    hint?: string;
    /** The keys of the choices. `default` follows the policy, or leaves the choice to page and browser. */
    options?: Record<string, string>;
  };
  /** The panel's switch. Absent: the panel does not show it. */
  panel?: { label: string; hint?: string };
  /** The setting that must be on for this one to have an effect, and the key of the hint while it is off. */
  needs?: { setting: string; hint: string };
}

/** Whether the site may open one kind of connection. Only the site's own setting withdraws it. */
interface PermissionRow extends RowOfAnyKind {
  kind: 'permission';
  byDefault: true;
  /** The value that protects the user more. A file that replaces it loosens a protection. */
  protective: false;
}

/** A setting that follows the policy where the site has none of its own. */
interface PreferenceRow extends RowOfAnyKind {
  kind: 'preference';
  byDefault: boolean;
  /** As above. An administrator who sets it for all sites sets it for each site, so that no user can lift it. */
  protective: boolean;
  /** What the summary of an import says if the file loosens the protection. */
  loosened: { forAll: string; forSites: string };
  /** Where the general section of the settings page shows it, and the keys of its texts. */
  general: { section: 'privacy' | 'reloads'; label: string; hint: string };
}

/** A choice that is no question of protection. Page and browser choose where the site has no setting. */
interface ChoiceRow extends RowOfAnyKind {
  kind: 'choice';
}

type Row = PermissionRow | PreferenceRow | ChoiceRow;

/** In the order in which pages and summaries show them. */
export const SITE_SETTINGS = {
  /** True: all connections of the site go over a relay (TURN), so remote peers never see this browser's addresses. */
  relayedOnly: {
    kind: 'preference',
    schema: v.boolean(),
    byDefault: false,
    protective: true,
    loosened: { forAll: 'addresses-shown', forSites: 'sites-showing-addresses' },
    general: { section: 'privacy', label: 'settingsRelayedOnly', hint: 'settingsRelayedOnlyHint' },
    details: {
      section: 'connections',
      label: 'settingsRelayed',
      options: { default: 'settingsRelayedDefault', yes: 'settingsRelayedYes', no: 'settingsRelayedNo' },
    },
  },
  callRoute: {
    kind: 'choice',
    schema: v.picklist(['hosted', 'direct']),
    details: {
      section: 'connections',
      label: 'settingsRoute',
      options: { default: 'settingsRouteDefault', hosted: 'settingsRouteHosted', direct: 'settingsRouteDirect' },
    },
  },
  /** False: the site may not open data connections, even if it is allowed. */
  data: {
    kind: 'permission',
    schema: v.boolean(),
    byDefault: true,
    protective: false,
    details: { section: 'permissions', label: 'settingsDataAllowed' },
    panel: { label: 'panelScopeData' },
  },
  /** False: the site may not make calls, even if it is allowed. */
  calls: {
    kind: 'permission',
    schema: v.boolean(),
    byDefault: true,
    protective: false,
    details: { section: 'permissions', label: 'settingsCallsAllowed' },
    panel: { label: 'panelScopeCalls' },
  },
  /**
   * True: the site's IDs are saved, so that the site and remote peers can recognize this browser later. The default
   * differs by browser: Firefox's rules for add-ons leave the choice to the user.
   */
  keepId: {
    kind: 'preference',
    schema: v.boolean(),
    byDefault: true,
    protective: false,
    loosened: { forAll: 'ids-kept', forSites: 'sites-keeping-ids' },
    general: { section: 'privacy', label: 'settingsKeepId', hint: 'settingsKeepIdHint' },
    details: {
      section: 'permissions',
      label: 'uiKeepId',
      hint: 'uiKeepIdHint',
      options: { default: 'settingsKeepIdDefault', yes: 'settingsKeepIdYes', no: 'settingsKeepIdNo' },
    },
    panel: { label: 'uiKeepId', hint: 'uiKeepIdHint' },
  },
  /**
   * True: data connections outlive a reload of the page. They do so only if IDs are saved, because remote peers know the
   * next page by its ID alone.
   */
  keepConnections: {
    kind: 'preference',
    schema: v.boolean(),
    byDefault: false,
    protective: false,
    loosened: { forAll: 'connections-kept', forSites: 'sites-keeping-connections' },
    general: { section: 'reloads', label: 'settingsKeepConnections', hint: 'settingsKeepConnectionsHint' },
    details: {
      section: 'connections',
      label: 'uiKeepConnections',
      options: {
        default: 'settingsKeepConnectionsDefault',
        yes: 'settingsKeepConnectionsYes',
        no: 'settingsKeepConnectionsNo',
      },
    },
    panel: { label: 'uiKeepConnections', hint: 'panelScopeKeepConnectionsHint' },
    needs: { setting: 'keepId', hint: 'uiKeepConnectionsWithoutId' },
  },
} as const satisfies Record<string, Row>;

type Rows = typeof SITE_SETTINGS;

export type SettingName = keyof Rows;

type NameOf<Kind extends Row['kind']> = {
  [Name in SettingName]: Rows[Name]['kind'] extends Kind ? Name : never;
}[SettingName];

/** A kind of connection that the user can permit or withdraw. */
export type PermissionName = NameOf<'permission'>;
/** A setting that the policy has, too. */
export type PreferenceName = NameOf<'preference'>;

export const SETTING_NAMES = Object.keys(SITE_SETTINGS) as SettingName[];
export const PERMISSIONS = namesOf('permission');
export const PREFERENCES = namesOf('preference');

/** The user's settings for an origin. Absent: the policy decides, or else page and browser. */
export type SiteSettings = { [Name in SettingName]?: v.InferOutput<Rows[Name]['schema']> };

/**
 * The values that hold for a site, by its own settings and the policy. A setting that needs another one is false while
 * the other one is off.
 */
export type SettingsInEffect = Record<PermissionName | PreferenceName, boolean> & Pick<SiteSettings, NameOf<'choice'>>;

/** What must be on for the setting to have an effect; undefined: nothing. */
export function needsOf(name: SettingName) {
  const row = SITE_SETTINGS[name];
  return 'needs' in row ? row.needs : undefined;
}

/** One column of these rows, by name. */
export function columnOf<Name extends SettingName, Column extends keyof Rows[Name]>(
  names: readonly Name[],
  column: Column,
): { [Each in Name]: Rows[Each][Column & keyof Rows[Each]] } {
  return Object.fromEntries(names.map((name) => [name, SITE_SETTINGS[name][column]])) as never;
}

function namesOf<Kind extends Row['kind']>(kind: Kind): NameOf<Kind>[] {
  return SETTING_NAMES.filter((name) => SITE_SETTINGS[name].kind === kind) as NameOf<Kind>[];
}
