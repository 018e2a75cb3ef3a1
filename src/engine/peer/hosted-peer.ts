// One Peer in the host. Owns the Peer's registration with its PeerServer; identity-claim.ts owns its ID and
// peer-connections.ts its connections. The state machine that pages see (which error destroys, which disconnects) is in
// the page. A Peer outlives its page only if the owner calls `park`; the owner must call `destroy` in the end.
import type { Logger } from '../../diagnostics/diagnostic-log';
import type { Admission, Site, UsedServer } from '../../protocol/control-messages';
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

const TOO_MANY_QUEUED = `Too many connections already wait for this Peer's ID (${MOST_FOR_A_SITE.connections} at most). Wait for the Peer's \`open\` event.`;

export interface PeerRegistration {
  /** Undefined before the Peer is admitted. */
  server: PeerServerAddress | undefined;
  /** Undefined before the Peer has an ID. */
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
  readonly #log: Logger<'peers'>;
  readonly #signallingLog: Logger<'signalling'>;
  #dialedAt = 0;
  /** The page's latest start request. */
  #start: PeerStart;
  /** The server that the background decided about; the host trusts no other. Undefined before the Peer is admitted. */
  #usedServer: UsedServer | undefined;
  /**
   * Connections that the page opens before the Peer has an ID: only the ID tells which parked connections they can
   * claim. Undefined once the Peer has had an ID.
   */
  #queuedConnections: ConnectionCreate[] | undefined = [];
  readonly #queuedBytes: HeldBytes;
  #config: PortableConfiguration;
  #wasRegistered = false;
  #state: LivePeer['state'] = 'connecting';
  #problem: LiveProblem | undefined;
  #isParked = false;
  /** `parkedDocuments` knows that this page has a registered Peer. */
  #hasRecordedReturn = false;
  /** Counts starts and ends, so that a delayed start can tell whether it is still wanted. */
  #attempt = 0;

  /** The page's requests are queued until the Peer is admitted and has its ID. */
  constructor(start: PeerStart, owner: PeerOwner, environment: PeerEnvironment) {
    const { peerKey } = start;
    this.#peerKey = peerKey;
    this.#start = start;
    this.#config = start.config;
    this.#owner = owner;
    this.#environment = environment;
    this.#log = environment.diagnosticLog.logger('peers');
    this.#signallingLog = environment.diagnosticLog.logger('signalling');
    this.#claim = new IdentityClaim(owner.document, environment);
    this.#listing = new PeerListing({ peerKey, outbox: owner.outbox, fetch: environment.fetch });
    this.#queuedBytes = new HeldBytes(owner.quota);
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
      this.#signallingLog.info('registered', { site: this.#site, ms: environment.clock.now() - this.#dialedAt });
      // Lease the ID only now: another owner may hold an ID that the server has not confirmed.
      owner.leased(this.#claim.identity!, this.#isNamed);
      const { epoch } = this.#start;
      owner.outbox.post({ type: 'peer.open', peerKey, epoch, peerId: this.#claim.identity!.id });
      this.#adopt();
    });
    this.#socket.on('replayed', () => {
      this.#connections.repeatDoubtfulOffers();
    });
    this.#socket.on('lost', ({ reason, code }) => {
      const wasRegistered = this.#wasRegistered;
      this.#signallingLog.warn('lost', { site: this.#site, reason, code, wasRegistered });
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

