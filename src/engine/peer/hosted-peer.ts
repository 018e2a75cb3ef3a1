// One Peer in the host. Joins the Peer's socket to its registration (registration.ts) and its connections
// (peer-connections.ts). The state machine that pages see (which error destroys, which disconnects) is in the page. A
// Peer outlives its page only if the owner calls `park`; the owner must call `destroy` in the end.
import type { LivePeer } from '../../protocol/live-messages';
import type {
  CallCreate,
  ConnectionCreate,
  ConnectionGone,
  PeerSend,
  PeerStart,
  PortableConfiguration,
} from '../../protocol/page-messages';
import type { ParkedPeer } from '../reload/parked-peer';
import type { Listed } from './connection-registry';
import type { PeerEnvironment, PeerOwner } from './peer-environment';
import { PeerConnections } from './peer-connections';
import { PeerListing } from './peer-listing';
import { QueuedConnections } from './queued-connections';
import { Registration, type PeerAddress, type RegistrationAdmission, type StartAttempt } from './registration';
import { MAX_MESSAGE_LENGTH, type RefusedMessage, type ServerMessage } from '../signalling/server-messages';
import { SignallingSocket } from '../signalling/signalling-socket';

export class HostedPeer {
  readonly #peerKey: number;
  readonly #owner: PeerOwner;
  readonly #environment: PeerEnvironment;
  readonly #socket: SignallingSocket;
  readonly #registration: Registration;
  readonly #connections: PeerConnections;
  readonly #listing: PeerListing;
  readonly #queuedConnections: QueuedConnections;
  #config: PortableConfiguration;
  #isParked = false;
  /** `parkedDocuments` knows that this page has a registered Peer. */
  #hasRecordedReturn = false;

