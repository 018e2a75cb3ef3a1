// One document of a site in the host. Owns the document's Peers and connections, and parses every message of its page.
// It exists from the moment the background announces the document, before the document's port arrives. It outlives the
// document where the user lets the site keep connections: parked Peers then wait for the site's next document.
// The host must call `park` or `dispose` when the document is gone.
import type { Endpoint } from '../channel/endpoint';
import type { Given, Logger } from '../diagnostics/diagnostic-log';
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
import { ConnectionLog } from './connection/connection-log';
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
import { replacementFor } from './connection/undeliverable';

/** The background, as an attached document uses it. */
export interface Background {
  /**
   * Asks whether the document may have another Peer, and under which IDs. Rejects when the background cannot be
   * reached.
   */
  admit: (document: SiteDocument, start: PeerStart) => Promise<AdmitReply>;
  leased: (document: SiteDocument, identity: Identity, named: boolean) => void;
}

/**
 * Invalid messages that a page may send: a burst, then a rate. Our page script sends one when a page's author passes a
 * value out of bounds. A page that sends more is probing the host.
 */
const INVALID_MESSAGES = { capacity: 256, perSecond: 4 };

const TOO_MANY_INVALID_MESSAGES =
  'Peerport has ended all Peers of this document, because it kept sending invalid messages. If the extension was updated ' +
  'while the page was open, reload the page; otherwise look at the errors before this one.';
const TOO_MUCH_QUEUED =
  'Peerport has ended all Peers of this document, because they received more than it queues until the document is ' +
  'connected. Construct another Peer to try again.';

/** PeerJS's error type for a refused `peer.start`, by the option that is out of bounds. */
const START_ERRORS: Record<string, PeerErrorType> = { requestedId: 'invalid-id', config: 'webrtc' };

export class AttachedDocument {
  readonly document: SiteDocument;
  readonly #environment: PeerEnvironment;
  readonly #background: Background;
  readonly #outbox: PageOutbox;
  readonly #peers = new Map<number, HostedPeer>();
  /** The quota places of the Peers, under the same keys. */
  readonly #places = new Map<number, PeerPlace>();
  readonly #starts: StartThrottle;
  readonly #postponed: PostponedConnections;
  readonly #invalidMessages = new TokenBucket(INVALID_MESSAGES);
  readonly #onDetached: () => void;
  readonly #log: Logger<'documents'>;
  readonly #connectionLog: ConnectionLog;
  readonly #connections = new Map<number, Hosted>();
  /** Connections that the page owns. The page does not know their keys, so no message of the page refers to them. */
  readonly #pageOwnedConnections = new Set<PageOwnedConnection>();
  readonly #owner: PeerOwner;
  readonly #quota: Quota;
  /** The document's runtime port, and the MessagePort that the data plane moves to. */
  #endpoint: Endpoint | undefined;
  #port: Endpoint | undefined;
  #lastAcceptedKey = 0;
  /** The background's latest conditions; undefined before it has admitted the first Peer. */
  #conditions: Conditions | undefined;
  #failure: LiveDocument['failure'];
  /** Set when the document must be detached before its port has come: the message to post once the port is there. */
  #finalMessage: string | undefined;
  #isDisposed = false;
  /** Set while the document is parked. Called when no Peer of it is parked any more. */
  #onParkingOver: (() => void) | undefined;

