// What a user has decided about a site, and what follows from it for one of its Peers.
import type { NamedServer, Site } from '../../protocol/control-messages';
import type { SiteDecision } from '../../protocol/ui-messages';
import type { ManagedSite } from '../policy/managed-policy';
import { isPrivateOrigin } from '../servers/named-server';

/** A lasting decision, stored under `grant:<grant key>`. */
export interface Grant {
  /** `ask` where the user has said so: it holds also where sites are allowed by default. */
  decision: SiteDecision;
  /** Origins of PeerServers on private addresses that a prompt has named and the user has allowed. */
  servers: string[];
  /** Milliseconds since the epoch. */
  decidedAt: number;
}

/** What holds for a site in one tab. */
export interface Standing {
  /** What an administrator has set. */
  managed: ManagedSite | undefined;
  grant: Grant | undefined;
  /** The site is embedded, and the user has blocked its origin itself. */
  isBlockedEverywhere: boolean;
  /** The private servers allowed for this time. Undefined: the site has not been allowed for this time. */
  onceServers: string[] | undefined;
  defaultDecision: SiteDecision;
}

const DECISIONS: readonly unknown[] = ['ask', 'allow', 'block'] satisfies SiteDecision[];

/** What holds, whatever server is asked for. Allowed for this time is what the user has said last, about this very tab. */
export function decisionOf({
  managed,
  onceServers,
  isBlockedEverywhere,
  grant,
  defaultDecision,
}: Standing): SiteDecision {
  if (managed?.decision) return managed.decision;
  if (onceServers) return 'allow';
  if (isBlockedEverywhere) return 'block';
  return grant?.decision ?? defaultDecision;
}

/** Decides without asking, where that is possible. */
export function decide(standing: Standing, site: Site, server: NamedServer): SiteDecision {
  const decision = decisionOf(standing);
  if (decision !== 'allow' || !server.isPrivate || isPrivateOrigin(site.origin)) return decision;
  const { grant, onceServers, managed } = standing;
  const named = [...(grant?.servers ?? []), ...(onceServers ?? []), ...(managed?.privateServers ?? [])];
  return named.includes(server.origin) ? 'allow' : 'ask';
}

/** The grant after the user's decision; `server`: the one that a prompt named. */
export function decided(
  former: Grant | undefined,
  decision: SiteDecision,
  server: NamedServer | undefined,
  decidedAt: number,
): Grant {
  if (decision !== 'allow') return { decision, servers: [], decidedAt };
  return { decision, servers: withServer(former?.servers ?? [], server), decidedAt };
}

export function withServer(servers: string[], server: NamedServer | undefined): string[] {
  return server?.isPrivate && !servers.includes(server.origin) ? [...servers, server.origin] : servers;
}

/** The stored record, or undefined if it is none. */
export function parseGrant(record: unknown): Grant | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const { decision, servers, decidedAt } = record as Partial<Grant>;
  if (decision === undefined || !DECISIONS.includes(decision)) return undefined;
  return { decision, servers: Array.isArray(servers) ? servers.filter(hasScheme) : [], decidedAt: decidedAt ?? 0 };
}

/** Others are from before decisions told encrypted servers from those that are not: the user is asked again. */
function hasScheme(server: unknown): server is string {
  return typeof server === 'string' && /^wss?:/.test(server);
}
