// Where a PeerServer is. A page writes what it likes into its server options, so they are read once, here, with the URL
// parser that will also read the addresses which are made of them. What comes out is the one canonical value: decisions,
// prompts, tokens and both URLs are built from it and from nothing else, so that no second reading exists. The page
// resolves `host: '/'`, the default port and `secure` before it names a server, because only the page knows its location.

/** The version PeerJS 1.5.5 sends to the server; servers may branch on it. */
export const PEERJS_VERSION = '1.5.5';

/** PeerJS's public server. */
export const CLOUD_HOST = '0.peerjs.com';
export const CLOUD_PORT = 443;

/** The server options of a Peer as its page wrote them: PeerJS puts them into its URLs unchecked. */
export interface ServerOptions {
  host: string;
  port: number | string;
  path: string;
  key: string;
  secure: boolean;
}

/** Canonical: as `parseServerOptions` gives it, which gives the same again for it. */
export interface PeerServerAddress extends ServerOptions {
  /** As `URL.hostname` gives it: lower case, punycode, IPv4 in four decimal parts, IPv6 in brackets. */
  host: string;
  /** 1–65535. */
  port: number;
  /** Starts and ends with `/`, percent-encoded as by the URL parser, without dot segments. */
  path: string;
  /** The same characters in a path, in a query and here. */
  key: string;
}

/** PeerJS's public server, as a page gets it that names none. */
export const CLOUD_SERVER: PeerServerAddress = {
  host: CLOUD_HOST,
  port: CLOUD_PORT,
  path: '/',
  key: 'peerjs',
  secure: true,
};

/** Which option names no server, and a sentence for whoever wrote it. */
export interface ServerProblem {
  option: 'host' | 'port' | 'path' | 'key';
  message: string;
}

export type ParsedServerOptions = { server: PeerServerAddress } | { problem: ServerProblem };

/** A name of DNS has 253 characters at most (RFC 1035). */
const MAX_HOST_LENGTH = 255;
/** Many servers refuse longer URLs. */
const MAX_PATH_LENGTH = 2048;
/** PeerServer's own keys are words; its documentation has none over 20 characters. */
const MAX_KEY_LENGTH = 256;

/** What would end the host in a URL, or be decoded in it, and what no host has. The colons of IPv6 need brackets. */
const NOT_IN_HOST = /[\s\p{Cc}/?#@\\%:[\]]/u;
const IPV6_LITERAL = /^\[[\da-f:.]+\]$/i;
/** Labels of letters, digits, hyphens and underscores, and perhaps a final dot; all that resolves, and no sentence. */
const CANONICAL_NAME = /^(?:[a-z\d_-]{1,63}\.)*[a-z\d_-]{1,63}\.?$/;
const NOT_IN_PATH = /[?#\\\p{Cc}]/u;
/** Characters that no URL parser touches, neither in a path nor in a query, and that separate nothing in either. */
const KEY = /^[\w.~!$()*+,;=:@-]+$/;

const PROBLEMS: Record<ServerProblem['option'], string> = {
  host: `The option "host" is not a plain host name or IP address. Give it without a scheme, port, path or user name, such as "peer.example" or "[::1]", in ${MAX_HOST_LENGTH} characters at most.`,
  port: 'The option "port" is not a port. Give a whole number from 1 to 65535.',
  path: `The option "path" is not a plain path. Begin and end it with "/", such as "/myapp/", leave out "?", "#", "\\", control characters, and "." and ".." between slashes, and use ${MAX_PATH_LENGTH} characters at most.`,
  key: `The option "key" is not a plain key. Use the letters A to Z, digits and -._~!$()*+,;=:@ only, not "." or ".." alone, and ${MAX_KEY_LENGTH} characters at most.`,
};

/** Returns the canonical address of the server that the options name, or the first option that is not plain. */
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

/** Names the server in maps and in derived tokens: same string, same registry of IDs. */
export function serverUrl({ secure, host, port, path, key }: PeerServerAddress): string {
  return `${secure ? 'wss' : 'ws'}://${host}:${port}${path}peerjs?key=${key}`;
}

/** The socket's URL (PeerJS lib/socket.ts). */
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

/** The key under which decisions about a server are stored: scheme, host and any port that is not the scheme's default. */
export function serverOrigin({ secure, host, port }: PeerServerAddress): string {
  return `${secure ? 'wss' : 'ws'}://${host}${portSuffix(port, secure)}`;
}

/** Two lines of the prompt. */
const MAX_SHOWN_HOST_LENGTH = 64;

/**
 * What a person is shown: host and port, the port only where it is not the scheme's own. A long name begins with “…” and
 * shows its end, which says whose it is. Nothing is decided by it.
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
  // Nothing but a host may come out: whatever else a parser finds in it would be another server's.
  if (url?.href !== `ws://${url?.hostname}/` || url.hostname.length > MAX_HOST_LENGTH) return undefined;
  return CANONICAL_NAME.test(url.hostname) || IPV6_LITERAL.test(url.hostname) ? url.hostname : undefined;
}

function parsePort(port: number | string, secure: boolean): number | undefined {
  const text = String(port);
  // As in URLs.
  if (text === '') return usualPort(secure);
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= 65535 ? number : undefined;
}

function parsePath(path: string): string | undefined {
  if (!path.startsWith('/') || !path.endsWith('/') || NOT_IN_PATH.test(path)) return undefined;
  const pathname = parseUrl(`ws://host${path}`)?.pathname;
  if (pathname === undefined || pathname.length > MAX_PATH_LENGTH) return undefined;
  // A dot segment, also one that is written with %2e, does not come out again, nor what it takes with it.
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

/** As the URL parser encodes an ID that PeerJS accepts, and nothing in it can end the parameter. */
function encode(text: string): string {
  // encodeURIComponent throws for half of a surrogate pair, for which the URL parser writes U+FFFD.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

function usualPort(secure: boolean): number {
  return secure ? 443 : 80;
}

function portSuffix(port: number, secure: boolean): string {
  return port === usualPort(secure) ? '' : `:${port}`;
}