  /**
   * `onDetached`: the document has detached itself, because its page sent too many invalid messages or it was sent too
   * much.
   */
  constructor(
    document: SiteDocument,
    environment: PeerEnvironment,
    background: Background,
    onDetached: () => void = () => undefined,
  ) {
    this.document = document;
    this.#environment = environment;
    this.#background = background;
    this.#onDetached = onDetached;
    this.#log = environment.diagnosticLog.logger('documents');
    this.#connectionLog = new ConnectionLog(environment.diagnosticLog, environment.clock, document.site);
    this.#quota = environment.quotas.join(document.site);
    this.#outbox = new PageOutbox(
      environment.clock,
      (message) => {
        this.#postReplacement(message);
      },
      () => {
        this.#finalMessage = TOO_MUCH_QUEUED;
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
      addPageOwnedConnection: (connection) => {
        this.#pageOwnedConnections.add(connection);
        environment.census.add(document.tabId, connection);
        this.#connectionLog.watch('page-owned', connection);
        connection.on('gone', () => this.#pageOwnedConnections.delete(connection));
      },
      conditions: () => this.#conditions,
      quota: this.#quota,
      pageLegs: { isProven: false },
      leased: (identity, named) => {
        background.leased(document, identity, named);
      },
    };
  }

  /** The document is announced, and its port has not come yet. */
  get isExpected(): boolean {
    return !this.isBound && !this.isParked;
  }

  get isBound(): boolean {
    return this.#endpoint !== undefined;
  }

  /** The document is gone, and its Peers wait for the site's next document. */
  get isParked(): boolean {
    return this.#onParkingOver !== undefined;
  }

  get hasMoved(): boolean {
    return this.#port !== undefined;
  }

  /** A copy: Peers may end while a caller iterates. Keys are the page's. */
  get hostedPeers(): readonly [peerKey: number, peer: HostedPeer][] {
    return [...this.#peers];
  }

  /** A copy: connections may close while a caller iterates. */
  get connections(): readonly Listed[] {
    return [...this.#connections.values(), ...this.#pageOwnedConnections];
  }

  /** Why the last Peer could not register; undefined while the document has a Peer. */
  get failure(): LiveDocument['failure'] {
    return this.#peers.size === 0 ? this.#failure : undefined;
  }

  /** Binds the document's runtime port and acknowledges over it. */
  bind(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#outbox.bind(endpoint);
    if (this.#finalMessage !== undefined) {
      this.#detach(this.#finalMessage, 'too-much-queued');
      return;
    }
    endpoint.listen((message) => {
      this.#handle(message);
    });
    for (const [, peer] of this.hostedPeers) peer.handlePageReady();
  }

  /**
   * Moves the data plane to `port`. To keep messages in order, the host reads `port` only after the page's `moved`, the
   * page's last message on the old port. The page does the same on its side.
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

  /** Server and ID of each Peer of the document. */
  get peers(): PeerRegistration[] {
    return this.hostedPeers.map(([, { registration }]) => registration);
  }

  /** Applies these conditions to existing and future connections. Closes connections that are no longer permitted. */
  enforce(conditions: Conditions): void {
    this.#conditions = conditions;
    this.#quota.limits = conditions.limits;
    for (const connection of this.connections) {
      const refusal = refusalOf(connection instanceof HostedCall ? 'calls' : 'data', conditions);
      if (refusal) connection.fail('permission-denied', refusal);
    }
    if (!conditions.keepsLinks) this.#onParkingOver?.();
  }

  /** The user withdrew the permission: ends all Peers. The document stays attached and may ask for another Peer. */
  revoke(message: string): void {
    this.#log.info('revoked', { site: this.document.site });
    for (const [peerKey] of this.hostedPeers) {
      this.#endPeer(peerKey);
      this.#outbox.post({ type: 'peer.revoked', peerKey, message });
    }
    this.#onParkingOver?.();
  }

  /**
   * The document is gone. Closes its ports and parks the Peers that the site's next document may adopt. They stay
   * parked until they are adopted, end, or `dispose` is called. `onParkingOver`: no Peer is parked any more, or the
   * user no longer allows it. Returns false if there is nothing to park; the caller must then call `dispose`.
   */
  park(onParkingOver: () => void): boolean {
    if (this.#isDisposed || !this.#conditions?.keepsLinks) return false;
    this.#closePorts();
    this.#dropPendingRequests();
    for (const [peerKey, peer] of this.hostedPeers) {
      if (!this.#quota.mayParkPeer || !peer.park()) {
        this.#endPeer(peerKey);
        continue;
      }
      this.#quota.parkedPeers += 1;
      this.#places.get(peerKey)?.leave();
    }
    if (this.#peers.size === 0) return false;
    this.#environment.census.reportSoon(this.document.tabId);
    this.#onParkingOver = onParkingOver;
    return true;
  }

  /** Ends all Peers and connections of the document and closes its ports. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#dropPendingRequests();
    for (const [peerKey] of this.hostedPeers) this.#endPeer(peerKey);
    this.#environment.quotas.leave(this.document.site);
    this.#closePorts();
  }

  /** Drops the page's requests that wait for a start or for room. */
  #dropPendingRequests(): void {
    this.#starts.dropAll();
    this.#postponed.dropAll();
  }

  #closePorts(): void {
    this.#outbox.close();
    this.#endpoint?.close();
    this.#port?.close();
  }

  #handle(value: unknown): void {
    if (this.#isDisposed || this.isParked) return;
    const message = parsePageMessage(value);
    if (!message) {
      this.#log.warn('invalid-message', { site: this.document.site });
      this.#refuse(value);
      if (!this.#invalidMessages.take()) this.#detach(TOO_MANY_INVALID_MESSAGES, 'too-many-invalid-messages');
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

  /** Ignores an invalid message and reports the reason to the connection or Peer that it names. */
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
    this.#connectionLog.recordRefusal(error.type);
    this.#outbox.post({ type: 'connection.error', connectionKey, error });
    this.#closeConnection(connectionKey);
    this.#outbox.post({ type: 'connection.closed', connectionKey });
  }

  /** Posts a replacement for a message that the port cannot carry. */
  #postReplacement(message: HostMessage): void {
    const replacement = replacementFor(message);
    if (replacement) this.#outbox.post(replacement);
    // The page never learned of this connection, so it could never close it.
    if (message.type === 'connection.incoming' || message.type === 'call.incoming') {
      this.#closeConnection(message.connectionKey);
    }
  }

  /**
   * Disposes of the document with a message to its page, over the runtime port: that port stays after the data plane
   * moved.
   */
  #detach(message: string, reason: Given['reason']): void {
    this.#log.warn('detached', { site: this.document.site, reason });
    for (const [peerKey] of this.hostedPeers) this.#endPeer(peerKey);
    this.#endpoint?.post({ type: 'denied', message } satisfies AttachContentMessage);
    this.dispose();
    this.#onDetached();
  }

  #dispatch(message: PageMessage): void {
    switch (message.type) {
      case 'peer.start':
        // Created at once, so that the page's next messages find the Peer.
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
        this.#outbox.recordAnswer();
        this.#dataConnection(message.connectionKey)?.send(message.announced, message.chunks);
        return;
      case 'connection.sendFrames':
        this.#outbox.recordAnswer();
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
        void this.#postStats(message.connectionKey, message.requestId);
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
      const reply = await this.#background.admit(this.document, start).catch((error: unknown): AdmitReply => {
        this.#log.error('not-asked', { site: this.document.site, error });
        return { status: 'denied', message: String(error) };
      });
      if (this.#isDisposed || !isWanted()) return;
      if (reply.status === 'admitted') {
        this.enforce(reply.admission);
        void peer.start(start, reply.admission);
      } else {
        this.#failStart(start, { type: reply.errorType ?? 'permission-denied', message: reply.message });
      }
    });
  }

