// One document of a site in the host: its Peers and connections, and the door through which its messages come in. The
// document exists here from the moment the background announces it, before its port arrives; and after it is gone, where the
// user lets what it had wait for the site's next document.
import type { Endpoint } from '../channel/endpoint';
import type { AttachContentMessage } from '../protocol/attach-messages';
import type { Admission, AdmitReply, Conditions, Identity, SiteDocument } from '../protocol/control-messages';
import type { LiveDocument } from '../protocol/live-messages';
import type { ConnectionErrorType, ErrorInfo, PeerErrorType } from '../protocol/errors';
import type { HostMessage } from '../protocol/host-messages';
import { parsePageMessage, problemOf, type PageMessage, type PeerStart } from '../protocol/page-messages';
import { HostedCall } from './calls/hosted-call';
import { HostedDataConnection } from './data/hosted-data-connection';
import type { Hosted, Listed } from './peer/connection-registry';
import { HostedPeer, type PeerRegistration } from './peer/hosted-peer';
import { PageOutbox } from './connection/page-outbox';
import { StreamViolation } from './data/outgoing-stream';
import type { PageOwnedConnection } from './peer/page-owned-connection';
import { statsForPage } from './connection/page-stats';
import type { PeerEnvironment, PeerOwner } from './peer/peer-environment';
import { PeerPlace } from './policy/peer-place';
import { PostponedConnections } from './peer/postponed-connections';
import type { Quota } from './policy/quotas';
import { refusalOf } from './policy/permitted-kinds';
import { StartThrottle } from './policy/start-throttle';
import { TokenBucket } from './policy/token-bucket';
import { insteadOf } from './connection/undeliverable';

/** What an attachment asks of the background. */
export interface Background {
  /** May the document have another Peer, and under which IDs? Rejects when the background cannot be reached. */
  admit: (document: SiteDocument, start: PeerStart) => Promise<AdmitReply>;
  leased: (document: SiteDocument, identity: Identity, named: boolean) => void;
}

/**
 * Messages that are none, at once and a second afterwards. A page of ours sends such a message where a page's author gave a
 * value that is beyond its bounds; more of them come from a page that tries what the host makes of them.
 */
const NONSENSE = { capacity: 256, perSecond: 4 };

const TOO_MUCH_NONSENSE =
  'Peerport has ended all Peers of this document, because it kept sending what is no message. If the extension has been ' +
  'updated since, reload the page; otherwise look at the errors before this one.';
const TOO_MUCH_AT_FIRST =
  'Peerport has ended all Peers of this document, because more came for them than is kept until the document is connected. ' +
  'Construct another Peer to try again.';

/** What a refused `peer.start` is, as PeerJS would name it, by the option that is beyond its bounds. */
const START_ERRORS: Record<string, PeerErrorType> = { requestedId: 'invalid-id', config: 'webrtc' };

export class AttachedDocument {
  readonly document: SiteDocument;
  readonly #environment: PeerEnvironment;
  readonly #background: Background;
  readonly #outbox: PageOutbox;
  readonly #peers = new Map<number, HostedPeer>();
  /** Of the Peers, under the same keys. */
  readonly #places = new Map<number, PeerPlace>();
  readonly #starts: StartThrottle;
  readonly #postponed: PostponedConnections;
  readonly #nonsense = new TokenBucket(NONSENSE);
  readonly #onNonsense: () => void;
  readonly #connections = new Map<number, Hosted>();
  /** Those that the page holds itself: nothing that it says of a key is about them. */
  readonly #pageConnections = new Set<PageOwnedConnection>();
  readonly #owner: PeerOwner;
  readonly #quota: Quota;
  /** The document's runtime port, and the MessagePort that the data plane moves to. */
  #endpoint: Endpoint | undefined;
  #port: Endpoint | undefined;
  #lastAcceptedKey = 0;
  /** As the background said last; undefined before it has admitted the first Peer. */
  #conditions: Conditions | undefined;
  #failure: LiveDocument['failure'];
  /** The document is to be detached once its port has come, and is to be told this. */
  #farewell: string | undefined;
  #isDisposed = false;
  /** The document is gone: called when nothing of it waits any more. */
  #onNothingWaits: (() => void) | undefined;

