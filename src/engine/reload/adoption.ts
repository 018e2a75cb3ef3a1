// How the data connections of a site's former page come to its next one: those that remote peers began are announced to the
// page as if they were new; those that the former page began are given to the next one when it begins them anew, because a
// page that is reloaded does what it did the first time, or announced after a moment if it does not.
import type { ConnectionCreate } from '../../protocol/page-messages';
import type { ParkedPeer } from './parked-peer';
import type { ConnectionDescription, HostedDataConnection } from '../data/hosted-data-connection';
import type { OutboxClock } from '../connection/page-outbox';

/** A page that connects when it is loaded has connected by then. */
export const BEGIN_ANEW_MS = 1000;

/** What the Peer of the next page does with a connection. */
export interface Adopter {
  nextConnectionKey: () => number;
  /** Takes it from whoever holds it, and gives it this key. The page has not heard of it. */
  take: (connection: HostedDataConnection, connectionKey: number) => void;
  /** Tells the page that it has this connection. */
  announce: (connection: HostedDataConnection) => void;
  /** Makes what the page has begun: there is nothing to go on with after all. */
  connect: (request: ConnectionCreate) => void;
  later: OutboxClock['later'];
}

/** What the former page's Peer has, as far as it is connections: it may change until it is taken over. */
type FormerConnections = Pick<ParkedPeer, 'connections' | 'begun'>;

export class Adoption {
  readonly #adopter: Adopter;
  #former: FormerConnections | undefined;
  #hasEnded = false;
  /** What the page has begun anew before it is taken over. */
  readonly #begunAnew = new Map<HostedDataConnection, ConnectionCreate>();
  /** Taken over and not begun anew yet. */
  readonly #unclaimed = new Set<HostedDataConnection>();

  constructor(adopter: Adopter) {
    this.#adopter = adopter;
  }

  /** Connections that a page began and this one, which has them, knows nothing of. */
  get unclaimed(): ReadonlySet<HostedDataConnection> {
    return this.#unclaimed;
  }

  /** There is something to take over, once that can be; undefined: there is nothing, in the end. */
  follow(former: FormerConnections | undefined): void {
    this.#former = former;
    if (!former) this.#connectAllBut([]);
  }

  /** The page connects: true where it goes on with a connection of the former page. */
  goOn(request: ConnectionCreate, metadata: unknown): boolean {
    const isMeant = (connection: HostedDataConnection): boolean =>
      connection.isUsable && isSame(connection.description, request, metadata);
    const ours = [...this.#unclaimed].find(isMeant);
    if (ours) {
      this.#adopter.take(ours, request.connectionKey);
      ours.resume();
      return true;
    }
    const begun = [...(this.#former?.begun ?? [])];
    const expected = begun.find((connection) => !this.#begunAnew.has(connection) && isMeant(connection));
    if (expected) this.#begunAnew.set(expected, request);
    return expected !== undefined;
  }

  /** Takes all of it, and tells the page of what it does not begin anew: the Peer is registered, and the page is there. */
  takeOver(): void {
    if (!this.#former) return;
    const { connections, begun } = this.#former;
    this.#former = undefined;
    const adopter = this.#adopter;
    for (const connection of connections) {
      const key = this.#begunAnew.get(connection)?.connectionKey;
      adopter.take(connection, key ?? adopter.nextConnectionKey());
      if (key !== undefined) connection.resume();
      else if (begun.has(connection)) this.#unclaimed.add(connection);
      else adopter.announce(connection);
    }
    this.#connectAllBut(connections);
    adopter.later(() => {
      if (this.#hasEnded) return;
      for (const connection of [...this.#unclaimed]) {
        this.#unclaimed.delete(connection);
        adopter.announce(connection);
      }
    }, BEGIN_ANEW_MS);
  }

  /** The page closes what it has begun anew and does not have yet. */
  close(connectionKey: number): void {
    for (const [connection, request] of this.#begunAnew) {
      if (request.connectionKey !== connectionKey) continue;
      this.#begunAnew.delete(connection);
      connection.close();
    }
  }

  /** The page is gone: what it has not been told of is for the next one to begin anew. */
  end(): void {
    this.#hasEnded = true;
  }

  /** The connection has ended, or is somebody else's. */
  forget(connection: HostedDataConnection): void {
    this.#unclaimed.delete(connection);
  }

  /** Settles what the page has begun anew: of that, these are taken over. */
  #connectAllBut(connections: HostedDataConnection[]): void {
    const requests = [...this.#begunAnew];
    this.#begunAnew.clear();
    for (const [connection, request] of requests) if (!connections.includes(connection)) this.#adopter.connect(request);
  }
}

/** PeerJS labels a connection with its ID where the page gives it no label. */
function isSame(kept: ConnectionDescription, request: ConnectionCreate, metadata: unknown): boolean {
  const isLabelled = kept.label !== kept.connectionId;
  return (
    kept.remotePeerId === request.remotePeerId &&
    kept.serialization === request.serialization &&
    kept.reliable === request.reliable &&
    (isLabelled ? kept.label === request.label : request.label === request.connectionId) &&
    JSON.stringify(kept.metadata) === JSON.stringify(metadata)
  );
}
