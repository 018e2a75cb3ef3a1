// What a user has decided about a site, and what follows from it for one of its Peers.
import type { NamedServer, Site } from '../protocol/control-messages';
import { isPrivateOrigin } from './named-server';

/** A lasting decision, stored under `grant:<grant key>`. */
export interface Grant {
  decision: 'allow' | 'block';
  /** Labels of PeerServers on private addresses that a prompt has named and the user has allowed. */
  servers: string[];
  /** Milliseconds since the epoch. */
  decidedAt: number;
}

/** What holds for a site in one tab: the lasting decision, and the private servers allowed for this time. */
export interface Standing {
  grant: Grant | undefined;
  /** Undefined: the site has not been allowed for this time. */
  onceServers: string[] | undefined;
}

export type Decision = 'allow' | 'block' | 'ask';

/** What decisions are kept by: today the document's own origin, wherever it is embedded. */
export function grantKey(site: Site): string {
  return site.origin;
}

/** Decides without asking, where that is possible. */
export function decide({ grant, onceServers }: Standing, site: Site, server: NamedServer): Decision {
  if (grant?.decision === 'block') return 'block';
  if (!grant && !onceServers) return 'ask';
  if (!server.isPrivate || isPrivateOrigin(site.origin)) return 'allow';
  const named = [...(grant?.servers ?? []), ...(onceServers ?? [])];
  return named.includes(server.label) ? 'allow' : 'ask';
}

/** The grant after the user's answer to a prompt that named `server`. */
export function decided(
  former: Grant | undefined,
  decision: Grant['decision'],
  server: NamedServer,
  decidedAt: number,
): Grant {
  if (decision === 'block') return { decision, servers: [], decidedAt };
  return { decision, servers: withServer(former?.servers ?? [], server), decidedAt };
}

export function withServer(servers: string[], server: NamedServer): string[] {
  return server.isPrivate && !servers.includes(server.label) ? [...servers, server.label] : servers;
}

/** The stored record, or undefined if it is none. */
export function parseGrant(record: unknown): Grant | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const { decision, servers, decidedAt } = record as Partial<Grant>;
  if (decision !== 'allow' && decision !== 'block') return undefined;
  return { decision, servers: Array.isArray(servers) ? servers : [], decidedAt: decidedAt ?? 0 };
}
