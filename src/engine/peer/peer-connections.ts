// The connections and calls of one Peer: opened by the page, accepted from remote peers, or adopted from a parked Peer.
// Dispatches the socket's messages to them. Knows nothing of the Peer's registration: the owner must report
// registration, loss and end, and call `park` when the page is gone.
import type { CallCreate, ConnectionCreate, ConnectionGone, PortableConfiguration } from '../../protocol/page-messages';
import { isSerialization } from '../../protocol/serializations';
import { PERMISSIONS } from '../../protocol/site-settings';
import { ParkedPeer } from '../reload/parked-peer';
import { HostedDataConnection } from '../data/hosted-data-connection';
import { ConnectionRegistry, type Hosted, type Listed } from './connection-registry';
import { ConnectionFactory, PEER_CONNECTIONS } from './connection-factory';
import { looksLikeOffer } from '../signalling/offer-check';
import { OfferQueue } from '../signalling/offer-queue';
import { PageOwnedSignalling } from './page-owned-signalling';
import { EarlyCandidates } from '../signalling/early-candidates';
import type { PeerEnvironment, PeerOwner } from './peer-environment';
import { kindOf, refusalOf, type Kind } from '../policy/permitted-kinds';
import type { Answer, Offer, RefusedMessage, RemoteCandidate } from '../signalling/server-messages';
import type { SignallingSocket } from '../signalling/signalling-socket';
import { Adoption } from '../reload/adoption';
import { TokenBucket } from '../policy/token-bucket';
import { ESTABLISHMENT_TIMEOUT_MS, type Place } from '../policy/unestablished-connections';

/** As many as a page that goes live has visitors at once, and about as many as the connections of a site. */
const MAX_QUEUED_OFFERS = 256;

/**
 * Shorter than an unestablished connection keeps its place. Otherwise a remote peer that floods us with offers would
 * retake all its places when they are freed. Honest connections are established, and free their places, within seconds.
 */
const QUEUED_OFFER_LIFETIME_MS = ESTABLISHMENT_TIMEOUT_MS / 2;

/** Limits warnings on the page's console, because remote peers can cause them at will. */
const WARNINGS = { capacity: 1, perSecond: 1 / 60 };

