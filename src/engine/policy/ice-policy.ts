// What becomes of a page's RTCConfiguration for a connection between the host and a remote peer: the user's own ICE servers
// come to it, or take the place of the page's, and where the user wants relays only, nothing else is left.
import type { ConnectionPolicy } from '../../protocol/control-messages';
import type { PortableConfiguration } from '../../protocol/page-messages';
import type { OwnIceServer } from '../../protocol/ui-messages';

/**
 * Candidates gathered in advance: each costs sockets, and an allocation at every relay. A connection has one transport and a
 * call as many as its sections, unless they are bundled; 255, which browsers accept, would be an attack on user and relay.
 */
const MAX_CANDIDATE_POOL = 10;

const NO_RELAY =
  'The user lets this browser connect through relays (TURN servers) only, and neither the page nor the user has named one. ' +
  'Name one in `config.iceServers`.';

/** Throws, with a sentence for the page's developer, where there can be no connection. */
export function connectionConfiguration(page: PortableConfiguration, policy: ConnectionPolicy): RTCConfiguration {
  const servers = iceServers(page.iceServers, policy);
  const poolSize = page.iceCandidatePoolSize === undefined ? {} : { iceCandidatePoolSize: pooled(page) };
  const config = { ...page, ...poolSize, ...(servers && { iceServers: servers }) } as RTCConfiguration;
  if (!policy.relayedOnly) return config;
  const relays = (servers ?? []).flatMap(relaysOf);
  if (relays.length === 0) throw new Error(NO_RELAY);
  return { ...config, iceServers: relays, iceTransportPolicy: 'relay' };
}

/** What is no number for the RTCPeerConnection constructor is left to it, which throws. */
function pooled({ iceCandidatePoolSize: size }: PortableConfiguration): unknown {
  const number = Number(size);
  return number > MAX_CANDIDATE_POOL && number < 256 ? MAX_CANDIDATE_POOL : size;
}

/** Undefined: as the page said. What a server is made of is for the RTCPeerConnection constructor to judge. */
function iceServers(
  given: unknown,
  { iceServers: own = [], iceServersMode = 'add' }: ConnectionPolicy,
): unknown[] | undefined {
  if (own.length > 0 && iceServersMode === 'replace') return own;
  if (given !== undefined && given !== null && !Array.isArray(given)) {
    throw new TypeError('`config.iceServers` is no list of servers');
  }
  if (own.length === 0) return (given ?? undefined) as unknown[] | undefined;
  // The user's first: browsers take so many servers, and leave out the rest.
  return [...own, ...((given ?? []) as unknown[])];
}

/** The server with its relay URLs alone; nothing where it has none. A STUN server would be told our address for no use. */
function relaysOf(server: unknown): OwnIceServer[] {
  const { urls } = (server ?? {}) as { urls?: unknown };
  const relays = [urls].flat().filter((url): url is string => typeof url === 'string' && /^turns?:/i.test(url));
  return relays.length > 0 ? [{ ...(server as object), urls: relays }] : [];
}
