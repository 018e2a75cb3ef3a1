// Usage and limits of each site, over all its tabs, by the user's limits per site and by the host's budgets for all
// sites. A site gets no more by opening more tabs or by being embedded. Private windows and containers count apart,
// because a refusal must not tell a site what it has elsewhere. Owners must report every change by the setters of
// Quota.
import type { Site } from '../../protocol/control-messages';
import { HOST_QUEUED_BYTES, HOST_PEER_CONNECTIONS, HOST_PEERS, MAX_SITE_LIMITS } from '../../protocol/host-limits';
import { originKey } from '../../protocol/same-site';
import type { Limits } from '../../protocol/ui-messages';
import { RoomQueue } from './room-queue';
import { SharedBudget } from './shared-budget';
import type { UncollectedConnections } from './uncollected-connections';
import { UnestablishedConnections } from './unestablished-connections';

/** The resources that all sites share. */
export class HostBudgets {
  readonly peers = new SharedBudget(HOST_PEERS);
  readonly peerConnections: SharedBudget;
  readonly queuedBytes = new SharedBudget(HOST_QUEUED_BYTES);
  /** The browser counts closed RTCPeerConnections until they are garbage-collected. */
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
  #parkedPeers = 0;
  #connections = 0;
  #peerConnections = 0;
  #closedPeerConnections = 0;
  #queuedBytes = 0;
  documents = 0;
  /** The site's Peers that wait for another Peer to end, and connections that wait for another connection. */
  readonly peerRequests = new RoomQueue();
  readonly connectionRequests = new RoomQueue();
  /** Connections offered by remote peers. */
  readonly unestablished = new UnestablishedConnections();

  /** `onRoom`: usage has fallen, so there may be room for a waiting request of any site. */
  constructor(host = new HostBudgets(), onRoom: () => void = () => undefined) {
    this.#host = host;
    this.#onRoom = onRoom;
  }

  /** The background's latest limits; undefined before it has admitted a document of the site. */
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

  /**
   * Parked Peers. They count apart from `peers`, so that the next page may still have as many Peers as the limit
   * allows.
   */
  get parkedPeers(): number {
    return this.#parkedPeers;
  }

  set parkedPeers(count: number) {
    const change = count - this.#parkedPeers;
    this.#parkedPeers = count;
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
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  set queuedBytes(bytes: number) {
    this.#host.queuedBytes.take(bytes - this.#queuedBytes);
    this.#queuedBytes = bytes;
  }

  /** Why the site may not have another Peer; undefined: it may. */
  get peerRefusal(): string | undefined {
    const { peers } = this;
    if (peers >= this.#most.peers) {
      return `This site already has ${peers} Peers in all its tabs, as many as the user's settings allow. Destroy the Peers that you do not need.`;
    }
    if (this.#host.peers.allows(peers + 1, 1)) return undefined;
    return `All sites together have ${this.#host.peers.used} Peers in this browser, as many as it can carry. Destroy the Peers that you do not need, or try again later.`;
  }

  get mayParkPeer(): boolean {
    return this.parkedPeers < this.#most.peers;
  }

  /**
   * Why the site may not have another connection, which uses this number of RTCPeerConnections in the host; undefined:
   * it may.
   */
  connectionRefusal(peerConnections: number): string | undefined {
    const { connections } = this;
    if (connections >= this.#most.connections) {
      return `This site already has ${connections} connections in all its tabs, as many as the user's settings allow. Close the connections that you do not need.`;
    }
    const budget = this.#host.peerConnections;
    const own = this.#peerConnections + (this.#host.countsClosed ? this.#closedPeerConnections : 0);
    if (peerConnections === 0 || budget.allows(own + peerConnections, peerConnections)) return undefined;
    return `All sites together have as many connections in this browser as it can carry (${budget.used}; a call counts as two). Close the connections that you do not need, or try again later.`;
  }

  /** Why the site may not hold `more` bytes; undefined: it may. */
  queuedBytesRefusal(more = 0): string | undefined {
    const bytes = this.#queuedBytes + more;
    if (bytes > this.#most.queuedBytes) {
      return `More than ${this.#most.queuedBytes} bytes of this site's connections wait in the browser. The user's settings do not allow more. Send less at a time.`;
    }
    if (this.#host.queuedBytes.allows(bytes, more)) return undefined;
    return `More bytes of all sites' connections wait in the browser than it can hold (${this.#host.queuedBytes.used + more}). Send less at a time, or try again later.`;
  }

  /** The site's limits; before the first admission, the highest limits of any site. */
  get #most(): Limits {
    return this.#limits ?? MAX_SITE_LIMITS;
  }

  /** The browser has garbage-collected closed RTCPeerConnections, usually all of them. */
  handleCollection(): void {
    this.#closedPeerConnections = 0;
    this.serveSoon();
  }

  /** Answers the waiting requests for which there is room. */
  serveSoon(): void {
    this.peerRequests.serveSoon();
    this.connectionRequests.serveSoon();
  }
}

export class Quotas {
  readonly #bySite = new Map<string, Quota>();
  readonly #host: HostBudgets;
  readonly #uncollected: UncollectedConnections | undefined;

  /** `uncollected`: required where the browser counts closed RTCPeerConnections. */
  constructor(uncollected?: UncollectedConnections) {
    this.#uncollected = uncollected;
    this.#host = new HostBudgets(uncollected);
    if (uncollected) uncollected.onCollected = () => this.#handleCollection();
  }

  /** Bytes that all sites together have queued. */
  get queuedBytes(): number {
    return this.#host.queuedBytes.used;
  }

  /** The quota for one document of the site; the document must `leave` when it ends. */
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

  #handleCollection(): void {
    for (const quota of this.#bySite.values()) quota.handleCollection();
  }

  /** Serves all sites, because another site may wait for the room that this one has freed. */
  #serveSoon(): void {
    for (const quota of this.#bySite.values()) quota.serveSoon();
    this.#uncollected?.collect(this.#host.peerConnections.taken);
  }
}