const NO_PLACE = 'Offers from remote peers are not answered: too many of their connections are being made already.';

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
  readonly #connections = new ConnectionRegistry();
  readonly #earlyCandidates: EarlyCandidates;
  /** Offers that wait for a free place. */
  readonly #queued: OfferQueue;
  /** Stops retrying queued offers when places become free. */
  readonly #stopRetrying: () => void;
  readonly #warnings = new TokenBucket(WARNINGS);
  readonly #refusals = new TokenBucket(REFUSALS);
  /** The server has delivered everything that it held back for us: an answer that is still missing will not come. */
  #hasReplayed = false;
  /** Connections whose offers went out on a socket that is gone: the offer or its answer may be lost. */
  #doubtful = new Set<Hosted>();
  readonly #factory: ConnectionFactory;
  readonly #pageOwnedSignalling: PageOwnedSignalling;
  #parkedPeer: ParkedPeer | undefined;
  /** The parked Peer to adopt from, once this Peer is registered and its page's port has come. */
  #former: ParkedPeer | undefined;
  readonly #adoption: Adoption;

  constructor(options: PeerConnectionsOptions) {
    this.#options = options;
    const { owner, peerKey, environment } = options;
    this.#earlyCandidates = new EarlyCandidates(owner.quota);
    this.#queued = new OfferQueue({
      quota: owner.quota,
      most: MAX_QUEUED_OFFERS,
      lifetimeMs: QUEUED_OFFER_LIFETIME_MS,
    });
    this.#stopRetrying = owner.quota.unestablished.onFree(() => {
      this.#queued.retry((offer) => {
        if (!owner.quota.unestablished.has(this.#applicantOf(offer))) return false;
        this.handleOffer(offer);
        return true;
      });
    });
    this.#factory = new ConnectionFactory(options);
    this.#pageOwnedSignalling = new PageOwnedSignalling(options);
    this.#adoption = new Adoption({
      nextConnectionKey: owner.nextConnectionKey,
      adopt: (connection, connectionKey) => {
        this.#adoptConnection(connection, connectionKey);
      },
      announce: (connection) => {
        owner.outbox.post({ type: 'connection.incoming', peerKey, ...connection.description });
        connection.resume();
      },
      connect: (request) => {
        this.connect(request);
      },
      later: environment.clock.later,
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
    if (!metadata || this.#adoption.claimParked(request, metadata.metadata)) return;
    this.#options.owner.whenRoom(request, () => {
      this.#connect(request, metadata);
    });
  }

  #connect(request: ConnectionCreate, metadata: { metadata?: unknown }): void {
    const { connectionKey, connectionId, remotePeerId, label, serialization, reliable } = request;
    const description = { connectionKey, connectionId, remotePeerId, label, serialization, reliable, ...metadata };
    const connection = this.#factory.createConnection(description, request.transformsSdp);
    if (!connection) return;
    this.#register(connection);
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
    this.#register(call);
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
    const { payload } = offer;
    const isCall = payload.type === 'media';
    // No answer: the remote peer must not be able to tell a refusal from an absent peer.
    if (refusalOf(kindOf(payload), this.#options.owner.conditions())) return;
    const isPageOwned =
      payload.type === 'data' && this.#options.customSerializers().includes(String(payload.serialization));
    const isOurs = !isPageOwned && (isCall || isReadable(offer));
    // Reject invalid offers before anything is created for them.
    if (isOurs && !looksLikeOffer(payload.sdp.sdp, isCall ? 'media' : 'data')) {
      this.#warn(
        `An offer of peer ${offer.src} is not answered: its SDP does not offer a ${isCall ? 'call' : 'data channel'}.`,
      );
      return;
    }
    if (this.#parkedPeer && (isCall || !isOurs)) this.#parkedPeer.addOffer(offer);
    else if (isOurs || isPageOwned) this.#accept(offer, isPageOwned);
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
    this.#queued.removeOf(remotePeerId);
    this.#parkedPeer?.handleLeave(remotePeerId);
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

  /** The Peer can signal again: starts the deadlines of unanswered connections. */
  handleRegistered(): void {
    for (const connection of this.#connections.all()) {
      if (connection instanceof HostedDataConnection && connection.isUnanswered) connection.startDeadline();
    }
    this.#pageOwnedSignalling.handleRegistered();
  }

  /** The socket is gone. Marks the offers that are out to be repeated as a whole, and drops their queued messages. */
  doubtOffers(): void {
    this.#doubtful = new Set(this.#connections.all().filter((connection) => connection.isOffering));
    this.#hasReplayed = false;
    for (const { description } of this.#doubtful) this.#options.socket.forget(description.connectionId);
    for (const connection of this.#connections.all()) {
      if (connection instanceof HostedDataConnection && connection.isUnanswered) connection.stopDeadline();
    }
    this.#pageOwnedSignalling.handleLoss();
  }

  repeatDoubtfulOffers(): void {
    this.#hasReplayed = true;
    for (const connection of this.#doubtful) connection.repeatOffer();
    this.#doubtful.clear();
  }

  closeAll(): void {
    this.#stopRetrying();
    this.#queued.drain();
    this.#earlyCandidates.clear();
    this.#parkedPeer?.close();
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
      queued: this.#queued,
      quota: this.#options.owner.quota,
    });
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
    this.#former = former;
    for (const connection of former?.connections ?? []) if (!this.#factory.mayAdopt(connection)) connection.close();
    this.#adoption.prepare(former);
  }

  /** The page closes a connection that has claimed a parked one and is not adopted yet. */
  closePending(connectionKey: number): void {
    this.#adoption.close(connectionKey);
  }

  /** Adopts from the parked Peer, if there is one. Call when this Peer is registered and the page's port has come. */
  adopt(): void {
    const former = this.#former;
    if (!former) return;
    this.#former = undefined;
    const offers = former.takeOffers();
    const unsent = former.takeUnsent();
    this.#adoption.adopt();
    for (const message of unsent) this.#factory.send(message);
    for (const { offer, candidates } of offers) {
      for (const candidate of candidates) this.#earlyCandidates.add(offer.src, offer.payload.connectionId, candidate);
      this.handleOffer(offer);
    }
    if (this.#hasReplayed) this.repeatDoubtfulOffers();
  }

  #adoptConnection(connection: HostedDataConnection, connectionKey: number): void {
    connection.release();
    connection.rehome(connectionKey, this.#factory.home);
    this.#register(connection);
    const { remotePeerId, connectionId } = connection.description;
    for (const candidate of this.#earlyCandidates.claim(remotePeerId, connectionId))
      void connection.handleCandidate(candidate);
    // The former Peer's socket, which sent this offer, is gone.
    if (connection.isOffering) this.#doubtful.add(connection);
  }

  /** Passes an offer with a custom serializer to the page. */
  #passToPage(offer: Offer, place: Place): void {
    if (!this.#pageOwnedSignalling.handleOffer(offer, place)) return;
    const { connectionId } = offer.payload;
    for (const candidate of this.#earlyCandidates.claim(offer.src, connectionId)) {
      this.#pageOwnedSignalling.pass(offer.src, connectionId, {
        type: 'CANDIDATE',
        payload: { candidate, connectionId },
      });
    }
  }

  /** Accepts an offer. Queues it while no place is free, and drops it if the queue is full. */
  #accept(offer: Offer, isPageOwned: boolean): void {
    const { src, payload } = offer;
    const { quota } = this.#options.owner;
    const excess = quota.connectionRefusal(isPageOwned ? 0 : PEER_CONNECTIONS[kindOf(payload)]);
    if (excess !== undefined) {
      this.#warn(`An offer from a remote peer is not answered. ${excess}`);
      return;
    }
    const giveWay = (): void => this.#connections.find(src, payload.connectionId)?.close();
    const place = quota.unestablished.take({ ...this.#applicantOf(offer), giveWay });
    if (!place) {
      if (!this.#queued.add(offer)) this.#warn(NO_PLACE);
      return;
    }
    if (isPageOwned) {
      this.#passToPage(offer, place);
      return;
    }
    // As in PeerJS: an offer for a connection that exists replaces it.
    this.#connections.find(src, payload.connectionId)?.close();
    if (payload.type === 'media') this.#acceptCall(offer, place);
    else this.#acceptConnection(offer, place);
  }

  #applicantOf({ src, payload }: Offer): { peer: object; remotePeerId: string; kind: Kind } {
    return { peer: this, remotePeerId: src, kind: kindOf(payload) };
  }

  /** Warns the page's developer. The remote peer hears nothing. */
  #warn(message: string): void {
    const { owner, peerKey } = this.#options;
    if (this.#warnings.take()) owner.outbox.post({ type: 'peer.warning', peerKey, message });
  }

  /** Whether the user allows any kind of connection: else candidates need not be queued. */
  get #allowsAnyKind(): boolean {
    const conditions = this.#options.owner.conditions();
    return PERMISSIONS.some((kind) => refusalOf(kind, conditions) === undefined);
  }

  #acceptConnection({ src, payload }: Offer, place: Place): void {
    const { connectionId, sdp, metadata, reliable } = payload;
    const serialization = String(payload.serialization);
    const label = typeof payload.label === 'string' ? payload.label : connectionId;
    const { owner, peerKey } = this.#options;
    const connectionKey = owner.nextConnectionKey();
    const description = { connectionKey, connectionId, remotePeerId: src, label, serialization, reliable: !!reliable };
    const connection = this.#factory.createConnection({ ...description, metadata }, false);
    if (!connection) {
      place.end();
      return;
    }
    this.#register(connection, place);
    connection.startDeadline();
    if (this.#parkedPeer) connection.park();
    owner.outbox.post({ type: 'connection.incoming', peerKey, ...description, metadata });
    void connection.answer(sdp);
    for (const candidate of this.#earlyCandidates.claim(src, connectionId)) void connection.handleCandidate(candidate);
  }

  #acceptCall({ src, payload }: Offer, place: Place): void {
    const { connectionId, sdp, metadata } = payload;
    const { owner, peerKey } = this.#options;
    const description = { connectionKey: owner.nextConnectionKey(), connectionId, remotePeerId: src, metadata };
    const call = this.#factory.createCall(description, sdp);
    if (!call) {
      place.end();
      return;
    }
    this.#register(call, place);
    owner.outbox.post({ type: 'call.incoming', peerKey, ...description, offer: sdp });
    for (const candidate of this.#earlyCandidates.claim(src, connectionId)) call.handleCandidate(candidate);
  }

  #register(connection: Hosted, place?: Place): void {
    const { quota } = this.#options.owner;
    const peerConnections = PEER_CONNECTIONS[connection instanceof HostedDataConnection ? 'data' : 'calls'];
    quota.connections += 1;
    quota.peerConnections += peerConnections;
    this.#connections.add(connection);
    this.#options.owner.addConnection(connection);
    connection.on('webrtcError', (error) => {
      this.#factory.reportWebrtcError(error);
    });
    connection.on('established', () => place?.establish());
    connection.on('gone', () => {
      place?.end();
      quota.connections -= 1;
      quota.peerConnections -= peerConnections;
      if (connection instanceof HostedDataConnection) this.#adoption.forget(connection);
    });
  }
}

/** An offer that names no serialization of PeerJS's is one that no page of ours can read. */
function isReadable({ payload }: Offer): boolean {
  return payload.type === 'data' && isSerialization(String(payload.serialization));
}
