// The connections and calls of one Peer: opened by the page, accepted from remote peers, or adopted from a parked Peer.
// Dispatches the socket's messages to them. Knows nothing of the Peer's registration: the owner must report
// registration, loss and end, and call `park` when the page is gone.
import type { CallCreate, ConnectionCreate, ConnectionGone, PortableConfiguration } from '../../protocol/page-messages';
import { HostedDataConnection } from '../data/hosted-data-connection';
import { refusalOf } from '../policy/permitted-kinds';
import { TokenBucket } from '../policy/token-bucket';
import { Adoption, RECLAIM_MS, type AdoptedConnection } from '../reload/adoption';
import { PERMISSIONS } from '../../protocol/site-settings';
import { ParkedPeer } from '../reload/parked-peer';
import { EarlyCandidates } from '../signalling/early-candidates';
import type { Answer, Offer, RefusedMessage, RemoteCandidate } from '../signalling/server-messages';
import type { SignallingSocket } from '../signalling/signalling-socket';
import { ConnectionFactory } from './connection-factory';
import { ConnectionRegistry, type Listed } from './connection-registry';
import { IncomingOffers } from './incoming-offers';
import { PageOwnedSignalling } from './page-owned-signalling';
import type { PeerEnvironment, PeerOwner } from './peer-environment';
import { UnansweredOffers } from './unanswered-offers';

/** Limits errors about refused messages of remote peers, who can cause them at will. */
const REFUSALS = { capacity: 4, perSecond: 1 / 60 };

export interface PeerConnectionsOptions {
  peerKey: number;
  owner: PeerOwner;
  environment: PeerEnvironment;
  socket: Pick<SignallingSocket, 'send' | 'forget' | 'isRegistered'>;
  /** The configuration that the page passed last. */
  config: () => PortableConfiguration;
  /** Names of the page's custom serializers. */
  customSerializers: () => readonly string[];
}

export class PeerConnections {
  readonly #options: PeerConnectionsOptions;
  readonly #connections: ConnectionRegistry;
  readonly #factory: ConnectionFactory;
  readonly #pageOwnedSignalling: PageOwnedSignalling;
  readonly #earlyCandidates: EarlyCandidates;
  readonly #incomingOffers: IncomingOffers;
  readonly #unansweredOffers: UnansweredOffers;
  readonly #adoption = new Adoption();
  readonly #refusals = new TokenBucket(REFUSALS);
  #parkedPeer: ParkedPeer | undefined;