  /** Continues the start once the Peer has its place in the quota, at once if it has one; else posts the refusal. */
  async #whenPlaced(
    peer: HostedPeer,
    start: PeerStart,
    proceed: (isWanted: () => boolean) => Promise<void>,
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
    await proceed(isWanted);
  }

  /** A Peer without an ID ends with its failed start. A Peer that has an ID keeps its connections. */
  #refuseStart(start: PeerStart, message: string): void {
    this.#failStart(start, { type: 'limit-reached', message });
    const isNew = this.#peers.get(start.peerKey)?.registration.peerId === undefined;
    if (isNew) this.#endPeer(start.peerKey);
  }

  #failStart({ peerKey, epoch }: PeerStart, error: ErrorInfo<PeerErrorType>): void {
    this.#log.info('peer-denied', { site: this.document.site, type: error.type });
    this.#outbox.post({ type: 'peer.failed', peerKey, epoch, error });
  }

  /** The Peer for this key, created on first use. It may have to wait for its place in the quota. */
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
    // Delete it first: closing its last connection may end the parking, and so dispose of the whole document.
    this.#peers.delete(peerKey);
    if (this.isParked) this.#quota.parkedPeers -= 1;
    this.#places.get(peerKey)?.leave();
    this.#places.delete(peerKey);
    peer.destroy();
  }

  /** A parked Peer without connections can never be adopted; end it. */
  #endPeersWithoutConnections(): void {
    for (const [peerKey, peer] of this.hostedPeers) if (peer.connections.length === 0) this.#endPeer(peerKey);
    if (this.#peers.size === 0) this.#onParkingOver?.();
  }

  #addConnection(connection: Hosted): void {
    const { connectionKey } = connection.description;
    // Only a page that uses a key twice has a former connection here, and it could no longer reach that connection.
    this.#connections.get(connectionKey)?.close();
    this.#connections.set(connectionKey, connection);
    this.#environment.census.add(this.document.tabId, connection);
    this.#connectionLog.watch(connection instanceof HostedCall ? 'calls' : 'data', connection);
    connection.on('gone', () => {
      if (this.#connections.get(connectionKey) === connection) this.#connections.delete(connectionKey);
      if (this.isParked) this.#endPeersWithoutConnections();
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

  async #postStats(connectionKey: number, requestId: number): Promise<void> {
    const connection = this.#connections.get(connectionKey);
    // A connection that closes meanwhile has no statistics.
    const stats = (await connection?.getStats().catch(() => [])) ?? [];
    this.#outbox.post({ type: 'connection.stats', connectionKey, requestId, stats: statsForPage(stats) });
  }
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
