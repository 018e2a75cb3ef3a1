// The connections and calls of one Peer: begun by the page, accepted from remote peers, taken over from the Peer of a former
// page, and kept in step with what comes over the Peer's socket. Knows nothing of the Peer's registration.
import type { CallCreate, ConnectionCreate, ConnectionGone, PortableConfiguration } from '../../protocol/page-messages';
import { isSerialization } from '../../protocol/serializations';
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

/** A page that goes live has that many visitors at once; the connections that a site may have are as many. */
const MAX_QUEUED_OFFERS = 256;

/**
 * Less than a connection that nobody completes keeps its place: else a remote peer that offers many at once would have all
 * its places anew when they are free again. Honest connections are established, and leave their places, in seconds.
 */
const QUEUED_OFFER_LIFETIME_MS = ESTABLISHMENT_TIMEOUT_MS / 2;

/** Warnings on the page's console: remote peers cause them at will. */
const WARNINGS = { capacity: 1, perSecond: 1 / 60 };

const NO_PLACE = 'Offers from remote peers are not answered: too many of their connections are being made already.';

const KINDS: readonly Kind[] = ['data', 'calls'];

/** Errors about what is refused of remote peers, at once and a second afterwards: they cause them at will. */
const REFUSALS = { capacity: 4, perSecond: 1 / 60 };

export interface PeerConnectionsOptions {
  peerKey: number;
  owner: PeerOwner;
  environment: PeerEnvironment;
  socket: Pick<SignallingSocket, 'send' | 'forget' | 'isRegistered'>;
  /** As the page gave it last. */
  config: () => PortableConfiguration;
  /** Names of the serializers that the page itself has. */
  customSerializers: () => readonly string[];
}

