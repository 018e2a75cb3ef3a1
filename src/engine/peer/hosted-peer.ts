// One Peer in the host: its registration with PeerServer. The state machine that pages see (which error destroys, which
// disconnects) is the page's; here is what must outlive a page's task, and, where the user lets it, the page. Its ID:
// identity-claim.ts. Its connections: peer-connections.ts.
import type { Admission, UsedServer } from '../../protocol/control-messages';
import type { LivePeer, LiveProblem } from '../../protocol/live-messages';
import type {
  CallCreate,
  ConnectionCreate,
  ConnectionGone,
  PeerSend,
  PeerStart,
  PortableConfiguration,
} from '../../protocol/page-messages';
import { MOST_FOR_A_SITE } from '../../protocol/host-limits';
import { isSameServer, serverLabel, serverUrl, type PeerServerAddress } from '../../protocol/peer-server';
import type { ParkedPeer } from '../reload/parked-peer';
import { bytesOf, HeldBytes } from '../policy/held-bytes';
import type { Listed } from './connection-registry';
import { IdentityClaim } from './identity-claim';
import type { PeerEnvironment, PeerOwner } from './peer-environment';
import { PeerConnections } from './peer-connections';
import { PeerListing } from './peer-listing';
import { idTaken, invalidKey, noId, PROBLEMS } from '../signalling/registration-failures';
import { MAX_MESSAGE_LENGTH, type RefusedMessage, type ServerMessage } from '../signalling/server-messages';
import { SignallingSocket } from '../signalling/signalling-socket';
import { derivePeerToken } from '../signalling/peer-token';

const TOO_MANY_WAITING = `As many connections wait for this Peer's ID as a site may have (${MOST_FOR_A_SITE.connections}). Wait for the Peer's \`open\` event.`;

export interface PeerRegistration {
  /** Undefined before the Peer is admitted. */
  server: PeerServerAddress | undefined;
  /** Undefined before the Peer has one. */
  peerId: string | undefined;
}

export class HostedPeer {
  readonly #peerKey: number;
  readonly #owner: PeerOwner;
  readonly #environment: PeerEnvironment;
  readonly #socket: SignallingSocket;
  readonly #connections: PeerConnections;
  readonly #claim: IdentityClaim;
  readonly #listing: PeerListing;
  /** As the page asked. */
  #start: PeerStart;
  /** What the background decided about, and all that the host knows of servers. Undefined before the Peer is admitted. */
  #usedServer: UsedServer | undefined;
  /** Connections that the page begins before the Peer has an ID: whether it goes on with a former page's is known then. */
  #waitingConnections: ConnectionCreate[] | undefined = [];
  readonly #waitingBytes: HeldBytes;
  #config: PortableConfiguration;
  #wasRegistered = false;
  #state: LivePeer['state'] = 'connecting';
  #problem: LiveProblem | undefined;
  #isHeld = false;
  /** The waiting room has been told that the page is there. */
  #hasReturned = false;
  /** Counts starts and ends, so that a start which had to wait knows whether it is still wanted. */
  #attempt = 0;

