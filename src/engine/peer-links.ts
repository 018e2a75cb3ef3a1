// The connections and calls of one Peer: made for the page, accepted from remote peers, and kept in step with what comes
// over the Peer's socket. Where the page is gone they are held, and the next page's Peer takes them over. Knows nothing of
// the Peer's registration.
import { messageOf, type ConnectionErrorType } from '../protocol/errors';
import type { CallCreate, ConnectionCreate, ConnectionGone, PortableConfiguration } from '../protocol/page-messages';
import type { ClientMessage } from '../protocol/signalling';
import { HostedCall, type CallContext, type CallDescription } from './hosted-call';
import { HostedConnection, type ConnectionDescription, type ConnectionHome } from './hosted-connection';
import { HostedConnections, MAX_CONNECTIONS, type Hosted, type Listed } from './hosted-connections';
import { connectionConfiguration } from './ice-policy';
import { PageSignalling } from './page-signalling';
import { ParkedCandidates } from './parked-candidates';
import type { PeerContext, PeerOwner } from './peer-context';
import { kindOf, refusalOf, type Kind } from './refusals';
import { watchRelays } from './relay-watch';
import { withRelaysAlone } from './relayed-signals';
import type { Answer, Offer, RemoteCandidate } from './signalling-messages';
import type { SignallingSocket } from './signalling-socket';
import { Succession, type Estate } from './succession';

/** PeerJS's serializers; an offer that names another is one that no page of ours can read. */
const SERIALIZATIONS = new Set(['binary', 'binary-utf8', 'json', 'raw']);

/** Calls and other offers that only a page can answer, which wait for the next one. */
const MAX_HELD_OFFERS = 16;

type CreatePeerConnection = (config: RTCConfiguration) => RTCPeerConnection;

export interface PeerLinksOptions {
  peerKey: number;
  owner: PeerOwner;
  context: PeerContext;
  socket: Pick<SignallingSocket, 'send' | 'forget'>;
  /** As the page gave it last. */
  config: () => PortableConfiguration;
  /** Names of the serializers that the page itself has. */
  pageSerializers: () => readonly string[];
}

export class PeerLinks {
  readonly #options: PeerLinksOptions;
  readonly #connections = new HostedConnections();
  readonly #parked = new ParkedCandidates();
  /** Their offers went out on a socket that is gone: perhaps they never arrived, perhaps their answers did not. */
  #doubtful = new Set<Hosted>();
  readonly #pageSignalling: PageSignalling;
  /** While there is no page: what only a page can answer. */
  #heldOffers: Offer[] | undefined;
  /** The links of the former page, which are ours once the Peer is registered. */
  #former: PeerLinks | undefined;
  readonly #succession: Succession;

