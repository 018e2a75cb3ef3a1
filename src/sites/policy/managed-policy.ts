// What an administrator has set through the browser's managed storage. The published schema is
// extension/public/managed-schema.json; what does not keep to it is left out, member by member.
import * as v from 'valibot';
import type { SiteDecision, SiteName, SiteSettings } from '../../protocol/ui-messages';
import { nameServer } from '../servers/named-server';
import { POLICY_MEMBERS, type PolicyMembers } from './policy-members';
import { parseSettings } from './site-settings';
import { lenientRecord } from '../records/lenient-record';

/** What is set for good about one site. */
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

/** Whatever stands behind the origin, a slash above all, is no part of it. */
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

export function parseManaged(records: unknown): ManagedPolicy {
  const { sites } = lenientRecord({ sites: v.array(v.unknown()) }, records);
  return {
    policy: lenientRecord(POLICY_MEMBERS, records),
    sites: (sites ?? []).flatMap((record) => {
      const { origin, privateServers = [], ...others } = lenientRecord(SITE_MEMBERS, record);
      // Without the page or the frames around it, where they are named, it would say more than was meant.
      const isWhole = (name: string) => Object.hasOwn(record as object, name) === name in others;
      if (origin === undefined || !isWhole('topOrigin') || !isWhole('ancestors')) return [];
      const settings = parseSettings(record);
      return [{ origin, ...others, privateServers: privateServers.flatMap(serverOrigins), settings }];
    }),
  };
}

/**
 * What holds for a site for good; undefined: nothing does. What is set for a site in the pages of another does not hold where
 * frames of further origins lie between, unless the entry names them. A block of an origin holds wherever it is embedded, and a
 * managed default of `block` for every site that is not named: else there would be no way to allow certain sites only.
 * Nobody is asked about the administrator's own PeerServer, wherever it is, and no setting of the user's for a site lifts
 * an administrator's wish for relays only, for no links without a page, or for no lasting IDs.
 */
export function managedSite(
  { policy, sites }: ManagedPolicy,
  { origin, ancestors, topOrigin }: SiteName,
): ManagedSite | undefined {
  const own = sites.filter((site) => site.origin === origin);
  const named = own.find((site) => site.topOrigin === topOrigin && site.ancestors?.join(' ') === ancestors?.join(' '));
  const everywhere = own.find((site) => site.topOrigin === undefined);
  const settings: SiteSettings = {
    ...(policy.relayedOnly && { relayedOnly: true }),
    ...(policy.keepLinks === false && { keepLinks: false }),
    ...(policy.keepId === false && { keepId: false }),
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

/** The origin of the administrator's own PeerServer, where that is one that a prompt would have to name. */
function privateServerOf({ peerServer }: PolicyMembers): string[] {
  if (!peerServer) return [];
  const named = nameServer(peerServer);
  return named.isPrivate ? [named.origin] : [];
}

/** Both servers, with encryption and without, where the entry names no scheme; none where it is no server. */
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
