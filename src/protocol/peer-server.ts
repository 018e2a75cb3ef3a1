// The address of a PeerServer. Pages write anything into their server options, so `parseServerOptions` parses them once,
// with the URL parser that will also read the URLs built from them. The result is canonical: decisions, prompts, tokens
// and both URLs must be built from it alone, so that nobody parses the options a second time and differently. The page
// resolves `host: '/'`, the default port and `secure` before it names a server, because only the page knows its location.

/** The version that PeerJS 1.5.5 sends to the server. Servers may depend on it. */
export const PEERJS_VERSION = '1.5.5';

/** PeerJS's public server. */
export const CLOUD_HOST = '0.peerjs.com';
export const CLOUD_PORT = 443;

/** A Peer's server options as its page wrote them. PeerJS puts them into its URLs unchecked. */
export interface ServerOptions {
  host: string;
  port: number | string;
  path: string;
  key: string;
  secure: boolean;
}

/** A canonical address from `parseServerOptions`. Parsing it again returns the same address. */
export interface PeerServerAddress extends ServerOptions {
  /** In the form of `URL.hostname`: lower case, punycode, IPv4 in four decimal parts, IPv6 in brackets. */
  host: string;
  /** 1–65535. */
  port: number;
  /** Starts and ends with `/`, percent-encoded like a parsed URL, without dot segments. */
  path: string;
  /** Spelled the same in a path, in a query and here. */
  key: string;
}

/** PeerJS's public server, the default of pages that name no server. */
export const CLOUD_SERVER: PeerServerAddress = {
  host: CLOUD_HOST,
  port: CLOUD_PORT,
  path: '/',
  key: 'peerjs',
  secure: true,
};

/** The option that does not name a server, and a message for the page's developer. */
export interface ServerProblem {
  option: 'host' | 'port' | 'path' | 'key';
  message: string;
}

export type ParsedServerOptions = { server: PeerServerAddress } | { problem: ServerProblem };

/** A DNS name has at most 253 characters (RFC 1035). */
const MAX_HOST_LENGTH = 255;
/** Many servers refuse longer URLs. */
const MAX_PATH_LENGTH = 2048;
/** PeerServer's keys are words; its documentation shows none over 20 characters. */
const MAX_KEY_LENGTH = 256;