  /** `onNonsense`: the page keeps sending what is no message; it is to be detached. */
  constructor(
    document: SiteDocument,
    environment: PeerEnvironment,
    background: Background,
    onNonsense: () => void = () => undefined,
  ) {
    this.document = document;
    this.#environment = environment;
    this.#background = background;
    this.#onNonsense = onNonsense;
    this.#quota = environment.quotas.join(document.site);
    this.#outbox = new PageOutbox(
      environment.clock,
      (message) => {
        this.#replace(message);
      },
      () => {
        this.#farewell = TOO_MUCH_AT_FIRST;
        for (const [peerKey] of this.hostedPeers) this.#endPeer(peerKey);
      },
    );
    this.#starts = new StartThrottle({
      run: (start) => {
        void this.#admit(start);
      },
      refuse: (start, reason) => {
        this.#refuseStart(start, reason);
      },
    });
    this.#postponed = new PostponedConnections({
      quota: this.#quota,
      dispatch: (message) => {
        this.#dispatch(message);
      },
      refuse: (connectionKey, message) => {
        this.#refuseConnection(connectionKey, { type: 'limit-reached', message });
      },
    });
    this.#owner = {
      document,
      hasPage: () => this.isBound,
      outbox: this.#outbox,
      nextConnectionKey: () => --this.#lastAcceptedKey,
      whenRoom: (request, create) => {
        this.#postponed.whenRoom(request, create);
      },
      addConnection: (connection) => {
        this.#addConnection(connection);
      },
      addPageConnection: (connection) => {
        this.#pageConnections.add(connection);
        environment.census.add(document.tabId, connection);
        connection.on('gone', () => this.#pageConnections.delete(connection));
      },
      conditions: () => this.#conditions,
      quota: this.#quota,
      links: { isProven: false },
      leased: (identity, named) => {
        background.leased(document, identity, named);
      },
    };
  }

  /** Its port has yet to come. */
  get isExpected(): boolean {
    return !this.isBound && !this.isWaiting;
  }

  get isBound(): boolean {
    return this.#endpoint !== undefined;
  }

  /** The document is gone, and what it had waits for the next. */
  get isWaiting(): boolean {
    return this.#onNothingWaits !== undefined;
  }

  get hasMoved(): boolean {
    return this.#port !== undefined;
  }

  /** By the page's keys. */
  get hostedPeers(): readonly [peerKey: number, peer: HostedPeer][] {
    return [...this.#peers];
  }

  /** A copy: connections may close while one goes through it. */
  get connections(): readonly Listed[] {
    return [...this.#connections.values(), ...this.#pageConnections];
  }

  /** Why the last Peer could not register, where the page has given it up since and has no other. */
  get failure(): LiveDocument['failure'] {
    return this.#peers.size === 0 ? this.#failure : undefined;
  }

  /** Binds the document's runtime port and acknowledges over it. */
  bind(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#outbox.bind(endpoint);
    if (this.#farewell !== undefined) {
      this.#detach(this.#farewell);
      return;
    }
    endpoint.listen((message) => {
      this.#handle(message);
    });
    for (const [, peer] of this.hostedPeers) peer.handlePage();
  }

  /**
   * Moves the data plane to `port`. Nothing is read from there before the page has said that its last message on the old
   * way is sent, so order is kept; the page does the same on its side.
   */
  move(port: Endpoint): void {
    this.#port = port;
    this.#outbox.move(port);
  }

  startPeer(start: PeerStart, admission: Admission | undefined): void {
    if (admission) this.enforce(admission);
    const peer = this.#peerOf(start);
    void this.#whenPlaced(peer, start, async () => peer.start(start, admission));
  }

  /** What the Peers of the document are registered with, and as what. */
  get peers(): PeerRegistration[] {
    return this.hostedPeers.map(([, { registration }]) => registration);
  }

  /** From now on these conditions hold. */
  enforce(conditions: Conditions): void {
    this.#conditions = conditions;
    this.#quota.limits = conditions.limits;
    for (const connection of this.connections) {
      const refusal = refusalOf(connection instanceof HostedCall ? 'calls' : 'data', conditions);
      if (refusal) connection.fail('permission-denied', refusal);
    }
    if (!conditions.keepsLinks) this.#onNothingWaits?.();
  }

  /** The user has taken the permission away: ends all Peers. The document stays, and may ask for another Peer. */
  revoke(message: string): void {
    for (const [peerKey] of this.hostedPeers) {
      this.#endPeer(peerKey);
      this.#outbox.post({ type: 'peer.revoked', peerKey, message });
    }
    this.#onNothingWaits?.();
  }

  /**
   * The document is gone. What may wait for the next one does, without its ports, until that has it or `dispose` is called;
   * `onNothingWaits`: it has, all has ended, or nothing may wait any more. Returns false where nothing may wait.
   */
  wait(onNothingWaits: () => void): boolean {
    if (this.#isDisposed || !this.#conditions?.keepsLinks) return false;
    this.#closePorts();
    this.#forgetWaiting();
    for (const [peerKey, peer] of this.hostedPeers) {
      if (!this.#quota.mayPeerWait || !peer.hold()) {
        this.#endPeer(peerKey);
        continue;
      }
      this.#quota.waitingPeers += 1;
      this.#places.get(peerKey)?.leave();
    }
    if (this.#peers.size === 0) return false;
    this.#environment.census.tellSoon(this.document.tabId);
    this.#onNothingWaits = onNothingWaits;
    return true;
  }

  /** Ends all that the document had. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#forgetWaiting();
    for (const [peerKey] of this.hostedPeers) this.#endPeer(peerKey);
    this.#environment.quotas.leave(this.document.site);
    this.#closePorts();
  }

  /** What the page has asked for, and has to wait for. */
  #forgetWaiting(): void {
    this.#starts.dropAll();
    this.#postponed.dropAll();
  }

  #closePorts(): void {
    this.#outbox.close();
    this.#endpoint?.close();
    this.#port?.close();
  }

  #handle(value: unknown): void {
    if (this.#isDisposed || this.isWaiting) return;
    const message = parsePageMessage(value);
    if (!message) {
      this.#refuse(value);
      if (!this.#nonsense.take()) this.#detach(TOO_MUCH_NONSENSE);
      return;
    }
    if (this.#postponed.take(message)) return;
    try {
      this.#dispatch(message);
    } catch (error) {
      if (!(error instanceof StreamViolation) || !('connectionKey' in message)) throw error;
      this.#connections.get(message.connectionKey)?.fail('connection-closed', `Broken stream: ${error.message}.`);
    }
  }

  /** What breaks the contract is not done, and the connection or Peer for which it was meant is told why. */
  #refuse(value: unknown): void {
    const { type, connectionKey, peerKey, epoch } = membersOf(value);
    const { path, message } = problemOf(value);
    if (typeof connectionKey === 'number') {
      this.#refuseConnection(connectionKey, { type: 'negotiation-failed', message });
    } else if (type === 'peer.start' && typeof peerKey === 'number' && typeof epoch === 'number') {
      const error = { type: START_ERRORS[path?.split('.')[0] ?? ''] ?? 'server-error', message };
      this.#outbox.post({ type: 'peer.failed', peerKey, epoch, error });
    } else if (type === 'peer.send' && typeof peerKey === 'number') {
      this.#outbox.post({ type: 'peer.error', peerKey, error: { type: 'socket-error', message } });
    }
  }

  #refuseConnection(connectionKey: number, error: ErrorInfo<ConnectionErrorType>): void {
    this.#outbox.post({ type: 'connection.error', connectionKey, error });
    this.#closeConnection(connectionKey);
    this.#outbox.post({ type: 'connection.closed', connectionKey });
  }

  /** The port does not carry this message. */
  #replace(message: HostMessage): void {
    const replacement = insteadOf(message);
    if (replacement) this.#outbox.post(replacement);
    // The page does not know of it, and could never end it.
    if (message.type === 'connection.incoming' || message.type === 'call.incoming') {
      this.#closeConnection(message.connectionKey);
    }
  }

  /** Ends all that the document has, with a word that it gets over the port which outlives the data plane's moves. */
  #detach(message: string): void {
    for (const [peerKey] of this.hostedPeers) this.#endPeer(peerKey);
    this.#endpoint?.post({ type: 'denied', message } satisfies AttachContentMessage);
    this.dispose();
    this.#onNonsense();
  }

  #dispatch(message: PageMessage): void {
    switch (message.type) {
      case 'peer.start':
        // At once, so that what the page asks of the Peer meanwhile finds it.
        this.#peerOf(message);
        this.#starts.add(message);
        return;
      case 'peer.disconnect':
        this.#starts.drop(message.peerKey);
        this.#peers.get(message.peerKey)?.disconnect();
        return;
      case 'peer.destroy':
        this.#endPeer(message.peerKey);
        return;
      case 'peer.listAllPeers':
        void this.#peers.get(message.peerKey)?.listAllPeers(message.requestId);
        return;
      case 'peer.send':
        this.#peers.get(message.peerKey)?.signal(message);
        return;
      case 'peer.connectionGone':
        this.#peers.get(message.peerKey)?.handleGone(message);
        return;
      case 'peer.watchSocket':
        this.#peers.get(message.peerKey)?.watchSocket();
        return;
      case 'connection.create':
        if (!this.#connections.has(message.connectionKey)) this.#peers.get(message.peerKey)?.connect(message);
        return;
      case 'connection.send':
        this.#outbox.noteAnswer();
        this.#dataConnection(message.connectionKey)?.send(message.announced, message.chunks);
        return;
      case 'connection.sendFrames':
        this.#outbox.noteAnswer();
        this.#dataConnection(message.connectionKey)?.sendFrames(message.frames);
        return;
      case 'connection.abortMessage':
        this.#dataConnection(message.connectionKey)?.abortMessage();
        return;
      case 'connection.close':
        this.#closeConnection(message.connectionKey);
        return;
      case 'connection.sdpTransformed':
        this.#connections.get(message.connectionKey)?.handleTransformedSdp(message.sdp);
        return;
      case 'connection.getStats':
        void this.#tellStats(message.connectionKey, message.requestId);
        return;
      case 'call.create':
        if (!this.#connections.has(message.connectionKey)) this.#peers.get(message.peerKey)?.call(message);
        return;
      case 'call.answer':
        this.#call(message.connectionKey)?.answer(message);
        return;
      case 'call.signal':
        this.#call(message.connectionKey)?.handlePageSignal(message.to, message.message);
        return;
      case 'moved':
        this.#port?.listen((value) => {
          this.#handle(value);
        });
        return;
      default:
        message satisfies never;
    }
  }

  async #admit(start: PeerStart): Promise<void> {
    const peer = this.#peers.get(start.peerKey);
    if (!peer) return;
    if (peer.canRestart(start)) {
      void peer.start(start, undefined);
      return;
    }
    await this.#whenPlaced(peer, start, async (isWanted) => {
      const reply = await this.#background
        .admit(this.document, start)
        .catch((error: unknown): AdmitReply => ({ status: 'denied', message: String(error) }));
      if (this.#isDisposed || !isWanted()) return;
      if (reply.status === 'admitted') {
        this.enforce(reply.admission);
        void peer.start(start, reply.admission);
      } else {
        this.#failStart(start, { type: reply.errorType ?? 'permission-denied', message: reply.message });
      }
    });
  }

  /** Goes on with the start once the Peer has its place, at once if it has; the page is told where it gets none. */
  async #whenPlaced(
    peer: HostedPeer,
    start: PeerStart,
    goOn: (isWanted: () => boolean) => Promise<void>,
  ): Promise<void> {
    const place = this.#places.get(start.peerKey)!;
    const isWanted = peer.prepare(start);
    if (!place.isTaken) {
      const refusal = await place.refusal;
      if (this.#isDisposed || !isWanted()) return;
      if (refusal !== undefined) {
        this.#refuseStart(start, refusal);
        return;
      }
    }
    await goOn(isWanted);
  }

  /** A Peer that was never registered ends with its start; one that was keeps its connections. */
  #refuseStart(start: PeerStart, message: string): void {
    this.#failStart(start, { type: 'limit-reached', message });
    const isNew = this.#peers.get(start.peerKey)?.registration.peerId === undefined;
    if (isNew) this.#endPeer(start.peerKey);
  }

  #failStart({ peerKey, epoch }: PeerStart, error: ErrorInfo<PeerErrorType>): void {
    this.#outbox.post({ type: 'peer.failed', peerKey, epoch, error });
  }

  /** Makes the Peer where there is none yet; it may have to wait for its place. */
  #peerOf(start: PeerStart): HostedPeer {
    const known = this.#peers.get(start.peerKey);
    if (known) return known;
    const peer = new HostedPeer(start, this.#owner, this.#environment);
    this.#peers.set(start.peerKey, peer);
    this.#places.set(start.peerKey, new PeerPlace(this.#quota));
    return peer;
  }

  #endPeer(peerKey: number): void {
    const peer = this.#peers.get(peerKey);
    if (!peer) return;
    const facts = peer.liveFacts();
    this.#failure = facts?.problem && { server: facts.server, problem: facts.problem };
    this.#starts.drop(peerKey);
    this.#postponed.dropOf(peerKey);
    // First: with its last link may end what waits, and so all of the document.
    this.#peers.delete(peerKey);
    if (this.isWaiting) this.#quota.waitingPeers -= 1;
    this.#places.get(peerKey)?.leave();
    this.#places.delete(peerKey);
    peer.destroy();
  }

  /** Nobody comes for a Peer that has no link. */
  #endEmptyPeers(): void {
    for (const [peerKey, peer] of this.hostedPeers) if (peer.connections.length === 0) this.#endPeer(peerKey);
    if (this.#peers.size === 0) this.#onNothingWaits?.();
  }

  #addConnection(connection: Hosted): void {
    const { connectionKey } = connection.description;
    // Only a page that gives a key twice has one, and could no longer reach it.
    this.#connections.get(connectionKey)?.close();
    this.#connections.set(connectionKey, connection);
    this.#environment.census.add(this.document.tabId, connection);
    connection.on('gone', () => {
      if (this.#connections.get(connectionKey) === connection) this.#connections.delete(connectionKey);
      if (this.isWaiting) this.#endEmptyPeers();
    });
  }

  #closeConnection(connectionKey: number): void {
    const connection = this.#connections.get(connectionKey);
    if (connection) connection.close();
    else for (const [, peer] of this.hostedPeers) peer.closePending(connectionKey);
  }

  #dataConnection(connectionKey: number): HostedDataConnection | undefined {
    const connection = this.#connections.get(connectionKey);
    return connection instanceof HostedDataConnection ? connection : undefined;
  }

  #call(connectionKey: number): HostedCall | undefined {
    const connection = this.#connections.get(connectionKey);
    return connection instanceof HostedCall ? connection : undefined;
  }

  async #tellStats(connectionKey: number, requestId: number): Promise<void> {
    const connection = this.#connections.get(connectionKey);
    // Of one that ends meanwhile there are none.
    const stats = (await connection?.getStats().catch(() => [])) ?? [];
    this.#outbox.post({ type: 'connection.stats', connectionKey, requestId, stats: statsForPage(stats) });
  }
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
