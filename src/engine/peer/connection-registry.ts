// The hosted connections and calls of one Peer, by remote peer and connection ID.
import { connectionName } from '../connection/connection-name';
import type { HostedCall } from '../calls/hosted-call';
import type { HostedDataConnection } from '../data/hosted-data-connection';
import type { PageOwnedConnection } from './page-owned-connection';

/** A connection in PeerJS's sense, for data or for media, whose RTCPeerConnection is in the host. */
export type Hosted = HostedDataConnection | HostedCall;

/** Every connection that the user sees, including those that the page owns. */
export type Listed = Hosted | PageOwnedConnection;

export class ConnectionRegistry {
  readonly #connections = new Map<string, Hosted>();

  /**
   * Adds a connection until it closes. Closes a former connection of the same name, which nothing could reach any more.
   */
  add(connection: Hosted): void {
    const { remotePeerId, connectionId } = connection.description;
    const name = connectionName(remotePeerId, connectionId);
    this.#connections.get(name)?.close();
    this.#connections.set(name, connection);
    connection.on('gone', () => {
      if (this.#connections.get(name) === connection) this.#connections.delete(name);
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
}
