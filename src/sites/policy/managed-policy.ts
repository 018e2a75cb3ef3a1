// An administrator's policy from the browser's managed storage. The published schema is
// extension/public/managed-schema.json; members that violate it are left out one by one.
import * as v from 'valibot';
import { PREFERENCES, SITE_SETTINGS, type SiteSettings } from '../../protocol/site-settings';
import type { SiteDecision, SiteName } from '../../protocol/ui-messages';
import { nameServer } from '../servers/named-server';
import { POLICY_MEMBERS, type PolicyMembers } from './policy-members';
import { parseSettings } from './site-settings';
import { lenientRecord } from '../records/lenient-record';
import { migratedManaged } from '../records/migration';

/** An administrator's entry about one site, which the user cannot change. */
export interface ManagedSite extends SiteName {
  decision?: Exclude<SiteDecision, 'ask'>;
  /** Origins of PeerServers on private addresses that the site may use. */
  privateServers: string[];
  settings: SiteSettings;
}

export interface ManagedPolicy {
  policy: PolicyMembers;
  sites: ManagedSite[];
}

/** Drops anything after the origin, such as a slash. */
const origin = v.pipe(
  v.string(),
  v.check((text) => originOf(text) !== undefined),
  v.transform((text) => originOf(text)!),
);

const SITE_MEMBERS = {
  origin,
  ancestors: v.pipe(v.array(origin), v.minLength(1)),
  topOrigin: origin,
  decision: v.picklist(['allow', 'block']),
  privateServers: v.array(v.string()),
};

export function parseManaged(managedRecords: unknown): ManagedPolicy {
  const records = migratedManaged(managedRecords);
  const { sites } = lenientRecord({ sites: v.array(v.unknown()) }, records);
  return {
    policy: lenientRecord(POLICY_MEMBERS, records),
    sites: (sites ?? []).flatMap((record) => {
      const { origin, privateServers = [], ...others } = lenientRecord(SITE_MEMBERS, record);
      // Drop an entry with an invalid surrounding origin: without that origin it would apply to more than was meant.
      const isWhole = (name: string) => Object.hasOwn(record as object, name) === name in others;
      if (origin === undefined || !isWhole('topOrigin') || !isWhole('ancestors')) return [];
      const settings = parseSettings(record);
      return [{ origin, ...others, privateServers: privateServers.flatMap(serverOrigins), settings }];
    }),
  };
}

/** How many members of the records, and entries about sites, are left out because they violate the schema. */
export function ignoredMembers(records: Record<string, unknown>): number {
  const { policy, sites } = parseManaged(records);
  const entries = Array.isArray(records.sites) ? records.sites.length : 0;
  const members = Object.keys(records).filter((name) => name !== 'sites' || !Array.isArray(records.sites));
  return members.length - Object.keys(policy).length + entries - sites.length;
}

/**
 * Everything that the administrator has set for a site; undefined: nothing. An entry about an embedded site applies
 * only with exactly the ancestors that it names. A block of an origin applies wherever the origin is embedded. A
 * managed default of `block` applies to every site without an entry, so that administrators can allow certain sites
 * only. The administrator's own PeerServer needs no prompt even on a private address. A user's setting for a site
 * cannot lift an administrator's “relays only”, a ban on connections without a page, or a ban on kept IDs.
 */
export function managedSite(
  { policy, sites }: ManagedPolicy,
  { origin, ancestors, topOrigin }: SiteName,
): ManagedSite | undefined {
  const own = sites.filter((site) => site.origin === origin);
  const named = own.find((site) => site.topOrigin === topOrigin && site.ancestors?.join(' ') === ancestors?.join(' '));
  const everywhere = own.find((site) => site.topOrigin === undefined);
  const settings: SiteSettings = {
    ...protectionsOf(policy),
    ...everywhere?.settings,
    ...named?.settings,
  };
  const decision =
    everywhere?.decision === 'block'
      ? 'block'
      : (named?.decision ?? (policy.defaultDecision === 'block' ? 'block' : undefined));
  const privateServers = [...(named?.privateServers ?? []), ...privateServerOf(policy)];
  if (!decision && !named && privateServers.length === 0 && Object.keys(settings).length === 0) return undefined;
  return {
    origin,
    ...(ancestors && { ancestors }),
    ...(topOrigin !== undefined && { topOrigin }),
    ...(decision && { decision }),
    privateServers,
    settings,
  };
}

/** The protections that the administrator has set for all sites. */
function protectionsOf(policy: PolicyMembers): SiteSettings {
  const names = PREFERENCES.filter((name) => policy[name] === SITE_SETTINGS[name].protective);
  return Object.fromEntries(names.map((name) => [name, policy[name]]));
}

/** The origin of the administrator's own PeerServer, if it is on a private address. */
function privateServerOf({ peerServer }: PolicyMembers): string[] {
  if (!peerServer) return [];
  const named = nameServer(peerServer);
  return named.isPrivate ? [named.origin] : [];
}

/** Both the encrypted and the unencrypted server if the entry has no scheme; empty if the entry is not a server. */
function serverOrigins(entry: string): string[] {
  const candidates = /^wss?:\/\//i.test(entry) ? [entry] : [`wss://${entry}`, `ws://${entry}`];
  return candidates.flatMap((candidate) => (URL.canParse(candidate) ? [new URL(candidate).origin] : []));
}

function originOf(text: string): string | undefined {
  try {
    const { protocol, origin } = new URL(text);
    return protocol === 'http:' || protocol === 'https:' ? origin : undefined;
  } catch {
    return undefined;
  }
}