  constructor(options: PeerLinksOptions) {
    this.#options = options;
    const { owner, peerKey, context } = options;
    this.#pageSignalling = new PageSignalling(options);
    this.#succession = new Succession({
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
      later: context.clock.later,
    });
  }

  get all(): readonly Listed[] {
    return [...this.#connections.all(), ...this.#pageSignalling.all];
  }

  /** The page connects. */
  connect(request: ConnectionCreate): void {
    const { connectionKey, connectionId, remotePeerId, label, serialization, reliable } = request;
    const metadata = this.#readMetadata(request);
    if (!metadata) return;
    if (this.#succession.goOn(request, metadata.metadata)) return;
    const description = { connectionKey, connectionId, remotePeerId, label, serialization, reliable, ...metadata };
    const connection = this.#createConnection(description, request.transformsSdp);
    void connection?.offer(request.constraints);
  }

  /** The page calls. */
  call(request: CallCreate): void {
    const { connectionKey, connectionId, remotePeerId } = request;
    const metadata = this.#readMetadata(request);
    if (!metadata) return;
    this.#createCall({ connectionKey, connectionId, remotePeerId, ...metadata })?.call(request);
  }

  /** The page signals by `peer.socket`. */
  signal(message: { type: string; payload?: unknown; dst?: string | undefined }): void {
    if (this.#pageSignalling.noteSent(message)) this.#options.socket.send(message);
  }

  /** The page says that a connection of its own is gone. */
  handleGone({ remotePeerId, connectionId }: ConnectionGone): void {
    this.#pageSignalling.handleGone(remotePeerId, connectionId);
  }

  handleOffer(offer: Offer): void {
    const { src, payload } = offer;
    // Not answered: the remote peer learns no more than from one that is not there.
    if (refusalOf(kindOf(payload), this.#options.owner.conditions())) return;
    if (this.#heldOffers && !isReadable(offer)) {
      if (this.#heldOffers.length < MAX_HELD_OFFERS) this.#heldOffers.push(offer);
      return;
    }
    if (this.#options.pageSerializers().includes(String(payload.serialization)) && payload.type === 'data') {
      if (!this.#pageSignalling.handleOffer(offer)) return;
      for (const candidate of this.#parked.claim(src, payload.connectionId)) {
        const { connectionId } = payload;
        this.#pageSignalling.pass(src, connectionId, { type: 'CANDIDATE', payload: { candidate, connectionId } });
      }
      return;
    }
    if (payload.type !== 'media' && !isReadable(offer)) return;
    // As in PeerJS: an offer for a connection that exists replaces it.
    this.#connections.find(src, payload.connectionId)?.close();
    if (payload.type === 'media') this.#acceptCall(offer);
    else this.#acceptConnection(offer);
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
    else this.#parked.park(src, connectionId, candidate as RTCIceCandidateInit);
  }

  handleLeave(remotePeerId: string): void {
    for (const connection of this.#connections.to(remotePeerId)) connection.close();
    this.#pageSignalling.handleLeave(remotePeerId);
    this.#heldOffers = this.#heldOffers?.filter(({ src }) => src !== remotePeerId);
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

  /** All of such an offer is sent again once an answer can no longer come, so what is queued of it need not be. */
  doubtOffers(): void {
    this.#doubtful = new Set(this.#connections.all().filter((connection) => connection.isOffering));
    for (const { description } of this.#doubtful) this.#options.socket.forget(description.connectionId);
  }

  repeatDoubtfulOffers(): void {
    for (const connection of this.#doubtful) connection.repeatOffer();
    this.#doubtful.clear();
  }

  closeAll(): void {
    for (const connection of this.#connections.all()) connection.close();
    this.#pageSignalling.forgetAll();
  }

  /** The page is gone, and with it what it held. Data connections go on for the next; calls end, because their media have. */
  hold(): void {
    this.#heldOffers = [];
    this.#succession.end();
    for (const connection of this.#connections.all()) {
      if (connection instanceof HostedConnection) connection.hold();
      else connection.close();
    }
    this.#pageSignalling.forgetAll();
  }

  /**
   * The Peer has its ID. `former`: what the former page's Peer of this ID has, for `takeOver`; what the page begins meanwhile
   * may be one of those connections.
   */
  follow(former: PeerLinks | undefined): void {
    this.#former = former;
    const estate = former && ((): Estate => former.#estate());
    for (const connection of estate?.().connections ?? []) if (!this.#mayGoOn(connection)) connection.close();
    this.#succession.follow(estate);
  }

  /** The page closes what it has begun: perhaps a connection that is to be taken over. */
  closePending(connectionKey: number): void {
    this.#succession.close(connectionKey);
  }

  /** Takes what the former page's links hold, if there are any. */
  takeOver(): void {
    const former = this.#former;
    if (!former) return;
    this.#former = undefined;
    const offers = former.#heldOffers?.splice(0) ?? [];
    const unsent = former.#takeUnsent();
    this.#succession.takeOver();
    for (const message of unsent) this.#send(message);
    for (const offer of offers) {
      const { src, payload } = offer;
      for (const candidate of former.#parked.claim(src, payload.connectionId)) {
        this.#parked.park(src, payload.connectionId, candidate);
      }
      this.handleOffer(offer);
    }
  }

  /** Whether a connection of the former page is one that this page could have now. */
  #mayGoOn(connection: HostedConnection): boolean {
    const { owner, pageSerializers } = this.#options;
    const conditions = owner.conditions();
    if (!conditions?.keepsLinks || refusalOf('data', conditions)) return false;
    if (conditions.relayedOnly && !connection.isRelayed) return false;
    return !pageSerializers().includes(connection.description.serialization);
  }

  /** What connections had to say when there was no socket. Of an offer that is out all is sent again, and so not this. */
  #takeUnsent(): ClientMessage[] {
    const answering = this.#connections.all().filter((connection) => !connection.isOffering);
    return answering.flatMap(({ description }) => this.#options.socket.forget(description.connectionId));
  }

  #estate(): Estate {
    const connections = this.#connections.all().filter((connection) => connection instanceof HostedConnection);
    const begun = connections.filter(({ description }) => description.connectionKey > 0);
    return { connections, begun: new Set([...begun, ...this.#succession.unclaimed]) };
  }

  /** Takes it from whoever holds it. */
  #take(connection: HostedConnection, connectionKey: number): void {
    connection.release();
    connection.rehome(connectionKey, this.#home);
    this.#keep(connection);
    const { remotePeerId, connectionId } = connection.description;
    for (const candidate of this.#parked.claim(remotePeerId, connectionId)) void connection.handleCandidate(candidate);
    // Its offer went out on a socket that is gone.
    if (connection.isOffering) this.#doubtful.add(connection);
  }

  get #home(): ConnectionHome {
    const { owner, context } = this.#options;
    return { outbox: owner.outbox, document: owner, budget: context.budget, quota: owner.quota, send: this.#send };
  }

  #acceptConnection({ src, payload }: Offer): void {
    const { connectionId, sdp, metadata, reliable } = payload;
    const serialization = String(payload.serialization);
    const label = typeof payload.label === 'string' ? payload.label : connectionId;
    const { owner, peerKey } = this.#options;
    const connectionKey = owner.nextConnectionKey();
    const description = { connectionKey, connectionId, remotePeerId: src, label, serialization, reliable: !!reliable };
    const connection = this.#createConnection({ ...description, metadata }, false);
    if (!connection) return;
    if (this.#heldOffers) connection.hold();
    owner.outbox.post({ type: 'connection.incoming', peerKey, ...description, metadata });
    void connection.answer(sdp);
    for (const candidate of this.#parked.claim(src, connectionId)) void connection.handleCandidate(candidate);
  }

  #acceptCall({ src, payload }: Offer): void {
    const { connectionId, sdp, metadata } = payload;
    const { owner, peerKey } = this.#options;
    const description = { connectionKey: owner.nextConnectionKey(), connectionId, remotePeerId: src, metadata };
    const call = this.#createCall(description, sdp);
    if (!call) return;
    owner.outbox.post({ type: 'call.incoming', peerKey, ...description, offer: sdp });
    for (const candidate of this.#parked.claim(src, connectionId)) call.handleCandidate(candidate);
  }

  #createConnection(description: ConnectionDescription, transformsSdp: boolean): HostedConnection | undefined {
    if (!this.#mayHave('data', description)) return undefined;
    const { owner, context, config } = this.#options;
    const createPeerConnection = this.#watchingRelays(context.createPeerConnection, () => connection);
    let connection: HostedConnection;
    try {
      const connectionConfig = connectionConfiguration(config(), owner.conditions() ?? {});
      const connectionContext = { ...this.#home, createPeerConnection, config: connectionConfig };
      connection = new HostedConnection(description, connectionContext, { transformsSdp });
    } catch (error) {
      this.#tellWebrtcError(error);
      this.#refuse(description, messageOf(error));
      return undefined;
    }
    this.#keep(connection);
    return connection;
  }

  #createCall(description: CallDescription, offer?: RTCSessionDescriptionInit): HostedCall | undefined {
    if (!this.#mayHave('calls', description)) return undefined;
    const { owner, context, config } = this.#options;
    const ways = context.mediaWays();
    const createPeerConnection = this.#watchingRelays(ways.createPeerConnection, () => call);
    const callContext: CallContext = {
      outbox: owner.outbox,
      send: this.#send,
      ways: { ...ways, createPeerConnection },
      config: () => connectionConfiguration(config(), owner.conditions() ?? {}),
      links: owner.links,
      // Hosted where it costs no second encoding.
      defaultRoute: ways.passesWishes ? 'hosted' : 'direct',
      // By the time of the answer, the user may have changed them.
      get forcedRoute() {
        return owner.conditions()?.callRoute;
      },
      get relayedOnly() {
        return owner.conditions()?.relayedOnly ?? false;
      },
    };
    const call = new HostedCall(description, callContext, offer);
    this.#keep(call);
    return call;
  }

  #keep(connection: Hosted): void {
    const { quota } = this.#options.owner;
    quota.connections += 1;
    this.#connections.add(connection);
    this.#options.owner.addConnection(connection);
    connection.on('webrtcError', (error) => {
      this.#tellWebrtcError(error);
    });
    connection.on('gone', () => {
      quota.connections -= 1;
      if (connection instanceof HostedConnection) this.#succession.forget(connection);
    });
  }

  readonly #send = (message: ClientMessage): void => {
    const { owner, socket } = this.#options;
    const allowed = owner.conditions()?.relayedOnly ? withRelaysAlone(message) : message;
    if (allowed) socket.send(allowed);
  };

  /** Where the user wants relays only, the connection fails as soon as it is known that there is none. */
  #watchingRelays(create: CreatePeerConnection, connection: () => Hosted): CreatePeerConnection {
    return (config) => {
      const peerConnection = create(config);
      // The local link of a call is made without any server.
      if (this.#options.owner.conditions()?.relayedOnly && config.iceServers) {
        watchRelays(peerConnection, (message) => {
          connection().fail('negotiation-failed', message);
        });
      }
      return peerConnection;
    };
  }

  /** False, and the page is told, where the user does not allow the connection. */
  #mayHave(kind: Kind, description: { connectionKey: number }): boolean {
    const { conditions, quota } = this.#options.owner;
    const refusal = refusalOf(kind, conditions());
    const excess = quota.connectionRefusal;
    if (refusal) this.#refuse(description, refusal, 'permission-denied');
    else if (excess) this.#refuse(description, excess, 'limit-reached');
    else if (this.#connections.isFull)
      this.#refuse(description, `This Peer has ${MAX_CONNECTIONS} connections already.`);
    else return true;
    return false;
  }

  /** Undefined, and the page is told, where it is no JSON. */
  #readMetadata(request: { connectionKey: number; metadata?: string | undefined }): { metadata?: unknown } | undefined {
    try {
      return request.metadata === undefined ? {} : { metadata: JSON.parse(request.metadata) as unknown };
    } catch (error) {
      this.#refuse(request, messageOf(error));
      return undefined;
    }
  }

  /** Ends what the page has begun; of an offer that is refused it has not heard. */
  #refuse(
    { connectionKey }: { connectionKey: number },
    message: string,
    type: ConnectionErrorType = 'negotiation-failed',
  ): void {
    if (connectionKey < 0) return;
    const { outbox } = this.#options.owner;
    outbox.post({ type: 'connection.error', connectionKey, error: { type, message } });
    outbox.post({ type: 'connection.closed', connectionKey });
  }

  #tellWebrtcError(error: unknown): void {
    const { owner, peerKey } = this.#options;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type: 'webrtc', message: messageOf(error) } });
  }
}

function isReadable({ payload }: Offer): boolean {
  return payload.type === 'data' && SERIALIZATIONS.has(String(payload.serialization));
}