/** Characters that end the host in a URL, are decoded in it, or occur in no host. IPv6's colons need brackets. */
const NOT_IN_HOST = /[\s\p{Cc}/?#@\\%:[\]]/u;
const IPV6_LITERAL = /^\[[\da-f:.]+\]$/i;
/** Labels of letters, digits, hyphens and underscores, with an optional final dot. Matches every name that resolves. */
const CANONICAL_NAME = /^(?:[a-z\d_-]{1,63}\.)*[a-z\d_-]{1,63}\.?$/;
const NOT_IN_PATH = /[?#\\\p{Cc}]/u;
/** Characters that URL parsers leave unchanged in a path and in a query, and that separate nothing in either. */
const KEY = /^[\w.~!$()*+,;=:@-]+$/;

const PROBLEMS: Record<ServerProblem['option'], string> = {
  host: `The option "host" is not a plain host name or IP address. Give it without a scheme, port, path or user name, such as "peer.example" or "[::1]". It can have at most ${MAX_HOST_LENGTH} characters.`,
  port: 'The option "port" is not a port. Give a whole number from 1 to 65535.',
  path: `The option "path" is not a plain path. Begin and end it with "/", such as "/myapp/", and leave out "?", "#", "\\", control characters, and "." and ".." between slashes. It can have at most ${MAX_PATH_LENGTH} characters.`,
  key: `The option "key" is not a plain key. Use only the letters A to Z, digits and -._~!$()*+,;=:@, but not "." or ".." alone. It can have at most ${MAX_KEY_LENGTH} characters.`,
};

/** Returns the canonical address of the server that the options name, or the first option that is invalid. */
export function parseServerOptions({ host, port, path, key, secure }: ServerOptions): ParsedServerOptions {
  const canonicalHost = parseHost(host);
  if (canonicalHost === undefined) return problemWith('host');
  const canonicalPort = parsePort(port, secure);
  if (canonicalPort === undefined) return problemWith('port');
  const canonicalPath = parsePath(path);
  if (canonicalPath === undefined) return problemWith('path');
  if (!isKey(key)) return problemWith('key');
  return { server: { host: canonicalHost, port: canonicalPort, path: canonicalPath, key, secure } };
}

/** Identifies the server in maps and in derived tokens: equal strings mean the same registry of IDs. */
export function serverUrl({ secure, host, port, path, key }: PeerServerAddress): string {
  return `${secure ? 'wss' : 'ws'}://${host}:${port}${path}peerjs?key=${key}`;
}

/** The URL of the WebSocket (PeerJS lib/socket.ts). */
export function socketUrl(server: PeerServerAddress, id: string, token: string): string {
  return `${serverUrl(server)}&id=${encode(id)}&token=${encode(token)}&version=${PEERJS_VERSION}`;
}

/** The URL of the server's list of IDs (PeerJS lib/api.ts); `ts` defeats caches. */
export function peerListUrl({ secure, host, port, path, key }: PeerServerAddress): string {
  const query = `ts=${Date.now()}${Math.random()}&version=${PEERJS_VERSION}`;
  return `${secure ? 'https' : 'http'}://${host}:${port}${path}${key}/peers?${query}`;
}

export function isSameServer(one: ServerOptions, other: ServerOptions): boolean {
  return (
    one.secure === other.secure &&
    one.host === other.host &&
    one.port === other.port &&
    one.path === other.path &&
    one.key === other.key
  );
}

/** The key of decisions about a server: scheme, host and any port that is not the scheme's default. */
export function serverOrigin({ secure, host, port }: PeerServerAddress): string {
  return `${secure ? 'wss' : 'ws'}://${host}${portSuffix(port, secure)}`;
}

/** As many characters as fit on two lines of the prompt. */
const MAX_SHOWN_HOST_LENGTH = 64;

/**
 * The label that the user sees: the host, and the port unless it is the scheme's default. A long name is cut to “…” and
 * its end, which shows who owns it. No decision depends on the label.
 */
export function serverLabel({ secure, host, port }: PeerServerAddress): string {
  const isLong = host.length > MAX_SHOWN_HOST_LENGTH;
  const shown = isLong ? `…${host.slice(1 - MAX_SHOWN_HOST_LENGTH)}` : host;
  return shown + portSuffix(port, secure);
}

function problemWith(option: ServerProblem['option']): { problem: ServerProblem } {
  return { problem: { option, message: PROBLEMS[option] } };
}

function parseHost(host: string): string | undefined {
  if (host.length > MAX_HOST_LENGTH || (NOT_IN_HOST.test(host) && !IPV6_LITERAL.test(host))) return undefined;
  const url = parseUrl(`ws://${host}/`);
  // The parsed URL may contain only a host: anything else would lead to another server.
  if (url?.href !== `ws://${url?.hostname}/` || url.hostname.length > MAX_HOST_LENGTH) return undefined;
  return CANONICAL_NAME.test(url.hostname) || IPV6_LITERAL.test(url.hostname) ? url.hostname : undefined;
}

function parsePort(port: number | string, secure: boolean): number | undefined {
  const text = String(port);
  // An empty port means the scheme's default, as in URLs.
  if (text === '') return usualPort(secure);
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 65535 ? number : undefined;
}

function parsePath(path: string): string | undefined {
  if (!path.startsWith('/') || !path.endsWith('/') || NOT_IN_PATH.test(path)) return undefined;
  const pathname = parseUrl(`ws://host${path}`)?.pathname;
  if (pathname === undefined || pathname.length > MAX_PATH_LENGTH) return undefined;
  // The parser removes dot segments, also those written with %2e, and the segments before them.
  return pathname.split('/').length === path.split('/').length ? pathname : undefined;
}

function isKey(key: string): boolean {
  return key.length <= MAX_KEY_LENGTH && KEY.test(key) && key !== '.' && key !== '..';
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Encodes like the URL parser for every ID that PeerJS accepts. No character of the ID can end the parameter. */
function encode(text: string): string {
  // encodeURIComponent throws for half of a surrogate pair; the URL parser writes U+FFFD.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

function usualPort(secure: boolean): number {
  return secure ? 443 : 80;
}

function portSuffix(port: number, secure: boolean): string {
  return port === usualPort(secure) ? '' : `:${port}`;
}
