// Parses typed server addresses, and formats them for display. A problem is the key of the text that explains it.
import { parseServerOptions, type ServerProblem } from '../../src/protocol/peer-server';
import type { OwnIceServer, OwnPeerServer } from '../../src/protocol/ui-messages';
import type { TextKey } from '../platform/i18n';

/** PeerServer's default API key. */
export const USUAL_KEY = 'peerjs';

/** RFC 7064 and 7065: a scheme, a host, an optional port; for relays an optional transport. */
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

/** Parses the web address of a PeerServer. Without a scheme, TLS is assumed. */
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

/** The address of a PeerServer, which `parsePeerServer` parses back to the same server. */
export function peerServerAddress({ host, port, path, secure }: OwnPeerServer): string {
  const usual = secure ? 443 : 80;
  return `${secure ? 'https' : 'http'}://${host}${port === usual ? '' : `:${port}`}${path}`;
}

/** Parses the URLs of one STUN or TURN server, separated by spaces or commas. */
export function parseIceUrls(typed: string): Parsed<string[]> {
  const urls = typed.split(/[\s,]+/).filter((url) => url !== '');
  if (urls.length === 0) return { problem: 'settingsIceUrlMissing' };
  return urls.every((url) => new RegExp(ICE_URL, 'i').test(url)) ? { value: urls } : { problem: 'settingsNotAnIceUrl' };
}

/** Whether the server can relay connections (TURN). Other servers (STUN) only tell a browser its public address. */
export function isRelay({ urls }: OwnIceServer): boolean {
  return urls.some((url) => /^turns?:/i.test(url));
}
