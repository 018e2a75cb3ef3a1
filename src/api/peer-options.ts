// PeerJS's options and their defaults (PeerJS lib/peer.ts), some of which depend on the page's location.
import type { ServerOptions } from '../protocol/peer-server';
import type { ConnectionProvider } from './connection/base-connection';
import type { DataConnection, DataConnectionOptions } from './data/data-connection';
import type { LogFunction } from './safe/logger';
import { randomToken } from './safe/random-token';
import { util } from './util';

export type SerializerClass = new (
  peer: string,
  provider: ConnectionProvider,
  options: DataConnectionOptions,
) => DataConnection;

export interface PeerOptions {
  debug?: number;
  host?: string;
  port?: number | string;
  path?: string;
  key?: string;
  token?: string;
  config?: RTCConfiguration;
  secure?: boolean;
  pingInterval?: number;
  referrerPolicy?: ReferrerPolicy;
  logFunction?: LogFunction;
  serializers?: Record<string, SerializerClass>;
}

export const DEFAULT_KEY = 'peerjs';
const DEFAULT_PING_INTERVAL_MS = 5000;

/** The merged, live object that `peer.options` returns. */
export function resolveOptions(given: PeerOptions | undefined): PeerOptions {
  const options: PeerOptions = {
    debug: 0,
    host: util.CLOUD_HOST,
    port: util.CLOUD_PORT,
    path: '/',
    key: DEFAULT_KEY,
    token: randomToken(),
    config: util.defaultConfig,
    referrerPolicy: 'strict-origin-when-cross-origin',
    serializers: {},
    ...given,
  };
  if (options.host === '/') options.host = window.location.hostname;
  if (options.path) {
    if (!options.path.startsWith('/')) options.path = `/${options.path}`;
    if (!options.path.endsWith('/')) options.path += '/';
  }
  if (options.host === util.CLOUD_HOST) options.secure = true;
  else options.secure ??= util.isSecure();
  return options;
}

/** The server options in the form that PeerJS writes into a URL, for the background to parse. */
export function serverOptions(options: PeerOptions): ServerOptions {
  const { host, port, path, key, secure } = options;
  return {
    host: String(host),
    port: typeof port === 'number' && Number.isSafeInteger(port) && port >= 0 ? port : String(port),
    path: String(path),
    key: String(key),
    secure: !!secure,
  };
}

/** Milliseconds between heartbeats. PeerJS's default for an unusable option. */
export function pingInterval({ pingInterval: given }: PeerOptions): number {
  return typeof given === 'number' && given >= 100 && given < 2 ** 31 ? given : DEFAULT_PING_INTERVAL_MS;
}
