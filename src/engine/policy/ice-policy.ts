// Applies the user's policy to a page's RTCConfiguration for connections between host and remote peer. The user's own
// ICE servers are added to the page's or replace them. With “relays only”, only relays remain.
import type { ConnectionPolicy } from '../../protocol/control-messages';
import type { PortableConfiguration } from '../../protocol/page-messages';
import type { OwnIceServer } from '../../protocol/ui-messages';

/**
 * Candidates gathered in advance, at most. Each one costs sockets and an allocation at every relay. A connection needs
 * one transport, an unbundled call one per section. Browsers accept 255, which would be an attack on user and relay.
 */
const MAX_CANDIDATE_POOL = 10;

const NO_RELAY =
  'The user lets this browser connect through relays (TURN servers) only, but neither the page nor the user has named a ' +
  'relay. Name one in `config.iceServers`.';

/** Throws a sentence for the page's developer if the policy allows no connection. */
export function connectionConfiguration(page: PortableConfiguration, policy: ConnectionPolicy): RTCConfiguration {
  const servers = iceServers(page.iceServers, policy);
  const poolSize = page.iceCandidatePoolSize === undefined ? {} : { iceCandidatePoolSize: pooled(page) };
  const config = { ...page, ...poolSize, ...(servers && { iceServers: servers }) } as RTCConfiguration;
  if (!policy.relayedOnly) return config;
  const relays = (servers ?? []).flatMap(relaysOf);
  if (relays.length === 0) throw new Error(NO_RELAY);
  return { ...config, iceServers: relays, iceTransportPolicy: 'relay' };
}

/** Passes an invalid size through: the RTCPeerConnection constructor throws for it. */
function pooled({ iceCandidatePoolSize: size }: PortableConfiguration): unknown {
  const number = Number(size);
  return number > MAX_CANDIDATE_POOL && number < 256 ? MAX_CANDIDATE_POOL : size;
}

/** Undefined: keep the page's value. The RTCPeerConnection constructor validates the servers themselves. */
function iceServers(
  given: unknown,
  { iceServers: own = [], iceServersMode = 'add' }: ConnectionPolicy,
): unknown[] | undefined {
  if (own.length > 0 && iceServersMode === 'replace') return own;
  if (given !== undefined && given !== null && !Array.isArray(given)) {
    throw new TypeError('`config.iceServers` is not a list of servers');
  }
  if (own.length === 0) return (given ?? undefined) as unknown[] | undefined;
  // The user's servers first, because browsers use a limited number and ignore the rest.
  return [...own, ...((given ?? []) as unknown[])];
}

/** The server with only its relay URLs; empty if it has none. A STUN server would learn our address for nothing. */
function relaysOf(server: unknown): OwnIceServer[] {
  const { urls } = (server ?? {}) as { urls?: unknown };
  const relays = [urls].flat().filter((url): url is string => typeof url === 'string' && /^turns?:/i.test(url));
  return relays.length > 0 ? [{ ...(server as object), urls: relays }] : [];
}
