// PeerJS's Peer in the page (PeerJS lib/peer.ts). Owns the state that pages see, so that reads are synchronous and events
// come in PeerJS's order. The host owns the socket, the ID and the connections.
import type { PeerErrorType } from '../protocol/errors';
import type { HostMessage } from '../protocol/host-messages';
import type { PageMessage } from '../protocol/page-messages';
import type { ServerOptions } from '../protocol/peer-server';
import type { Serialization } from '../protocol/serializations';
import type { RelayedMessage } from '../protocol/signalling';
import type { HostPort } from './connection/host-port';
import { portableConfiguration } from './connection/configuration';
import { safe } from './safe/built-ins';
import { BaseConnection } from './connection/base-connection';
import {
  addConnection,
  asPlainObject,
  closeAllConnections,
  closeConnections,
  findConnection,
  removeConnection,
  type ConnectionLists,
} from './connection/connection-lists';
import type { DataConnection, DataConnectionOptions } from './data/data-connection';
import { BinaryConnection, JsonConnection, RawConnection } from './data/serializations';
import { MediaConnection, type CallOptions } from './calls/media-connection';
import { logger } from './safe/logger';
import { acceptProxies } from './safe/proxies';
import { pingInterval, resolveOptions, serverOptions, type PeerOptions, type SerializerClass } from './peer-options';
import { handleMessages, LostMessages, customSerializers } from './custom-serializers';
import { EventEmitterWithError } from './connection/peer-error';
import { HOST, type PeerHost } from './connection/peer-host';
import { PeerLists } from './peer-list';
import { SocketFacade } from './facades/socket-facade';
import { util } from './util';

type PeerMessage = Extract<HostMessage, { peerKey: number }>;
/** A message about this Peer without its key, which `#post` adds. */
type Post<Message = PageMessage> = Message extends { peerKey: number } ? Omit<Message, 'peerKey'> : never;

const SERIALIZERS: Record<Serialization | 'none' | 'default', SerializerClass> = {
  raw: RawConnection,
  none: RawConnection,
  json: JsonConnection,
  binary: BinaryConnection,
  'binary-utf8': BinaryConnection,
  default: BinaryConnection,
};

/** `window.Peer` without its host port, which `definePeer` adds. */
export class PeerBase extends EventEmitterWithError<PeerErrorType> {
  // PeerJS's own names: pages read them.
  _id: string | null = null;
  _lastServerId: string | null = null;
  _open = false;
  _destroyed = false;
  _disconnected = false;
  readonly _options: PeerOptions;
  /** The server at construction: PeerJS makes its socket once, so later changes of the options have no effect. */
  readonly #server: ServerOptions;
  readonly _connections: ConnectionLists = new Map();
  readonly _serializers: Record<string, SerializerClass>;
  /** @internal */
  declare readonly [HOST]: PeerHost;
  /** Counts registrations, so that late answers to an earlier registration are ignored. */
  #epoch = 0;
  /** True if the page chose the ID. */
  #isNamed: boolean;
  #hasToken: boolean;
  readonly #lostMessages = new LostMessages();
  readonly _socket: SocketFacade;
  readonly #lists: PeerLists;

