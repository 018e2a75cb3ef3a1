// The connections and calls of one Peer in the host, by name.
import { connectionName } from '../connection/connection-name';
import type { HostedCall } from '../calls/hosted-call';
import type { HostedDataConnection } from '../data/hosted-data-connection';
import type { PageOwnedConnection } from './page-owned-connection';

/** A connection as PeerJS has the word: of data or of media. */
export type Hosted = HostedDataConnection | HostedCall;

/** All that the user sees: those too that the page holds itself. */
export type Listed = Hosted | PageOwnedConnection;

export class ConnectionRegistry {
  readonly #connections = new Map<string, Hosted>();

  /** Until it closes. Takes the place of one that has the same name, which nothing could reach any more. */
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

  /** A copy: connections may close while one goes through it. */
  all(): Hosted[] {
    return [...this.#connections.values()];
  }

  to(remotePeerId: string): Hosted[] {
    return this.all().filter((connection) => connection.description.remotePeerId === remotePeerId);
  }
}