  constructor(options: PeerConnectionsOptions) {
    this.#options = options;
    const { owner, peerKey, socket, customSerializers } = options;
    this.#factory = new ConnectionFactory(options);
    this.#connections = new ConnectionRegistry({
      quota: owner.quota,
      list: owner.addConnection,
      onWebrtcError: (error) => {
        this.#factory.reportWebrtcError(error);
      },
    });
    this.#unansweredOffers = new UnansweredOffers(this.#connections, socket);
    this.#pageOwnedSignalling = new PageOwnedSignalling(options);
    this.#earlyCandidates = new EarlyCandidates(owner.quota);
    this.#incomingOffers = new IncomingOffers({
      peerKey,
      owner,
      customSerializers,
      connections: this.#connections,
      factory: this.#factory,
      pageOwnedSignalling: this.#pageOwnedSignalling,
      earlyCandidates: this.#earlyCandidates,
    });
  }

  /** This Peer as the next page's Peer can adopt it; undefined while there is a page. */
  get parkedPeer(): ParkedPeer | undefined {
    return this.#parkedPeer;
  }

  get all(): readonly Listed[] {
    return [...this.#connections.all(), ...this.#pageOwnedSignalling.all];
  }

  /** The page opens a data connection. */
  connect(request: ConnectionCreate): void {
    const metadata = this.#factory.readMetadata(request);
    if (!metadata) return;
    const claim = this.#adoption.claimParked(request, metadata.metadata);
    if (!claim) {
      this.#options.owner.whenRoom(request, () => {
        this.#connect(request, metadata);
      });
    } else if (claim.isAdopted) {
      this.#rehome(claim.connection, request.connectionKey);
      claim.connection.resume();
    }
  }

  #connect(request: ConnectionCreate, metadata: { metadata?: unknown }): void {
    const { connectionKey, connectionId, remotePeerId, label, serialization, reliable } = request;
    const description = { connectionKey, connectionId, remotePeerId, label, serialization, reliable, ...metadata };
    const connection = this.#factory.createConnection(description, request.transformsSdp);
    if (!connection) return;
    this.#connections.add(connection);
    if (this.#options.socket.isRegistered) connection.startDeadline();
    void connection.offer(request.constraints);
  }

  /** Refuses a connection beyond the page's limit. */
  refuse(request: { connectionKey: number }, reason: string): void {
    this.#factory.refuse(request, reason, 'limit-reached');
  }

  /** The page calls. */
  call(request: CallCreate): void {
    const metadata = this.#factory.readMetadata(request);
    if (!metadata) return;
    this.#options.owner.whenRoom(request, () => {
      this.#call(request, metadata);
    });
  }

  #call(request: CallCreate, metadata: { metadata?: unknown }): void {
    const { connectionKey, connectionId, remotePeerId } = request;
    const call = this.#factory.createCall({ connectionKey, connectionId, remotePeerId, ...metadata });
    if (!call) return;
    this.#connections.add(call);
    call.call(request);
  }

  /** The page signals by `peer.socket`. */
  signal(message: { type: string; payload?: unknown; dst?: string | undefined }): void {
    if (!this.#pageOwnedSignalling.recordOutgoing(message)) return;
    const refusal = this.#options.socket.send(message);
    if (refusal === undefined) return;
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type: 'limit-reached', message: refusal } });
  }

  /** The page reports that a page-owned connection is gone. */
  handleGone({ remotePeerId, connectionId }: ConnectionGone): void {
    this.#pageOwnedSignalling.handleGone(remotePeerId, connectionId);
  }

  handleOffer(offer: Offer): void {
    this.#incomingOffers.handle(offer);
  }

  handleAnswer(answer: Answer): void {
    const { src, payload } = answer;
    if (this.#pageOwnedSignalling.pass(src, payload.connectionId, answer)) return;
    void this.#connections.find(src, payload.connectionId)?.handleAnswer(payload.sdp);
  }

  handleCandidate(message: RemoteCandidate): void {
    const { src, payload } = message;
    const { connectionId, candidate } = payload;
    if (!candidate || this.#pageOwnedSignalling.pass(src, connectionId, message)) return;
    const connection = this.#connections.find(src, connectionId);
    if (connection) void connection.handleCandidate(candidate as RTCIceCandidateInit);
    else if (this.#allowsAnyKind) this.#earlyCandidates.add(src, connectionId, candidate as RTCIceCandidateInit);
  }

  /**
   * Reports a refused message to our page, because an honest remote page may have sent it. PeerJS has no reply for it.
   */
  handleRefused({ src, problem }: RefusedMessage): void {
    if (!this.#refusals.take()) return;
    const { owner, peerKey } = this.#options;
    const message = `Peerport refused ${src === undefined ? '' : `of peer ${src} `}${problem}.`;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type: 'webrtc', message } });
  }

  handleLeave(remotePeerId: string): void {
    for (const connection of this.#connections.to(remotePeerId)) connection.close();
    this.#pageOwnedSignalling.handleLeave(remotePeerId);
    this.#incomingOffers.handleLeave(remotePeerId);
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'peer.leave', peerKey, remotePeerId });
  }

  /** PeerServer gave up on a message to `remotePeerId`: fails the offers that are still unanswered. */
  handleExpiry(remotePeerId: string): void {
    const message = `Could not connect to peer ${remotePeerId}`;
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type: 'peer-unavailable', message } });
    for (const connection of this.#connections.to(remotePeerId)) {
      if (connection.isOffering) connection.fail('peer-unavailable', message);
    }
    this.#pageOwnedSignalling.handleExpiry(remotePeerId);
  }

  /** The Peer can signal again. */
  handleRegistered(): void {
    this.#unansweredOffers.handleRegistered();
    this.#pageOwnedSignalling.handleRegistered();
  }

  /** The socket is gone. */
  handleLoss(): void {
    this.#unansweredOffers.handleLoss();
    this.#pageOwnedSignalling.handleLoss();
  }

  /** The server has delivered everything that it held back for this Peer. */
  handleReplayed(): void {
    this.#unansweredOffers.handleReplayed();
  }

  closeAll(): void {
    this.#incomingOffers.end();
    this.#earlyCandidates.clear();
    for (const connection of this.#connections.all()) connection.close();
    this.#pageOwnedSignalling.forgetAll();
  }

  /** The page is gone. Parks the data connections for the next page; ends calls and page-owned connections. */
  park(): void {
    this.#parkedPeer = new ParkedPeer({
      connections: this.#connections,
      earlyCandidates: this.#earlyCandidates,
      socket: this.#options.socket,
      unclaimed: this.#adoption.unclaimed,
      queued: this.#incomingOffers.queue,
      quota: this.#options.owner.quota,
    });
    this.#incomingOffers.park(this.#parkedPeer);
    this.#adoption.end();
    for (const connection of this.#connections.all()) {
      if (connection instanceof HostedDataConnection) connection.park();
      else connection.close();
    }
    this.#pageOwnedSignalling.forgetAll();
  }

  /**
   * The Peer has its ID. `former`: the parked Peer of this ID, to adopt from later. Until then, connections that the
   * page opens may claim parked ones.
   */
  prepareAdoption(former: ParkedPeer | undefined): void {
    for (const connection of former?.connections ?? []) if (!this.#factory.mayAdopt(connection)) connection.close();
    for (const request of this.#adoption.prepare(former)) this.connect(request);
  }

  /** The page closes a connection that has claimed a parked one and is not adopted yet. */
  closePending(connectionKey: number): void {
    this.#adoption.close(connectionKey);
  }

  /** Adopts from the parked Peer, if there is one. Call when this Peer is registered and the page's port has come. */
  adopt(): void {
    const handover = this.#adoption.adopt();
    if (!handover) return;
    for (const adopted of handover.connections) this.#adopt(adopted);
    for (const request of handover.toCreate) this.connect(request);
    this.#options.environment.clock.later(() => {
      for (const connection of this.#adoption.takeUnclaimed()) this.#announce(connection);
    }, RECLAIM_MS);
    for (const message of handover.unsent) this.#factory.send(message);
    this.#incomingOffers.handleParked(handover.offers);
    this.#unansweredOffers.addAdopted(handover.connections.map(({ connection }) => connection));
  }

  #adopt(adopted: AdoptedConnection): void {
    const { connection, state } = adopted;
    const isReclaimed = state === 'reclaimed';
    this.#rehome(connection, isReclaimed ? adopted.connectionKey : this.#options.owner.nextConnectionKey());
    if (isReclaimed) connection.resume();
    else if (state === 'incoming') this.#announce(connection);
  }

  /** Takes the connection from its former Peer. Posts nothing to the page. */
  #rehome(connection: HostedDataConnection, connectionKey: number): void {
    connection.release();
    connection.rehome(connectionKey, this.#factory.home);
    this.#connections.add(connection);
    connection.on('gone', () => {
      this.#adoption.forget(connection);
    });
    const { remotePeerId, connectionId } = connection.description;
    for (const candidate of this.#earlyCandidates.claim(remotePeerId, connectionId))
      void connection.handleCandidate(candidate);
  }

  /** Posts an adopted connection to the page as incoming. */
  #announce(connection: HostedDataConnection): void {
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'connection.incoming', peerKey, ...connection.description });
    connection.resume();
  }

  /** Whether the user allows any kind of connection: else candidates need not be queued. */
  get #allowsAnyKind(): boolean {
    const conditions = this.#options.owner.conditions();
    return PERMISSIONS.some((kind) => refusalOf(kind, conditions) === undefined);
  }
}