  constructor(port: HostPort, id?: unknown, options?: PeerOptions) {
    super();
    let userId: string | undefined;
    if (id?.constructor === Object) options = id;
    else if (id) userId = (id as { toString(): string }).toString();
    this._options = resolveOptions(options);
    this.#server = serverOptions(this._options);
    this._serializers = { ...SERIALIZERS, ...this._options.serializers };
    this.#isNamed = !!userId;
    this.#hasToken = options?.token !== undefined;
    const peerKey = port.addPeer({
      handle: (message) => {
        this.#handle(message);
      },
      handleDenial: (message, errorType) => {
        closeAllConnections(this._connections);
        this.#fail(errorType, message);
      },
      handleHostLoss: (message) => {
        // Closes connections of the page's own classes, too: no user could see or end them any more.
        closeAllConnections(this._connections);
        this.#lose(message);
        this.#lists.abandon();
      },
    });
    safe.defineProperty(this, HOST, { value: { port, peerKey } });
    this.#lists = new PeerLists({
      ask: (requestId) => {
        if (this._destroyed || !port.isAttached) return false;
        this.#post({ type: 'peer.listAllPeers', requestId });
        return true;
      },
      options: () => this._options,
      fail: (error) => {
        if (this._destroyed) this.emitError('server-error', error.message);
        else this.#abort('server-error', error.message);
      },
    });
    this._socket = new SocketFacade({
      send: (message) => this.#post({ type: 'peer.send', message }),
      watch: () => this.#post({ type: 'peer.watchSocket' }),
      close: () => this.#post({ type: 'peer.disconnect' }),
    });
    this._socket.on('error', (message) => {
      this.#abort('socket-error', message as string);
    });
    if (this._options.logFunction) logger.setLogFunction(this._options.logFunction);
    logger.level = this._options.debug || 0;
    if (!safe.RTCPeerConnection) {
      this.#delayedAbort('browser-incompatible', 'The current browser does not support WebRTC');
    } else if (userId && !util.validateId(userId)) {
      this.#delayedAbort('invalid-id', `ID "${userId}" is invalid`);
    } else {
      this.#start(userId);
    }
  }

  get id(): string | null {
    return this._id;
  }

  get options(): PeerOptions {
    return this._options;
  }

  get open(): boolean {
    return this._open;
  }

  get socket(): SocketFacade {
    return this._socket;
  }

  get destroyed(): boolean {
    return this._destroyed;
  }

  get disconnected(): boolean {
    return this._disconnected;
  }

  /** A new object each time, which maps remote IDs to the live arrays of connections. */
  get connections(): Record<string, BaseConnection[]> {
    return asPlainObject(this._connections);
  }

  /**
   * Connects to a remote peer. Works before `open`, too: the offer is sent when the Peer is registered. Throws TypeError for
   * an unknown serialization, and RTCPeerConnection's error for a bad `config`.
   */
  connect(peer: string, options: DataConnectionOptions = {}): DataConnection | undefined {
    options = { serialization: 'default', ...options };
    if (this.#isRefusedAsDisconnected()) return undefined;
    return this.#addConnection(peer, options);
  }

  /**
   * Calls a remote peer with a stream. Works before `open`, too. `route`: `hosted` (the extension owns the connection) or
   * `direct` (the page owns it); default: the best route in this browser. Returns undefined without a stream.
   */
  call(peer: string, stream: MediaStream, options: CallOptions = {}): MediaConnection | undefined {
    if (this.#isRefusedAsDisconnected()) return undefined;
    if (!stream) {
      logger.error("To call a peer, you must provide a stream from your browser's `getUserMedia`.");
      return undefined;
    }
    const call = new MediaConnection(peer, this, { ...options, _stream: stream });
    // A call whose metadata cannot be sent has already ended.
    if (call.provider) addConnection(this._connections, call);
    return call;
  }

  getConnection(peerId: string, connectionId: string): BaseConnection | null {
    return findConnection(this._connections, peerId, connectionId);
  }

  /** Asks the server for the IDs that it knows. The server must allow it; a refusal ends the Peer, as in PeerJS. */
  listAllPeers(callback: (peerIds: unknown) => void = () => undefined): void {
    this.#lists.request(callback);
  }

  /** Leaves the server and keeps the connections. */
  disconnect(): void {
    if (this._disconnected) return;
    const id = this._id;
    logger.log(`Disconnect peer with ID:${id}`);
    this._disconnected = true;
    this._open = false;
    this.#epoch++;
    this.#post({ type: 'peer.disconnect' });
    this._lastServerId = id;
    this._id = null;
    this.emit('disconnected', id);
  }

  /** Registers again under the last ID. Throws if the Peer is destroyed or connected. */
  reconnect(): void {
    if (this._disconnected && !this._destroyed) {
      logger.log(`Attempting reconnection to server with ID ${this._lastServerId}`);
      this._disconnected = false;
      this.#start(this._lastServerId ?? undefined);
    } else if (this._destroyed) {
      throw new Error('This peer cannot reconnect to the server. It has already been destroyed.');
    } else if (!this._open) {
      logger.error("In a hurry? We're still trying to make the initial connection!");
    } else {
      throw new Error(`Peer ${this._id} cannot reconnect because it is not disconnected from the server!`);
    }
  }

  /** Leaves the server and closes all connections, for good. Idempotent. */
  destroy(): void {
    if (this._destroyed) return;
    logger.log(`Destroy peer with ID:${this._id}`);
    this.disconnect();
    closeAllConnections(this._connections);
    this._destroyed = true;
    this.#post({ type: 'peer.destroy' });
    this[HOST].port.removePeer(this[HOST].peerKey);
    this.#lists.abandon();
    this.emit('close');
  }

  /** @internal */
  _removeConnection(connection: BaseConnection): void {
    const { peer, connectionId } = connection;
    removeConnection(this._connections, connection);
    // Only this message tells the host that a connection of the page's own class has ended.
    if (!(connection instanceof BaseConnection)) this.#postGone(peer, connectionId);
  }

  /** @internal PeerJS's name: takes the signals that came before their connection existed. */
  _getMessages(connectionId: string): RelayedMessage[] {
    return this.#lostMessages.take(connectionId);
  }

  #start(id: string | undefined): void {
    if (id) this._id = id;
    const { port, peerKey } = this[HOST];
    const { token, config } = this._options;
    const serializers = customSerializers(this._options.serializers);
    port.start({
      type: 'peer.start',
      peerKey,
      epoch: ++this.#epoch,
      server: this.#server,
      pingInterval: pingInterval(this._options),
      ...(id && { requestedId: id, leased: !this.#isNamed }),
      // PeerJS's default token is left out: nobody relies on it, and ours is stored with the ID and stronger.
      ...(this.#hasToken && { token: String(token) }),
      ...(serializers.length > 0 && { serializers }),
      config: portableConfiguration(config),
    });
  }

  #handle(message: PeerMessage): void {
    if ('epoch' in message && message.epoch !== this.#epoch) return;
    switch (message.type) {
      case 'peer.open':
        this._id = this._lastServerId = message.peerId;
        this._open = true;
        this.emit('open', this._id);
        return;
      case 'peer.failed':
        this.#fail(message.error.type, message.error.message);
        return;
      case 'peer.revoked':
        this.emitError('permission-denied', message.message);
        this.destroy();
        return;
      case 'peer.lost':
        this.#lose('Lost connection to server.');
        return;
      case 'peer.error':
        this.emitError(message.error.type, message.error.message);
        return;
      case 'peer.warning':
        logger.warn(message.message);
        return;
      case 'peer.leave':
        logger.log(`Received leave message from ${message.remotePeerId}`);
        closeConnections(this._connections, message.remotePeerId);
        return;
      case 'peer.listed':
        void this.#lists.answer(message.requestId, message.peerIds, message.error);
        return;
      case 'peer.signal':
        this.#handleSignal(message.message);
        return;
      case 'peer.closeConnection': {
        const { remotePeerId, connectionId } = message;
        const connection = this.getConnection(remotePeerId, connectionId);
        if (connection) connection.close();
        else this.#postGone(remotePeerId, connectionId);
        return;
      }
      case 'peer.socketMessage':
        this._socket.handleText(message.text);
        return;
      case 'connection.incoming': {
        const { remotePeerId, connectionId, label, metadata, serialization, reliable } = message;
        const options = { connectionId, label, metadata, serialization, reliable, _payload: message };
        this.#addIncoming(remotePeerId, options);
        return;
      }
      case 'call.incoming': {
        const { remotePeerId, connectionId, metadata } = message;
        const call = new MediaConnection(remotePeerId, this, { connectionId, metadata, _payload: message });
        addConnection(this._connections, call);
        this.emit('call', call);
        return;
      }
      default:
        message satisfies never;
    }
  }

  /** Handles a signal to a connection of the page's own serializer, as PeerJS does (lib/peer.ts, `_handleMessage`). */
  #handleSignal(message: RelayedMessage): void {
    const { src, payload } = message;
    const connectionId = String(payload.connectionId);
    const known = this.getConnection(src, connectionId);
    if (message.type !== 'OFFER') {
      if (known) handleMessages(known, [message]);
      else this.#lostMessages.queue(connectionId, message);
      return;
    }
    known?.close();
    const { metadata, label, serialization, reliable } = payload;
    const options = { connectionId, _payload: payload, metadata, label, serialization, reliable };
    const connection = this.#addIncoming(src, options as unknown as DataConnectionOptions);
    handleMessages(connection, this._getMessages(connectionId));
  }

  /** The page's class may use IDs of any type, so they are converted to text. */
  #postGone(remotePeerId: unknown, connectionId: unknown): void {
    this.#post({
      type: 'peer.connectionGone',
      remotePeerId: String(remotePeerId),
      connectionId: String(connectionId),
    });
  }

  #post(message: Post): void {
    const { port, peerKey } = this[HOST];
    port.post({ ...message, peerKey });
  }

  #isRefusedAsDisconnected(): boolean {
    if (!this._disconnected) return false;
    logger.warn(
      'You cannot connect to a new Peer because you called .disconnect() on this Peer and ended your connection with the server. You can create a new Peer to reconnect, or call reconnect on this peer if you believe its ID to still be available.',
    );
    this.emitError('disconnected', 'Cannot connect to new Peer after disconnecting from server.');
    return true;
  }

  #addIncoming(peer: string, options: DataConnectionOptions): DataConnection {
    const connection = this.#addConnection(peer, options);
    this.emit('connection', connection);
    return connection;
  }

  #addConnection(peer: string, options: DataConnectionOptions): DataConnection {
    const connection = new this._serializers[options.serialization!]!(peer, this, options);
    addConnection(this._connections, connection);
    return connection;
  }

  #lose(message: string): void {
    if (this._disconnected) return;
    this._socket.emit('disconnected');
    this.emitError('network', message);
    this.disconnect();
  }

  #delayedAbort(type: PeerErrorType, message: string): void {
    safe.setTimeout(() => {
      this.#abort(type, message);
    }, 0);
  }

  /** Aborts, and answers the page's requests for lists, which the host no longer answers. */
  #fail(type: PeerErrorType, message: string): void {
    this.#abort(type, message);
    this.#lists.abandon();
  }

  /** Destroys a Peer that was never open; otherwise only disconnects it (PeerJS lib/peer.ts, `_abort`). */
  #abort(type: PeerErrorType, message: string): void {
    if (this._destroyed) return;
    logger.error('Aborting!');
    this.emitError(type, message);
    if (this._lastServerId) this.disconnect();
    else this.destroy();
  }
}

acceptProxies(PeerBase);