export class PeerConnections {
  readonly #options: PeerConnectionsOptions;
  readonly #connections = new ConnectionRegistry();
  readonly #earlyCandidates: EarlyCandidates;
  /** Offers for which there is no place yet. */
  readonly #queued: OfferQueue;
  /** No longer asks for places that are free again. */
  readonly #leaveQueue: () => void;
  readonly #warnings = new TokenBucket(WARNINGS);
  readonly #refusals = new TokenBucket(REFUSALS);
  /** The server has delivered what it held back for us: an answer that has not come will not. */
  #hasReplayed = false;
  /** Their offers went out on a socket that is gone: perhaps they never arrived, perhaps their answers did not. */
  #doubtful = new Set<Hosted>();
  readonly #factory: ConnectionFactory;
  readonly #pageSignalling: PageOwnedSignalling;
  #parkedPeer: ParkedPeer | undefined;
  /** What the former page's Peer has, which is ours once this one is registered and its page is there. */
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
    this.#leaveQueue = owner.quota.unestablished.onFree(() => {
      this.#queued.retry((offer) => {
        if (!owner.quota.unestablished.has(this.#applicantOf(offer))) return false;
        this.handleOffer(offer);
        return true;
      });
    });
    this.#factory = new ConnectionFactory(options);
    this.#pageSignalling = new PageOwnedSignalling(options);
    this.#adoption = new Adoption({
      nextConnectionKey: owner.nextConnectionKey,
      take: (connection, connectionKey) => {
        this.#take(connection, connectionKey);
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

  /** What there is for the next page's Peer; undefined while there is a page. */
  get parkedPeer(): ParkedPeer | undefined {
    return this.#parkedPeer;
  }

  get all(): readonly Listed[] {
    return [...this.#connections.all(), ...this.#pageSignalling.all];
  }

  /** The page connects. */
  connect(request: ConnectionCreate): void {
    const metadata = this.#factory.readMetadata(request);
    if (!metadata || this.#adoption.goOn(request, metadata.metadata)) return;
    this.#options.owner.whenRoom(request, () => {
      this.#connect(request, metadata);
    });
  }

  #connect(request: ConnectionCreate, metadata: { metadata?: unknown }): void {
    const { connectionKey, connectionId, remotePeerId, label, serialization, reliable } = request;
    const description = { connectionKey, connectionId, remotePeerId, label, serialization, reliable, ...metadata };
    const connection = this.#factory.createConnection(description, request.transformsSdp);
    if (!connection) return;
    this.#keep(connection);
    if (this.#options.socket.isRegistered) connection.startDeadline();
    void connection.offer(request.constraints);
  }

  /** The page has begun more than it may. */
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
    this.#keep(call);
    call.call(request);
  }

  /** The page signals by `peer.socket`. */
  signal(message: { type: string; payload?: unknown; dst?: string | undefined }): void {
    if (!this.#pageSignalling.noteSent(message)) return;
    const refusal = this.#options.socket.send(message);
    if (refusal === undefined) return;
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type: 'limit-reached', message: refusal } });
  }

  /** The page says that a connection of its own is gone. */
  handleGone({ remotePeerId, connectionId }: ConnectionGone): void {
    this.#pageSignalling.handleGone(remotePeerId, connectionId);
  }

  handleOffer(offer: Offer): void {
    const { payload } = offer;
    const isCall = payload.type === 'media';
    // Not answered: the remote peer learns no more than from one that is not there.
    if (refusalOf(kindOf(payload), this.#options.owner.conditions())) return;
    const isOfPage =
      payload.type === 'data' && this.#options.customSerializers().includes(String(payload.serialization));
    const isOurs = !isOfPage && (isCall || isReadable(offer));
    // What is none costs nothing but this look at it.
    if (isOurs && !looksLikeOffer(payload.sdp.sdp, isCall ? 'media' : 'data')) {
      this.#warn(
        `An offer of peer ${offer.src} is not answered: its SDP does not offer a ${isCall ? 'call' : 'data channel'}.`,
      );
      return;
    }
    if (this.#parkedPeer && (isCall || !isOurs)) this.#parkedPeer.addOffer(offer);
    else if (isOurs || isOfPage) this.#accept(offer, isOfPage);
  }

  handleAnswer(answer: Answer): void {
    const { src, payload } = answer;
    if (this.#pageSignalling.pass(src, payload.connectionId, answer)) return;
    void this.#connections.find(src, payload.connectionId)?.handleAnswer(payload.sdp);
  }

  handleCandidate(message: RemoteCandidate): void {
    const { src, payload } = message;
    const { connectionId, candidate } = payload;
    if (!candidate || this.#pageSignalling.pass(src, connectionId, message)) return;
    const connection = this.#connections.find(src, connectionId);
    if (connection) void connection.handleCandidate(candidate as RTCIceCandidateInit);
    else if (this.#mayHaveAny) this.#earlyCandidates.park(src, connectionId, candidate as RTCIceCandidateInit);
  }

  /** Not answered: PeerJS has no word for it. An honest page may have sent it, so the page here is told. */
  handleRefused({ src, problem }: RefusedMessage): void {
    if (!this.#refusals.take()) return;
    const { owner, peerKey } = this.#options;
    const message = `Peerport refused ${src === undefined ? '' : `of peer ${src} `}${problem}.`;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type: 'webrtc', message } });
  }

  handleLeave(remotePeerId: string): void {
    for (const connection of this.#connections.to(remotePeerId)) connection.close();
    this.#pageSignalling.handleLeave(remotePeerId);
    this.#queued.removeOf(remotePeerId);
    this.#parkedPeer?.handleLeave(remotePeerId);
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'peer.leave', peerKey, remotePeerId });
  }

  /** PeerServer gave up on a message to `remotePeerId`: offers that it has not answered will not be. */
  handleExpiry(remotePeerId: string): void {
    const message = `Could not connect to peer ${remotePeerId}`;
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type: 'peer-unavailable', message } });
    for (const connection of this.#connections.to(remotePeerId)) {
      if (connection.isOffering) connection.fail('peer-unavailable', message);
    }
    this.#pageSignalling.handleExpiry(remotePeerId);
  }

  /** The Peer can signal: what waits for an answer does not wait without end. */
  handleRegistered(): void {
    for (const connection of this.#connections.all()) {
      if (connection instanceof HostedDataConnection && connection.isUnanswered) connection.startDeadline();
    }
    this.#pageSignalling.handleRegistered();
  }

  /** All of such an offer is sent again once an answer can no longer come, so what is queued of it need not be. */
  doubtOffers(): void {
    this.#doubtful = new Set(this.#connections.all().filter((connection) => connection.isOffering));
    this.#hasReplayed = false;
    for (const { description } of this.#doubtful) this.#options.socket.forget(description.connectionId);
    for (const connection of this.#connections.all()) {
      if (connection instanceof HostedDataConnection && connection.isUnanswered) connection.stopDeadline();
    }
    this.#pageSignalling.handleLoss();
  }

  repeatDoubtfulOffers(): void {
    this.#hasReplayed = true;
    for (const connection of this.#doubtful) connection.repeatOffer();
    this.#doubtful.clear();
  }

  closeAll(): void {
    this.#leaveQueue();
    this.#queued.drain();
    this.#earlyCandidates.clear();
    this.#parkedPeer?.close();
    for (const connection of this.#connections.all()) connection.close();
    this.#pageSignalling.forgetAll();
  }

  /** The page is gone, and with it what it held. Data connections go on for the next; calls end, as their media have. */
  hold(): void {
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
      if (connection instanceof HostedDataConnection) connection.hold();
      else connection.close();
    }
    this.#pageSignalling.forgetAll();
  }

  /**
   * The Peer has its ID. `former`: what the former page's Peer of this ID has, for `takeOver`; what the page begins
   * meanwhile may be one of those connections.
   */
  follow(former: ParkedPeer | undefined): void {
    this.#former = former;
    for (const connection of former?.connections ?? []) if (!this.#factory.mayGoOn(connection)) connection.close();
    this.#adoption.follow(former);
  }

  /** The page closes what it has begun: perhaps a connection that is to be taken over. */
  closePending(connectionKey: number): void {
    this.#adoption.close(connectionKey);
  }

  /** Takes what the former page's Peer has, if there is any. Once the Peer is registered and the page can be spoken to. */
  takeOver(): void {
    const former = this.#former;
    if (!former) return;
    this.#former = undefined;
    const offers = former.takeOffers();
    const unsent = former.takeUnsent();
    this.#adoption.takeOver();
    for (const message of unsent) this.#factory.send(message);
    for (const { offer, candidates } of offers) {
      for (const candidate of candidates) this.#earlyCandidates.park(offer.src, offer.payload.connectionId, candidate);
      this.handleOffer(offer);
    }
    if (this.#hasReplayed) this.repeatDoubtfulOffers();
  }

  #take(connection: HostedDataConnection, connectionKey: number): void {
    connection.release();
    connection.rehome(connectionKey, this.#factory.home);
    this.#keep(connection);
    const { remotePeerId, connectionId } = connection.description;
    for (const candidate of this.#earlyCandidates.claim(remotePeerId, connectionId))
      void connection.handleCandidate(candidate);
    // Its offer went out on a socket that is gone.
    if (connection.isOffering) this.#doubtful.add(connection);
  }

  /** To the page, which has the serializer for it. */
  #passOn(offer: Offer, place: Place): void {
    if (!this.#pageSignalling.handleOffer(offer, place)) return;
    const { connectionId } = offer.payload;
    for (const candidate of this.#earlyCandidates.claim(offer.src, connectionId)) {
      this.#pageSignalling.pass(offer.src, connectionId, { type: 'CANDIDATE', payload: { candidate, connectionId } });
    }
  }

  /** The offer waits where no place is free, and is dropped where too many do. */
  #accept(offer: Offer, isOfPage: boolean): void {
    const { src, payload } = offer;
    const { quota } = this.#options.owner;
    const excess = quota.connectionRefusal(isOfPage ? 0 : PEER_CONNECTIONS[kindOf(payload)]);
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
    if (isOfPage) {
      this.#passOn(offer, place);
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

  /** The remote peer is told nothing. */
  #warn(message: string): void {
    const { owner, peerKey } = this.#options;
    if (this.#warnings.take()) owner.outbox.post({ type: 'peer.warning', peerKey, message });
  }

  /** Of a connection that cannot come to be no candidate is kept. */
  get #mayHaveAny(): boolean {
    const conditions = this.#options.owner.conditions();
    return KINDS.some((kind) => refusalOf(kind, conditions) === undefined);
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
    this.#keep(connection, place);
    connection.startDeadline();
    if (this.#parkedPeer) connection.hold();
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
    this.#keep(call, place);
    owner.outbox.post({ type: 'call.incoming', peerKey, ...description, offer: sdp });
    for (const candidate of this.#earlyCandidates.claim(src, connectionId)) call.handleCandidate(candidate);
  }

  #keep(connection: Hosted, place?: Place): void {
    const { quota } = this.#options.owner;
    const peerConnections = PEER_CONNECTIONS[connection instanceof HostedDataConnection ? 'data' : 'calls'];
    quota.connections += 1;
    quota.peerConnections += peerConnections;
    this.#connections.add(connection);
    this.#options.owner.addConnection(connection);
    connection.on('webrtcError', (error) => {
      this.#factory.tellWebrtcError(error);
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
