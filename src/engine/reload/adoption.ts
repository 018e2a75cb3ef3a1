// Hands the data connections of a parked Peer to the Peer of the site's next page. Connections that remote peers opened
// are announced to the page as incoming. Connections that the former page opened are handed over when the next page
// opens the same connection again, as a reloaded page usually does; connections that it does not reopen are announced
// after a moment. The owner calls `prepare` before it dials, `claimParked` for each connection that the page opens, and
// `adopt` once the Peer is registered and the page's port has come.
import type { ConnectionCreate } from '../../protocol/page-messages';
import type { ParkedPeer } from './parked-peer';
import type { ConnectionDescription, HostedDataConnection } from '../data/hosted-data-connection';
import type { OutboxClock } from '../connection/page-outbox';

/** How long a page has to reopen its connections. A page that connects while it loads has done so by then. */
export const RECLAIM_MS = 1000;

/** The Peer of the next page, as far as it adopts connections. */
export interface Adopter {
  nextConnectionKey: () => number;
  /** Takes the connection from its former owner and gives it this key. Posts nothing to the page. */
  adopt: (connection: HostedDataConnection, connectionKey: number) => void;
  /** Posts the connection to the page as incoming. */
  announce: (connection: HostedDataConnection) => void;
  /** Creates the connection that the page asked for, because the parked connection it had claimed is gone. */
  connect: (request: ConnectionCreate) => void;
  later: OutboxClock['later'];
}

/** The parked connections. The lists may change until they are adopted. */
type ParkedConnections = Pick<ParkedPeer, 'connections' | 'pageInitiated'>;

export class Adoption {
  readonly #adopter: Adopter;
  #parked: ParkedConnections | undefined;
  #hasEnded = false;
  /** Parked connections that the page has reopened and that are not adopted yet. */
  readonly #reclaimed = new Map<HostedDataConnection, ConnectionCreate>();
  /** Adopted connections that the page has not reopened yet. */
  readonly #unclaimed = new Set<HostedDataConnection>();

  constructor(adopter: Adopter) {
    this.#adopter = adopter;
  }

  /** Adopted connections that a former page opened and that this page has not heard of. */
  get unclaimed(): ReadonlySet<HostedDataConnection> {
    return this.#unclaimed;
  }

  /**
   * Sets the parked connections to adopt. Undefined: there are none, so requests that claimed one create a connection.
   */
  prepare(parked: ParkedConnections | undefined): void {
    this.#parked = parked;
    if (!parked) this.#settleClaims([]);
  }

  /** The page opens a connection. Returns true if it gets a parked connection instead of a new one. */
  claimParked(request: ConnectionCreate, metadata: unknown): boolean {
    const isMeant = (connection: HostedDataConnection): boolean =>
      connection.isUsable && isSame(connection.description, request, metadata);
    const adopted = [...this.#unclaimed].find(isMeant);
    if (adopted) {
      this.#adopter.adopt(adopted, request.connectionKey);
      adopted.resume();
      return true;
    }
    const pageInitiated = [...(this.#parked?.pageInitiated ?? [])];
    const claimed = pageInitiated.find((connection) => !this.#reclaimed.has(connection) && isMeant(connection));
    if (claimed) this.#reclaimed.set(claimed, request);
    return claimed !== undefined;
  }

  /** Adopts every parked connection and announces those that the page does not reopen. */
  adopt(): void {
    if (!this.#parked) return;
    const { connections, pageInitiated } = this.#parked;
    this.#parked = undefined;
    const adopter = this.#adopter;
    for (const connection of connections) {
      const key = this.#reclaimed.get(connection)?.connectionKey;
      adopter.adopt(connection, key ?? adopter.nextConnectionKey());
      if (key !== undefined) connection.resume();
      else if (pageInitiated.has(connection)) this.#unclaimed.add(connection);
      else adopter.announce(connection);
    }
    this.#settleClaims(connections);
    adopter.later(() => {
      if (this.#hasEnded) return;
      for (const connection of [...this.#unclaimed]) {
        this.#unclaimed.delete(connection);
        adopter.announce(connection);
      }
    }, RECLAIM_MS);
  }

  /** The page closes a connection that it has reopened and that is not adopted yet. */
  close(connectionKey: number): void {
    for (const [connection, request] of this.#reclaimed) {
      if (request.connectionKey !== connectionKey) continue;
      this.#reclaimed.delete(connection);
      connection.close();
    }
  }

  /** The page is gone: announces no more connections, so that the next page can reopen them. */
  end(): void {
    this.#hasEnded = true;
  }

  /** The connection has ended, or another Peer has adopted it. */
  forget(connection: HostedDataConnection): void {
    this.#unclaimed.delete(connection);
  }

  /** Creates the reopened connections that are not among the adopted `connections`. */
  #settleClaims(connections: HostedDataConnection[]): void {
    const requests = [...this.#reclaimed];
    this.#reclaimed.clear();
    for (const [connection, request] of requests) if (!connections.includes(connection)) this.#adopter.connect(request);
  }
}

/** PeerJS uses the connection's ID as its label when the page gives no label. */
function isSame(parked: ConnectionDescription, request: ConnectionCreate, metadata: unknown): boolean {
  const isLabelled = parked.label !== parked.connectionId;
  return (
    parked.remotePeerId === request.remotePeerId &&
    parked.serialization === request.serialization &&
    parked.reliable === request.reliable &&
    (isLabelled ? parked.label === request.label : request.label === request.connectionId) &&
    JSON.stringify(parked.metadata) === JSON.stringify(metadata)
  );
}