  /** The page's requests are queued until the Peer is admitted and has its ID. */
  constructor(start: PeerStart, owner: PeerOwner, environment: PeerEnvironment) {
    const { peerKey } = start;
    this.#peerKey = peerKey;
    this.#config = start.config;
    this.#owner = owner;
    this.#environment = environment;
    this.#listing = new PeerListing({ peerKey, outbox: owner.outbox, fetch: environment.fetch });
    this.#queuedConnections = new QueuedConnections(owner.quota);
    this.#socket = new SignallingSocket(environment.createWebSocket, owner.quota);
    this.#registration = new Registration(start, {
      owner,
      environment,
      socket: this.#socket,
      onClaimed: (former) => {
        this.#handleClaimed(former);
      },
    });
    this.#connections = new PeerConnections({
      peerKey,
      owner,
      environment,
      socket: this.#socket,
      config: () => this.#config,
      customSerializers: () => this.#registration.start.serializers ?? [],
    });
    this.#listenToSocket();
  }

  get connections(): readonly Listed[] {
    return this.#connections.all;
  }

  get address(): PeerAddress {
    return this.#registration.address;
  }

  /** The Peer's row in the live view; undefined before the Peer is admitted to a server. */
  liveFacts(): Pick<LivePeer, 'id' | 'state' | 'server' | 'problem'> | undefined {
    const facts = this.#registration.liveFacts();
    return facts && { ...facts, ...(this.#isParked && { state: 'waiting' }) };
  }

  /** True if a new start can keep the Peer's ID and server, without asking the background again. */
  canRestart(start: PeerStart): boolean {
    return this.#registration.canRestart(start);
  }

  /** Begins a start. The caller must call `register` once nothing is left to wait for, if the start is still wanted. */
  beginStart(start: PeerStart): StartAttempt {
    this.#config = start.config;
    return this.#registration.begin(start);
  }

  /**
   * Registers with the server. `admission` is required the first time, and undefined for a restart with the same ID.
   */
  async register(attempt: StartAttempt, admission: RegistrationAdmission | undefined): Promise<void> {
    this.#config = attempt.start.config;
    if (admission) this.#listing.use(admission);
    await this.#registration.register(attempt, admission);
  }

  /** Leaves the server and keeps the connections. The Peer keeps its ID until it is destroyed. */
  disconnect(): void {
    this.#registration.leave();
    this.#connections.handleLoss();
  }

  /** The page's port has come. */
  handlePageReady(): void {
    this.#adopt();
  }

  /** The page is gone: parks the Peer. Returns false if it has nothing to park; the owner must then destroy it. */
  park(): boolean {
    this.#registration.park();
    this.#connections.park();
    this.#isParked = true;
    return this.#registration.wasRegistered && this.#connections.all.length > 0;
  }

  /** Gives up server and ID to the next page's Peer. The connections stay here until that Peer adopts them. */
  surrender(): ParkedPeer | undefined {
    this.#registration.surrender();
    return this.#connections.parkedPeer;
  }

  destroy(): void {
    this.#registration.end();
    this.#queuedConnections.drain();
    this.#connections.closeAll();
  }

  connect(request: ConnectionCreate): void {
    this.#config = request.config;
    if (this.address.peerId !== undefined) {
      this.#connections.connect(request);
      return;
    }
    const refusal = this.#queuedConnections.add(request);
    if (refusal !== undefined) this.#connections.refuse(request, refusal);
  }

  /** The page closes a connection that is queued or claimed and does not exist under this key yet. */
  closePending(connectionKey: number): void {
    this.#queuedConnections.remove(connectionKey);
    this.#connections.closePending(connectionKey);
  }

  call(request: CallCreate): void {
    this.#config = request.config;
    this.#connections.call(request);
  }

  /** The page sends a message to the server itself, by `peer.socket`. */
  signal({ message: { payload, ...message } }: PeerSend): void {
    if (payload === undefined) {
      this.#connections.signal(message);
      return;
    }
    const parsed = parseJson(payload);
    // Our page script sends only JSON, so anything else is dropped.
    if (parsed !== undefined) this.#connections.signal({ ...message, payload: parsed });
  }

  handleGone(gone: ConnectionGone): void {
    this.#connections.handleGone(gone);
  }

  /** Starts posting the server's messages to the page. Idempotent. */
  watchSocket(): void {
    this.#socket.off('raw').on('raw', (text) => {
      if (typeof text !== 'string' || text.length > MAX_MESSAGE_LENGTH) return;
      // Posted as text, because a port may not carry a deeply nested object.
      this.#owner.outbox.post({ type: 'peer.socketMessage', peerKey: this.#peerKey, text });
    });
  }

  listAllPeers(requestId: number): Promise<void> {
    return this.#listing.answer(requestId);
  }

  #listenToSocket(): void {
    this.#socket.on('registered', () => {
      this.#connections.handleRegistered();
      this.#registration.handleRegistered();
      this.#adopt();
    });
    this.#socket.on('replayed', () => {
      this.#connections.handleReplayed();
    });
    this.#socket.on('lost', (loss) => {
      this.#connections.handleLoss();
      this.#registration.handleLoss(loss);
    });
    this.#socket.on('message', (message) => {
      this.#handle(message);
    });
  }

  #handleClaimed(former: ParkedPeer | undefined): void {
    this.#connections.prepareAdoption(former);
    for (const request of this.#queuedConnections.drain()) this.#connections.connect(request);
  }

  /**
   * Adopts the parked connections, but only while the page's port is there: else they must stay parked for the next
   * page.
   */
  #adopt(): void {
    if (!this.#registration.isOpen || this.#isParked || !this.#owner.hasPage()) return;
    this.#connections.adopt();
    if (!this.#hasRecordedReturn) this.#environment.parkedDocuments.recordReturn(this.#owner.document);
    this.#hasRecordedReturn = true;
  }

  #handle(message: ServerMessage | RefusedMessage): void {
    switch (message.type) {
      case 'OPEN':
        return;
      case 'ID-TAKEN':
      case 'INVALID-KEY':
      case 'ERROR':
        this.#registration.handleError(message);
        return;
      case 'REFUSED':
        this.#connections.handleRefused(message);
        return;
      case 'LEAVE':
        this.#connections.handleLeave(message.src);
        return;
      case 'EXPIRE':
        this.#connections.handleExpiry(message.src);
        return;
      case 'OFFER':
        this.#connections.handleOffer(message);
        return;
      case 'ANSWER':
        this.#connections.handleAnswer(message);
        return;
      case 'CANDIDATE':
        this.#connections.handleCandidate(message);
        return;
      default:
        message satisfies never;
    }
  }
}

/** Undefined if `text` is not JSON. */
function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return undefined;
  }
}
