// Servers as they are typed, and as they are shown: what is wrong is said by the key of a text.
import { parseServerOptions, type ServerProblem } from '../../src/protocol/peer-server';
import type { OwnIceServer, OwnPeerServer } from '../../src/protocol/ui-messages';
import type { TextKey } from '../platform/i18n';

/** What PeerServer is started with where nobody sets another. */
export const USUAL_KEY = 'peerjs';

/** RFC 7064 and 7065: a scheme, a host, perhaps a port; for relays perhaps a transport. */
const ICE_URL = /^(?:stuns?:HOST|turns?:HOST(?:\?transport=(?:udp|tcp))?)$/.source.replaceAll(
  'HOST',
  /(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?/.source,
);

const PROBLEMS: Record<ServerProblem['option'], TextKey> = {
  host: 'settingsNotAnAddress',
  port: 'settingsNotAnAddress',
  path: 'settingsNotAnAddress',
  key: 'settingsNotAKey',
};

type Parsed<Value> = { value: Value } | { problem: TextKey };

/** A PeerServer from the address that browsers know it by; without a scheme it is one by TLS. */
export function parsePeerServer(typed: string, key: string): Parsed<OwnPeerServer> {
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return { problem: 'settingsNotAnAddress' };
  }
  const { protocol, hostname, port, pathname, username, password, search, hash } = url;
  const isSecure = protocol === 'https:' || protocol === 'wss:';
  if (!isSecure && protocol !== 'http:' && protocol !== 'ws:') return { problem: 'settingsNotAnAddress' };
  if (username || password || search || hash) return { problem: 'settingsAddressTooLong' };
  const path = pathname.endsWith('/') ? pathname : `${pathname}/`;
  const parsed = parseServerOptions({ host: hostname, port, path, key, secure: isSecure });
  return 'server' in parsed ? { value: parsed.server } : { problem: PROBLEMS[parsed.problem.option] };
}

/** What `parsePeerServer` would make the same of. */
export function peerServerAddress({ host, port, path, secure }: OwnPeerServer): string {
  const usual = secure ? 443 : 80;
  return `${secure ? 'https' : 'http'}://${host}${port === usual ? '' : `:${port}`}${path}`;
}

/** The URLs of one STUN or TURN server, which a space or comma separates. */
export function parseIceUrls(typed: string): Parsed<string[]> {
  const urls = typed.split(/[\s,]+/).filter((url) => url !== '');
  if (urls.length === 0) return { problem: 'settingsIceUrlMissing' };
  return urls.every((url) => new RegExp(ICE_URL, 'i').test(url)) ? { value: urls } : { problem: 'settingsNotAnIceUrl' };
}

/** Whether connections can go over it; other servers only tell a browser its address. */
export function isRelay({ urls }: OwnIceServer): boolean {
  return urls.some((url) => /^turns?:/i.test(url));
}
