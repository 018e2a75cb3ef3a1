// The hosted connections and calls of one Peer, by remote peer and connection ID. Counts each one in the site's quota and
// lists it in its document, from `add` to its end.
import { connectionName } from '../connection/connection-name';
import type { HostedCall } from '../calls/hosted-call';
import { HostedDataConnection } from '../data/hosted-data-connection';
import type { Kind } from '../policy/permitted-kinds';
import type { Quota } from '../policy/quotas';
import type { Place } from '../policy/unestablished-connections';
import type { PageOwnedConnection } from './page-owned-connection';

/** A connection in PeerJS's sense, for data or for media, whose RTCPeerConnection is in the host. */
export type Hosted = HostedDataConnection | HostedCall;

/** Every connection that the user sees, including those that the page owns. */
export type Listed = Hosted | PageOwnedConnection;

/** RTCPeerConnections in the host for one connection. A call has two: one to the remote peer and one to the page. */
export const PEER_CONNECTIONS: Record<Kind, number> = { data: 1, calls: 2 };

export interface ConnectionRegistryOptions {
  quota: Pick<Quota, 'connections' | 'peerConnections'>;
  /** Lists the connection in its document. */
  list: (connection: Hosted) => void;
  onWebrtcError: (error: unknown) => void;
}

export class ConnectionRegistry {
  readonly #options: ConnectionRegistryOptions;
  readonly #connections = new Map<string, Hosted>();

  constructor(options: ConnectionRegistryOptions) {
    this.#options = options;
  }

  /**
   * Adds a connection until it closes. Closes a former connection of the same name, which nothing could reach any more.
   * `place`: the place of a remote peer's connection until it is established.
   */
  add(connection: Hosted, place?: Place): void {
    const { quota, list, onWebrtcError } = this.#options;
    const peerConnections = PEER_CONNECTIONS[connection instanceof HostedDataConnection ? 'data' : 'calls'];
    quota.connections += 1;
    quota.peerConnections += peerConnections;
    this.#name(connection);
    list(connection);
    connection.on('webrtcError', onWebrtcError);
    connection.on('established', () => place?.establish());
    connection.on('gone', () => {
      place?.end();
      quota.connections -= 1;
      quota.peerConnections -= peerConnections;
    });
  }

  find(remotePeerId: string, connectionId: string): Hosted | undefined {
    return this.#connections.get(connectionName(remotePeerId, connectionId));
  }

  /** A copy: connections may close while a caller iterates. */
  all(): Hosted[] {
    return [...this.#connections.values()];
  }

  to(remotePeerId: string): Hosted[] {
    return this.all().filter((connection) => connection.description.remotePeerId === remotePeerId);
  }

  #name(connection: Hosted): void {
    const { remotePeerId, connectionId } = connection.description;
    const name = connectionName(remotePeerId, connectionId);
    this.#connections.get(name)?.close();
    this.#connections.set(name, connection);
    connection.on('gone', () => {
      if (this.#connections.get(name) === connection) this.#connections.delete(name);
    });
  }
}
