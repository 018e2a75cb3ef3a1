// Decides which page gets the data connections of a parked Peer, and how. Connections that remote peers opened are
// incoming to the site's next page. The next page gets a connection that the former page opened when it opens the same
// connection again, as a reloaded page usually does; a connection that it does not reopen becomes incoming after a
// moment. Adoption only keeps the books: the owner gives each connection its new key and home, and posts it to the page.
// The owner must call `prepare` before it dials, `claimParked` for each connection that the page opens, `adopt` once the
// Peer is registered and the page's port has come, `takeUnclaimed` RECLAIM_MS later, and `end` when the page is gone.
import type { ConnectionCreate } from '../../protocol/page-messages';
import type { ClientMessage } from '../../protocol/signalling';
import type { ParkedOffer, ParkedPeer } from './parked-peer';
import type { ConnectionDescription, HostedDataConnection } from '../data/hosted-data-connection';

/** How long a page has to reopen its connections. A page that connects while it loads has done so by then. */
export const RECLAIM_MS = 1000;

/** What the next page's Peer takes over from the parked Peer, in order. */
export interface Handover {
  connections: AdoptedConnection[];
  /** Connections that the page has opened and that the parked Peer no longer has. */
  toCreate: ConnectionCreate[];
  /** Messages of these connections that no socket has sent. */
  unsent: ClientMessage[];
  offers: ParkedOffer[];
}

export type AdoptedConnection =
  /** The page has reopened the connection under this key. */
  | { state: 'reclaimed'; connection: HostedDataConnection; connectionKey: number }
  /** The page may still reopen the connection. */
  | { state: 'unclaimed'; connection: HostedDataConnection }
  | { state: 'incoming'; connection: HostedDataConnection };

/** A parked connection that the page gets for its request. */
export interface Claim {
  connection: HostedDataConnection;
  /** False: `adopt` will return the connection. */
  isAdopted: boolean;
}

type AdoptablePeer = Pick<ParkedPeer, 'connections' | 'pageInitiated' | 'takeOffers' | 'takeUnsent'>;

export class Adoption {
  /** The parked Peer to adopt from. Its connections may change until then. */
  #parked: AdoptablePeer | undefined;
  #hasEnded = false;
  /** Parked connections that the page has reopened and that are not adopted yet. */
  readonly #reclaimed = new Map<HostedDataConnection, ConnectionCreate>();
  /** Adopted connections that the page has not reopened yet. */
  readonly #unclaimed = new Set<HostedDataConnection>();

  /** Adopted connections that a former page opened and that this page has not heard of. */
  get unclaimed(): ReadonlySet<HostedDataConnection> {
    return this.#unclaimed;
  }

  /**
   * Sets the parked Peer to adopt from; undefined: there is none. Returns the requests whose claimed connection is out of
   * reach now, for the owner to create.
   */
  prepare(parked: AdoptablePeer | undefined): ConnectionCreate[] {
    this.#parked = parked;
    return parked ? [] : this.#settleClaims([]);
  }

  /** The page opens a connection. Returns the parked connection for it; undefined: the owner must create a new one. */
  claimParked(request: ConnectionCreate, metadata: unknown): Claim | undefined {
    const isMeant = (connection: HostedDataConnection): boolean =>
      connection.isUsable && isSame(connection.description, request, metadata);
    const adopted = [...this.#unclaimed].find(isMeant);
    if (adopted) {
      this.#unclaimed.delete(adopted);
      return { connection: adopted, isAdopted: true };
    }
    const pageInitiated = [...(this.#parked?.pageInitiated ?? [])];
    const connection = pageInitiated.find((each) => !this.#reclaimed.has(each) && isMeant(each));
    if (!connection) return undefined;
    this.#reclaimed.set(connection, request);
    return { connection, isAdopted: false };
  }

  /** Removes and returns everything that is parked; undefined if nothing is. */
  adopt(): Handover | undefined {
    if (!this.#parked) return undefined;
    const { connections, pageInitiated } = this.#parked;
    // Taken before the connections leave the parked Peer, which ends with its last one.
    const offers = this.#parked.takeOffers();
    const unsent = this.#parked.takeUnsent();
    this.#parked = undefined;
    const adopted = connections.map((connection) => this.#adopted(connection, pageInitiated));
    return { connections: adopted, toCreate: this.#settleClaims(connections), unsent, offers };
  }

  /** Removes and returns the connections that the page has not reopened; none if the page is gone. */
  takeUnclaimed(): HostedDataConnection[] {
    if (this.#hasEnded) return [];
    const connections = [...this.#unclaimed];
    this.#unclaimed.clear();
    return connections;
  }

  /** The page closes a connection that it has reopened and that is not adopted yet. */
  close(connectionKey: number): void {
    for (const [connection, request] of this.#reclaimed) {
      if (request.connectionKey !== connectionKey) continue;
      this.#reclaimed.delete(connection);
      connection.close();
    }
  }

  /** The page is gone: the next page may reopen the unclaimed connections. */
  end(): void {
    this.#hasEnded = true;
  }

  /** An adopted connection has ended, or another Peer has adopted it. */
  forget(connection: HostedDataConnection): void {
    this.#unclaimed.delete(connection);
  }

  #adopted(connection: HostedDataConnection, pageInitiated: ReadonlySet<HostedDataConnection>): AdoptedConnection {
    const request = this.#reclaimed.get(connection);
    if (request) return { state: 'reclaimed', connection, connectionKey: request.connectionKey };
    if (!pageInitiated.has(connection)) return { state: 'incoming', connection };
    this.#unclaimed.add(connection);
    return { state: 'unclaimed', connection };
  }

  /** Removes all claims. Returns the requests whose connection is not among the adopted `connections`. */
  #settleClaims(connections: HostedDataConnection[]): ConnectionCreate[] {
    const unmet = [...this.#reclaimed].filter(([connection]) => !connections.includes(connection));
    this.#reclaimed.clear();
    return unmet.map(([, request]) => request);
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
