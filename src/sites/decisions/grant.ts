// The user's decision about a site, and its consequence for the site's Peers.
import type { NamedServer, Site } from '../../protocol/control-messages';
import type { SiteDecision } from '../../protocol/ui-messages';
import type { ManagedSite } from '../policy/managed-policy';
import { isPrivateOrigin } from '../servers/named-server';

/** A lasting decision, stored under `grant:<grant key>`. */
export interface Grant {
  /** `ask` is an explicit choice: it applies even if sites are allowed by default. */
  decision: SiteDecision;
  /** Origins of PeerServers on private addresses that the user has allowed in a prompt. */
  servers: string[];
  /** Milliseconds since the epoch. */
  decidedAt: number;
}

/** All decisions that apply to a site in one tab. */
export interface Standing {
  /** The administrator's entry. */
  managed: ManagedSite | undefined;
  grant: Grant | undefined;
  /** The site is embedded, and the user has blocked its origin itself. */
  isBlockedEverywhere: boolean;
  /** The private servers allowed “for this time”. Undefined: the site is not allowed for this time. */
  onceServers: string[] | undefined;
  defaultDecision: SiteDecision;
}

const DECISIONS: readonly unknown[] = ['ask', 'allow', 'block'] satisfies SiteDecision[];

/**
 * The decision regardless of the server. “For this time” outranks a block, because the user said it last, in this tab.
 */
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

/** Decides without a prompt if possible; else returns `ask`. */
export function decide(standing: Standing, site: Site, server: NamedServer): SiteDecision {
  const decision = decisionOf(standing);
  if (decision !== 'allow' || !server.isPrivate || isPrivateOrigin(site.origin)) return decision;
  const { grant, onceServers, managed } = standing;
  const named = [...(grant?.servers ?? []), ...(onceServers ?? []), ...(managed?.privateServers ?? [])];
  return named.includes(server.origin) ? 'allow' : 'ask';
}

/** The grant after the user's decision. `server`: the server that the prompt named. */
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

/** Undefined if the stored record is not a grant. */
export function parseGrant(record: unknown): Grant | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const { decision, servers, decidedAt } = record as Partial<Grant>;
  if (decision === undefined || !DECISIONS.includes(decision)) return undefined;
  return { decision, servers: Array.isArray(servers) ? servers.filter(hasScheme) : [], decidedAt: decidedAt ?? 0 };
}

/**
 * Servers without a scheme are from before decisions distinguished encryption. They are dropped, and the user is asked
 * again.
 */
function hasScheme(server: unknown): server is string {
  return typeof server === 'string' && /^wss?:/.test(server);
}
