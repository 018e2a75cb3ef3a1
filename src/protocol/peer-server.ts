// Where a PeerServer is, and the addresses PeerJS 1.5.5 derives from that. The page resolves `host: '/'` and `secure`
// before it tells anyone, because only the page knows its own location.

/** The version PeerJS 1.5.5 sends to the server; servers may branch on it. */
export const PEERJS_VERSION = '1.5.5';

/** PeerJS's public server. */
export const CLOUD_HOST = '0.peerjs.com';
export const CLOUD_PORT = 443;

export interface PeerServerAddress {
  host: string;
  /** Whatever the page gave: PeerJS puts it into the URL unchecked. */
  port: number | string;
  /** Starts and ends with `/`, or is empty. */
  path: string;
  key: string;
  secure: boolean;
}

/** Names the server in maps and in derived tokens: same string, same registry of IDs. */
export function serverUrl(server: PeerServerAddress): string {
  return `${server.secure ? 'wss' : 'ws'}://${server.host}:${server.port}${server.path}peerjs?key=${server.key}`;
}

/** The socket's URL (PeerJS lib/socket.ts). */
export function socketUrl(server: PeerServerAddress, id: string, token: string): string {
  return `${serverUrl(server)}&id=${id}&token=${token}&version=${PEERJS_VERSION}`;
}

/** The URL of an HTTP method of the server (PeerJS lib/api.ts); `ts` defeats caches. Throws TypeError if it is no URL. */
export function apiUrl(server: PeerServerAddress, method: 'id' | 'peers'): string {
  const url = new URL(
    `${server.secure ? 'https' : 'http'}://${server.host}:${server.port}${server.path}${server.key}/${method}`,
  );
  url.searchParams.set('ts', `${Date.now()}${Math.random()}`);
  url.searchParams.set('version', PEERJS_VERSION);
  return url.href;
}

/** What a person is shown: host and port, the port only where it is not the scheme's own. */
export function serverLabel(server: PeerServerAddress): string {
  const usual = server.secure ? '443' : '80';
  return String(server.port) === usual ? server.host : `${server.host}:${server.port}`;
}
