// What the documents of one site have in all tabs together, and how much they may: by the user's limits for each site, and by
// what the host carries for all. A site that opens many tabs gets no more of the host than one that does not. Private windows
// and containers count apart: a refusal must not tell a site what it has elsewhere. A site embedded in others has no more
// than one that is not.
import type { Site } from '../../protocol/control-messages';
import { HOST_HELD_BYTES, HOST_PEER_CONNECTIONS, HOST_PEERS, MOST_FOR_A_SITE } from '../../protocol/host-limits';
import { originKey } from '../../protocol/same-site';
import type { Limits } from '../../protocol/ui-messages';
import { RoomQueue } from './room-queue';
import { SharedBudget } from './shared-budget';
import type { UncollectedConnections } from './uncollected-connections';
import { UnestablishedConnections } from './unestablished-connections';

/** What all sites share. */
export class HostBudgets {
  readonly peers = new SharedBudget(HOST_PEERS);
  readonly peerConnections: SharedBudget;
  readonly heldBytes = new SharedBudget(HOST_HELD_BYTES);
  /** The browser counts closed RTCPeerConnections until it has collected them. */
  readonly countsClosed: boolean;

  constructor(uncollected?: UncollectedConnections) {
    this.countsClosed = uncollected !== undefined;
    this.peerConnections = new SharedBudget(HOST_PEER_CONNECTIONS, () => uncollected?.count ?? 0);
  }
}

export class Quota {
  readonly #host: HostBudgets;
  readonly #onRoom: () => void;
  #limits: Limits | undefined;
  #peers = 0;
  #waitingPeers = 0;
  #connections = 0;
  #peerConnections = 0;
  #closedPeerConnections = 0;
  #heldBytes = 0;
  documents = 0;
  /** Peers and connections of the site that wait for another to end. */
  readonly peerRequests = new RoomQueue();
  readonly connectionRequests = new RoomQueue();
  /** From remote peers. */
  readonly unestablished = new UnestablishedConnections();

  /** `onRoom`: something has ended, so that there may be room in the host. */
  constructor(host = new HostBudgets(), onRoom: () => void = () => undefined) {
    this.#host = host;
    this.#onRoom = onRoom;
  }

  /** As the background said last; undefined before it has admitted a document of the site. */
  get limits(): Limits | undefined {
    return this.#limits;
  }

  set limits(limits: Limits | undefined) {
    this.#limits = limits;
    this.serveSoon();
  }

  get peers(): number {
    return this.#peers;
  }

  set peers(count: number) {
    const change = count - this.#peers;
    this.#peers = count;
    this.#host.peers.take(change);
    if (change < 0) this.#onRoom();
  }

  /** Those whose page is gone. They count apart, or the next page could not have as many as it may. */
  get waitingPeers(): number {
    return this.#waitingPeers;
  }

  set waitingPeers(count: number) {
    const change = count - this.#waitingPeers;
    this.#waitingPeers = count;
    this.#host.peers.take(change);
    if (change < 0) this.#onRoom();
  }

  /** Data connections and calls. */
  get connections(): number {
    return this.#connections;
  }

  set connections(count: number) {
    const isLess = count < this.#connections;
    this.#connections = count;
    if (isLess) this.#onRoom();
  }

  /** RTCPeerConnections in the host. */
  get peerConnections(): number {
    return this.#peerConnections;
  }

  set peerConnections(count: number) {
    const change = count - this.#peerConnections;
    this.#peerConnections = count;
    this.#host.peerConnections.take(change);
    if (change >= 0) return;
    this.#closedPeerConnections -= change;
    this.#onRoom();
  }

  /** Bytes that wait for the network, for the rest of their message, or for a page. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  set heldBytes(bytes: number) {
    this.#host.heldBytes.take(bytes - this.#heldBytes);
    this.#heldBytes = bytes;
  }

  /** Why there may not be another Peer; undefined: there may. */
  get peerRefusal(): string | undefined {
    const { peers } = this;
    if (peers >= this.#most.peers) {
      return `This site has ${peers} Peers in all its tabs already, as many as the user's settings allow. Destroy those that are not needed.`;
    }
    if (this.#host.peers.allows(peers + 1, 1)) return undefined;
    return `All sites together have ${this.#host.peers.used} Peers in this browser, as many as it carries. Destroy those that are not needed, or try again later.`;
  }

  get mayPeerWait(): boolean {
    return this.waitingPeers < this.#most.peers;
  }

  /** Why there may not be another connection that takes so many RTCPeerConnections of the host; undefined: there may. */
  connectionRefusal(peerConnections: number): string | undefined {
    const { connections } = this;
    if (connections >= this.#most.connections) {
      return `This site has ${connections} connections in all its tabs already, as many as the user's settings allow. Close those that are not needed.`;
    }
    const budget = this.#host.peerConnections;
    const own = this.#peerConnections + (this.#host.countsClosed ? this.#closedPeerConnections : 0);
    if (peerConnections === 0 || budget.allows(own + peerConnections, peerConnections)) return undefined;
    return `All sites together have as many connections in this browser as it carries (${budget.used}, a call counts as two). Close those that are not needed, or try again later.`;
  }

  /** Why so many bytes more may not wait; undefined: they may. */
  heldRefusal(more = 0): string | undefined {
    const bytes = this.#heldBytes + more;
    if (bytes > this.#most.heldBytes) {
      return `More than ${this.#most.heldBytes} bytes of this site's connections wait in the browser, more than the user's settings allow. Send less at a time.`;
    }
    if (this.#host.heldBytes.allows(bytes, more)) return undefined;
    return `More bytes of all sites' connections wait in the browser than it can hold (${this.#host.heldBytes.used + more}). Send less at a time, or try again later.`;
  }

  /** Before the background has admitted a document, what any site may have. */
  get #most(): Limits {
    return this.#limits ?? MOST_FOR_A_SITE;
  }

  /** The browser has collected closed RTCPeerConnections, as a rule all of them. */
  noteCollection(): void {
    this.#closedPeerConnections = 0;
    this.serveSoon();
  }

  /** Answers those that wait for room, as far as there is any. */
  serveSoon(): void {
    this.peerRequests.serveSoon();
    this.connectionRequests.serveSoon();
  }
}

export class Quotas {
  readonly #bySite = new Map<string, Quota>();
  readonly #host: HostBudgets;
  readonly #uncollected: UncollectedConnections | undefined;

  /** `uncollected`: where the browser counts closed RTCPeerConnections. */
  constructor(uncollected?: UncollectedConnections) {
    this.#uncollected = uncollected;
    this.#host = new HostBudgets(uncollected);
    if (uncollected) uncollected.onCollected = () => this.#noteCollection();
  }

  /** For a document of the site, which has to leave again. */
  join(site: Site): Quota {
    const key = originKey(site);
    const quota = this.#bySite.get(key) ?? new Quota(this.#host, () => this.#serveSoon());
    this.#bySite.set(key, quota);
    quota.documents += 1;
    return quota;
  }

  leave(site: Site): void {
    const key = originKey(site);
    const quota = this.#bySite.get(key);
    if (!quota) return;
    quota.documents -= 1;
    if (quota.documents === 0) this.#bySite.delete(key);
  }

  #noteCollection(): void {
    for (const quota of this.#bySite.values()) quota.noteCollection();
  }

  /** Another site may wait for what this one no longer has. */
  #serveSoon(): void {
    for (const quota of this.#bySite.values()) quota.serveSoon();
    this.#uncollected?.collect(this.#host.peerConnections.taken);
  }
}