  /** The Peer's row in the live view; undefined before the Peer is admitted to a server. */
  liveFacts(): Pick<LivePeer, 'id' | 'state' | 'server' | 'problem'> | undefined {
    return (
      this.#usedServer && {
        // Until the server confirms it, the ID may belong to another owner.
        ...(this.#wasRegistered && { id: this.#claim.identity!.id }),
        state: this.#isParked ? 'waiting' : this.#state,
        server: serverLabel(this.#usedServer.server),
        ...(this.#problem && { problem: this.#problem }),
      }
    );
  }

  get registration(): PeerRegistration {
    return { server: this.#usedServer?.server, peerId: this.#claim.identity?.id };
  }

  /** True if a new start can keep the Peer's ID and server, without asking the background again. */
  canRestart(start: PeerStart): boolean {
    if (!this.#claim.identity || start.requestedId !== this.#claim.identity.id) return false;
    return isSameServer(start.server, this.#start.server);
  }

  /**
   * Prepares a start that needs the background's decision. Returns a function that tells whether the start is still
   * wanted.
   */
  prepare(start: PeerStart): () => boolean {
    const attempt = ++this.#attempt;
    this.#config = start.config;
    this.#state = 'connecting';
    this.#problem = undefined;
    return () => attempt === this.#attempt;
  }

  /**
   * Registers with the server. `admission` is required the first time, and undefined for a restart with the same ID.
   */
  async start(start: PeerStart, admission: (Pick<Admission, 'identities'> & UsedServer) | undefined): Promise<void> {
    const attempt = ++this.#attempt;
    this.#state = 'connecting';
    this.#problem = undefined;
    this.#start = start;
    if (admission) this.#usedServer = { server: admission.server, isOwnServer: admission.isOwnServer };
    this.#config = start.config;
    const used = this.#usedServer!;
    this.#log.info('started', { site: this.#site });
    this.#listing.use(used);
    const server = serverUrl(used.server);
    const claimed = this.#claim.take(server, admission?.identities, start.requestedId !== undefined);
    if (!claimed) {
      this.#fail('unavailable-id', idTaken(start.requestedId));
      return;
    }
    const { identity, former } = claimed;
    this.#connections.prepareAdoption(former);
    const requests = this.#queuedConnections ?? [];
    this.#queuedConnections = undefined;
    this.#queuedBytes.bytes = 0;
    for (const request of requests) this.#connections.connect(request);
    const token = start.token ?? (await derivePeerToken(identity.secret, server));
    // A newer start or the Peer's end may have come meanwhile.
    if (attempt !== this.#attempt) return;
    this.#dialedAt = this.#environment.clock.now();
    this.#signallingLog.info('dialed', { site: this.#site });
    this.#socket.dial({ server: used.server, id: identity.id, token, pingIntervalMs: start.pingInterval });
  }

  /** Leaves the server and keeps the connections. The Peer keeps its ID until it is destroyed. */
  disconnect(): void {
    this.#attempt++;
    this.#state = 'disconnected';
    this.#socket.close();
    this.#connections.doubtOffers();
  }

  /** The page's port has come. */
  handlePageReady(): void {
    this.#adopt();
  }

  /** The page is gone: parks the Peer. Returns false if it has nothing to park; the owner must then destroy it. */
  park(): boolean {
    this.#attempt++;
    this.#log.info('parked', { site: this.#site });
    this.#connections.park();
    this.#isParked = true;
    return this.#wasRegistered && this.#connections.all.length > 0;
  }

  /** Gives up server and ID to the next page's Peer. The connections stay here until that Peer adopts them. */
  surrender(): ParkedPeer | undefined {
    this.#socket.close();
    this.#claim.release();
    return this.#connections.parkedPeer;
  }

  destroy(): void {
    this.#attempt++;
    this.#log.info('ended', { site: this.#site });
    this.#socket.end();
    this.#queuedBytes.bytes = 0;
    this.#claim.release();
    this.#connections.closeAll();
  }

  connect(request: ConnectionCreate): void {
    this.#config = request.config;
    const queued = this.#queuedConnections;
    if (!queued) {
      this.#connections.connect(request);
      return;
    }
    const bytes = bytesOf(request);
    const refusal = queued.length < MOST_FOR_A_SITE.connections ? this.#queuedBytes.refusal(bytes) : TOO_MANY_QUEUED;
    if (refusal === undefined) {
      queued.push(request);
      this.#queuedBytes.bytes += bytes;
    } else {
      this.#connections.refuse(request, refusal);
    }
  }

  /** The page closes a connection that is queued or claimed and does not exist under this key yet. */
  closePending(connectionKey: number): void {
    this.#queuedConnections = this.#queuedConnections?.filter((request) => request.connectionKey !== connectionKey);
    this.#queuedBytes.bytes = (this.#queuedConnections ?? []).reduce((sum, request) => sum + bytesOf(request), 0);
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

  get #site(): Site {
    return this.#owner.document.site;
  }

  get #isNamed(): boolean {
    return this.#start.requestedId !== undefined && this.#start.leased !== true;
  }

  /**
   * Adopts the parked connections, but only while the page's port is there: else they must stay parked for the next
   * page.
   */
  #adopt(): void {
    if (this.#state !== 'open' || this.#isParked || !this.#owner.hasPage()) return;
    this.#connections.adopt();
    if (!this.#hasRecordedReturn) this.#environment.parkedDocuments.recordReturn(this.#owner.document);
    this.#hasRecordedReturn = true;
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

  /** Another owner holds the ID. Fails if the page requested the ID; else tries another ID. */
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
    this.#log.warn('failed', { site: this.#site, type });
    this.#socket.close();
    this.#state = 'disconnected';
    this.#problem = PROBLEMS[type];
    const { epoch } = this.#start;
    const peerId = this.#isNamed ? this.#claim.identity?.id : undefined;
    const error = { type, message };
    this.#owner.outbox.post({ type: 'peer.failed', peerKey: this.#peerKey, epoch, error, ...(peerId && { peerId }) });
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