  /** What the page asks before the Peer is admitted and registered waits. */
  constructor(start: PeerStart, owner: PeerOwner, environment: PeerEnvironment) {
    const { peerKey } = start;
    this.#peerKey = peerKey;
    this.#start = start;
    this.#config = start.config;
    this.#owner = owner;
    this.#environment = environment;
    this.#claim = new IdentityClaim(owner.document, environment);
    this.#listing = new PeerListing({ peerKey, outbox: owner.outbox, fetch: environment.fetch });
    this.#waitingBytes = new HeldBytes(owner.quota);
    this.#socket = new SignallingSocket(environment.createWebSocket, owner.quota);
    this.#connections = new PeerConnections({
      peerKey,
      owner,
      environment,
      socket: this.#socket,
      config: () => this.#config,
      customSerializers: () => this.#start.serializers ?? [],
    });
    this.#socket.on('registered', () => {
      this.#wasRegistered = true;
      this.#connections.handleRegistered();
      this.#claim.confirm();
      this.#state = 'open';
      // Only now: an ID that somebody else holds at the server is none to come back to.
      owner.leased(this.#claim.identity!, this.#isNamed);
      const { epoch } = this.#start;
      owner.outbox.post({ type: 'peer.open', peerKey, epoch, peerId: this.#claim.identity!.id });
      this.#takeOver();
    });
    this.#socket.on('replayed', () => {
      this.#connections.repeatDoubtfulOffers();
    });
    this.#socket.on('lost', () => {
      this.#connections.doubtOffers();
      this.#handleLoss();
    });
    this.#socket.on('message', (message) => {
      this.#handle(message);
    });
  }

  get connections(): readonly Listed[] {
    return this.#connections.all;
  }

  /** What the live view says of the Peer; undefined before it is admitted to a server. */
  liveFacts(): Pick<LivePeer, 'id' | 'state' | 'server' | 'problem'> | undefined {
    return (
      this.#usedServer && {
        // Before the server's word the ID may turn out to be somebody else's.
        ...(this.#wasRegistered && { id: this.#claim.identity!.id }),
        state: this.#isHeld ? 'waiting' : this.#state,
        server: serverLabel(this.#usedServer.server),
        ...(this.#problem && { problem: this.#problem }),
      }
    );
  }

  get registration(): PeerRegistration {
    return { server: this.#usedServer?.server, peerId: this.#claim.identity?.id };
  }

  /** True where a new start can go on with the ID this Peer has, without asking the background again. */
  canRestart(start: PeerStart): boolean {
    if (!this.#claim.identity || start.requestedId !== this.#claim.identity.id) return false;
    return isSameServer(start.server, this.#start.server);
  }

  /** Begins a start that needs the background's word. Returns whether it is still wanted, to ask when that has come. */
  prepare(start: PeerStart): () => boolean {
    const attempt = ++this.#attempt;
    this.#config = start.config;
    this.#state = 'connecting';
    this.#problem = undefined;
    return () => attempt === this.#attempt;
  }

  /** Registers, the first time with what the background admitted. */
  async start(start: PeerStart, admission: (Pick<Admission, 'identities'> & UsedServer) | undefined): Promise<void> {
    const attempt = ++this.#attempt;
    this.#state = 'connecting';
    this.#problem = undefined;
    this.#start = start;
    if (admission) this.#usedServer = { server: admission.server, isOwnServer: admission.isOwnServer };
    this.#config = start.config;
    const used = this.#usedServer!;
    this.#listing.use(used);
    const server = serverUrl(used.server);
    const claimed = this.#claim.take(server, admission?.identities, start.requestedId !== undefined);
    if (!claimed) {
      this.#fail('unavailable-id', idTaken(start.requestedId));
      return;
    }
    const { identity, former } = claimed;
    this.#connections.follow(former);
    const begun = this.#waitingConnections ?? [];
    this.#waitingConnections = undefined;
    this.#waitingBytes.bytes = 0;
    for (const request of begun) this.#connections.connect(request);
    const token = start.token ?? (await derivePeerToken(identity.secret, server));
    // Another start, or the end, may have come meanwhile.
    if (attempt !== this.#attempt) return;
    this.#socket.dial({ server: used.server, id: identity.id, token, pingIntervalMs: start.pingInterval });
  }

  /** Leaves the server and keeps the links; the ID stays ours until the Peer is destroyed. */
  disconnect(): void {
    this.#attempt++;
    this.#state = 'disconnected';
    this.#socket.close();
    this.#connections.doubtOffers();
  }

  /** The page can be spoken to. */
  handlePage(): void {
    this.#takeOver();
  }

  /** The page is gone. False where there is nothing to keep for the next. */
  hold(): boolean {
    this.#attempt++;
    this.#connections.hold();
    this.#isHeld = true;
    return this.#wasRegistered && this.#connections.all.length > 0;
  }

  /** The next page's Peer is about to register with the same ID. The links stay until that takes them. */
  makeWay(): ParkedPeer | undefined {
    this.#socket.close();
    this.#claim.release();
    return this.#connections.parkedPeer;
  }

  destroy(): void {
    this.#attempt++;
    this.#socket.end();
    this.#waitingBytes.bytes = 0;
    this.#claim.release();
    this.#connections.closeAll();
  }

  connect(request: ConnectionCreate): void {
    this.#config = request.config;
    const waiting = this.#waitingConnections;
    if (!waiting) {
      this.#connections.connect(request);
      return;
    }
    const bytes = bytesOf(request);
    const refusal = waiting.length < MOST_FOR_A_SITE.connections ? this.#waitingBytes.refusal(bytes) : TOO_MANY_WAITING;
    if (refusal === undefined) {
      waiting.push(request);
      this.#waitingBytes.bytes += bytes;
    } else {
      this.#connections.refuse(request, refusal);
    }
  }

  /** The page closes a connection that the host does not have under this key yet. */
  closePending(connectionKey: number): void {
    this.#waitingConnections = this.#waitingConnections?.filter((request) => request.connectionKey !== connectionKey);
    this.#waitingBytes.bytes = (this.#waitingConnections ?? []).reduce((sum, request) => sum + bytesOf(request), 0);
    this.#connections.closePending(connectionKey);
  }

  call(request: CallCreate): void {
    this.#config = request.config;
    this.#connections.call(request);
  }

  /** The page speaks to the server itself, by `peer.socket`. */
  signal({ message: { payload, ...message } }: PeerSend): void {
    if (payload === undefined) {
      this.#connections.signal(message);
      return;
    }
    const parsed = parseJson(payload);
    // The page's script sends nothing else; whatever does, harms itself.
    if (parsed !== undefined) this.#connections.signal({ ...message, payload: parsed });
  }

  handleGone(gone: ConnectionGone): void {
    this.#connections.handleGone(gone);
  }

  /** The page wants to hear what the server says. Idempotent. */
  watchSocket(): void {
    this.#socket.off('raw').on('raw', (text) => {
      if (typeof text !== 'string' || text.length > MAX_MESSAGE_LENGTH) return;
      // As text: what is nested too deep for a port is a line of JSON all the same.
      this.#owner.outbox.post({ type: 'peer.socketMessage', peerKey: this.#peerKey, text });
    });
  }

  listAllPeers(requestId: number): Promise<void> {
    return this.#listing.answer(requestId);
  }

  get #isNamed(): boolean {
    return this.#start.requestedId !== undefined && this.#start.leased !== true;
  }

  /** Once there is a page that can be spoken to: it may be gone already, and the next one has to find everything. */
  #takeOver(): void {
    if (this.#state !== 'open' || this.#isHeld || !this.#owner.hasPage()) return;
    this.#connections.takeOver();
    if (!this.#hasReturned) this.#environment.parkedDocuments.noteReturn(this.#owner.document);
    this.#hasReturned = true;
  }

  #handle(message: ServerMessage | RefusedMessage): void {
    switch (message.type) {
      case 'OPEN':
        return;
      case 'ID-TAKEN':
        this.#handleTaken();
        return;
      case 'INVALID-KEY':
        this.#fail('invalid-key', invalidKey(this.#usedServer!));
        return;
      case 'ERROR':
        this.#fail('server-error', message.payload?.msg ?? 'PeerServer reported an error.');
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

  /** Somebody else holds the ID. A Peer that asked for none gets another; one that asked for it is told. */
  #handleTaken(): void {
    if (this.#start.requestedId !== undefined || this.#claim.isExhausted) {
      this.#fail('unavailable-id', idTaken(this.#claim.identity!.id));
      return;
    }
    this.#socket.close();
    void this.start(this.#start, { identities: this.#claim.others, ...this.#usedServer! });
  }

  #handleLoss(): void {
    const { epoch, requestedId } = this.#start;
    const peerId = this.#claim.identity?.id;
    if (!this.#wasRegistered && requestedId === undefined) {
      // PeerJS asks the server for an ID over HTTP, and fails with this where there is no server (lib/api.ts).
      this.#fail('server-error', noId(this.#usedServer!));
      this.#problem = 'unreachable';
      return;
    }
    this.#state = 'disconnected';
    this.#problem = 'unreachable';
    this.#owner.outbox.post({ type: 'peer.lost', peerKey: this.#peerKey, epoch, ...(peerId && { peerId }) });
  }

  #fail(type: keyof typeof PROBLEMS, message: string): void {
    this.#socket.close();
    this.#state = 'disconnected';
    this.#problem = PROBLEMS[type];
    const { epoch } = this.#start;
    const peerId = this.#isNamed ? this.#claim.identity?.id : undefined;
    const error = { type, message };
    this.#owner.outbox.post({ type: 'peer.failed', peerKey: this.#peerKey, epoch, error, ...(peerId && { peerId }) });
  }
}

/** Undefined for what is none. */
function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return undefined;
  }
}
