// The connections of one Peer in the host, by remote peer and connection ID: PeerJS names a connection by both.
import type { HostedConnection } from './hosted-connection';

/** Far above what a browser carries (it stops at some 500 RTCPeerConnections); a flood of offers ends here. */
export const MAX_CONNECTIONS = 1000;

export class HostedConnections {
  readonly #connections = new Map<string, HostedConnection>();

  get isFull(): boolean {
    return this.#connections.size >= MAX_CONNECTIONS;
  }

  /** Until it closes. */
  add(connection: HostedConnection): void {
    const { remotePeerId, connectionId } = connection.description;
    const key = keyOf(remotePeerId, connectionId);
    this.#connections.set(key, connection);
    connection.on('closed', () => {
      if (this.#connections.get(key) === connection) this.#connections.delete(key);
    });
  }

  find(remotePeerId: string, connectionId: string): HostedConnection | undefined {
    return this.#connections.get(keyOf(remotePeerId, connectionId));
  }

  /** A copy: connections may close while one goes through it. */
  all(): HostedConnection[] {
    return [...this.#connections.values()];
  }

  to(remotePeerId: string): HostedConnection[] {
    return this.all().filter((connection) => connection.description.remotePeerId === remotePeerId);
  }
}

function keyOf(remotePeerId: string, connectionId: string): string {
  return JSON.stringify([remotePeerId, connectionId]);
}
