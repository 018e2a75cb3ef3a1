// PeerJS's DataConnection in the page (PeerJS lib/dataconnection/): its state is here, so that reads are synchronous and
// events come in PeerJS's order; its RTCPeerConnection and data channel are in the host.
import { segmentsOf, type PackedMessage } from '../codec/packed-message';
import type { HostMessage, IncomingConnection } from '../protocol/host-messages';
import { safe, visitAll } from './built-ins';
import { channelFrame } from './channel-frame';
import { checkConfiguration, portableConfiguration } from './configuration';
import { DataChannelFacade } from './data-channel-facade';
import type { HostLink } from './host-link';
import { logger } from './logger';
import { PeerConnectionFacade } from './peer-connection-facade';
import { EventEmitterWithError, PeerError } from './peer-error';
import { SendQueue, SMALL_MESSAGE } from './send-queue';
import { randomToken } from './random-token';
import { itemsOf, table } from './table';

type ConnectionMessage = Extract<HostMessage, { connectionKey: number }>;

export interface DataConnectionOptions {
  label?: string;
  metadata?: unknown;
  serialization?: string;
  reliable?: boolean;
  connectionId?: string;
  constraints?: RTCOfferOptions;
  sdpTransform?: (sdp: string) => string;
  /** @internal The connection that the host has accepted. */
  _payload?: IncomingConnection;
}

/** What a connection needs of its Peer, beside what pages may touch. */
export interface ConnectionProvider {
  readonly options: { config?: RTCConfiguration };
  /** @internal */
  readonly _link: { link: HostLink; peerKey: number };
  /** @internal */
  _removeConnection: (connection: DataConnection) => void;
  emitError: (type: string, error: Error | string) => void;
}

const ID_PREFIX = 'dc_';

export abstract class DataConnection extends EventEmitterWithError {
  abstract readonly serialization: string;
  readonly peer: string;
  readonly connectionId: string;
  readonly label: string;
  readonly metadata: unknown;
  readonly reliable: boolean;
  readonly options: DataConnectionOptions;
  provider: ConnectionProvider | null;
  peerConnection: PeerConnectionFacade | null;
  dataChannel: DataChannelFacade | null | undefined;
  readonly #link: HostLink;
  readonly #key: number;
  readonly #queue: SendQueue;
  #statsRequests = table<(stats: [string, unknown][]) => void>();
  #lastStatsRequest = 0;
  #maxMessageSize = Infinity;
  #isOpen = false;
  #isClosed = false;

  constructor(peer: string, provider: ConnectionProvider, options: DataConnectionOptions) {
    super();
    const { _payload: incoming } = options;
    this.peer = peer;
    this.provider = provider;
    this.options = options;
    this.metadata = options.metadata;
    this.connectionId = options.connectionId || ID_PREFIX + randomToken();
    this.label = options.label || this.connectionId;
    this.reliable = !!options.reliable;
    this.#link = provider._link.link;
    this.#key = incoming ? incoming.connectionKey : this.#link.nextConnectionKey();
    this.#queue = new SendQueue(this.#key, (message, transfer) => {
      this.#link.post(message, transfer);
    });
    if (!incoming) checkConfiguration(provider.options.config);
    this.peerConnection = this.#createPeerConnection(provider);
    if (!incoming) this.dataChannel = this.#createDataChannel();
    this.#link.addConnection(this.#key, {
      handle: (message) => {
        this.#handle(message);
      },
      deliver: (data) => {
        if (this.#isOpen) this._deliver(data);
      },
      handleHostLoss: () => {
        this.#end();
      },
    });
    // In PeerJS the offer is made in a later task too; by then the subclass has set `serialization`.
    if (!incoming) safe.queueMicrotask(() => this.#create());
  }

  get type(): 'data' {
    return 'data';
  }

  get open(): boolean {
    return this.#isOpen;
  }

  /** Messages waiting in the page to be sent. */
  get bufferSize(): number {
    return this.#queue.length;
  }

  /**
   * Sends `data`. Throws at once what PeerJS throws for values the serialization cannot carry. Resolves when the host has
   * taken the message; rejects when it will not be sent (which a caller who does not await need not handle). Before
   * `open` and after `close` it emits `error` of type `not-open-yet`.
   */
  send(data: unknown, _chunked = false): Promise<void> {
    if (!this.#isOpen) {
      const message = 'Connection is not open. You should listen for the `open` event before sending messages.';
      this.emitError('not-open-yet', message);
      return this.#handled(safe.Promise.reject(new PeerError('not-open-yet', message)));
    }
    return this.#handled(this._send(data));
  }

  /** Closes the connection; with `flush`, asks the remote peer to close it when it has got all that was sent before. */
  close(options?: { flush?: boolean }): void {
    if (options?.flush) {
      void this.send({ __peerData: { type: 'close' } });
      return;
    }
    if (this.#isClosed) return;
    this.#queue.flush();
    this.#link.post({ type: 'connection.close', connectionKey: this.#key });
    this.#end();
  }

  /** Serialises and queues. Throws for what cannot be serialised. */
  protected abstract _send(data: unknown): Promise<void>;

  /** Reads what the host has delivered and emits `data`. */
  protected abstract _deliver(data: unknown): void;

  /** Bytes that the caller may use again. */
  protected _pushBytes(bytes: Uint8Array): Promise<void> {
    if (bytes.length <= SMALL_MESSAGE) return this.#queue.pushSmall(bytes);
    return this.#queue.push({ byteLength: bytes.length, segments: segmentsOf(bytes) });
  }

  /** Text that takes at most SMALL_MESSAGE bytes of UTF-8 whatever it says. */
  protected _pushText(text: string): Promise<void> {
    return this.#queue.pushText(text);
  }

  protected _push(message: PackedMessage): Promise<void> {
    return this.#queue.push(message);
  }

  /** One frame as RTCDataChannel's `send` would make it. */
  protected _sendFrame(data: unknown): Promise<void> {
    const frame = channelFrame(data, this.#maxMessageSize);
    if (frame.size <= this.#maxMessageSize) return this.#queue.pushFrame(frame.data);
    return this._refuse(`Message too big for the link: ${frame.size} bytes, ${this.#maxMessageSize} at most`);
  }

  protected _refuse(message: string): Promise<void> {
    this.emitError('message-too-big', message);
    return safe.Promise.reject(new PeerError('message-too-big', message));
  }

  #create(): void {
    const { provider } = this;
    if (!provider) return;
    let metadata: string | undefined;
    try {
      metadata = safe.stringify(this.metadata);
    } catch (error) {
      // PeerJS finds out when it signals the offer, and tells the Peer.
      provider.emitError('webrtc', error as Error);
      this.close();
      return;
    }
    const { sdpTransform, constraints } = this.options;
    this.#link.post({
      type: 'connection.create',
      peerKey: provider._link.peerKey,
      connectionKey: this.#key,
      remotePeerId: String(this.peer),
      connectionId: String(this.connectionId),
      label: String(this.label),
      ...(metadata !== undefined && { metadata }),
      serialization: this.serialization,
      reliable: this.reliable,
      ...(constraints && { constraints: plainConstraints(constraints) }),
      transformsSdp: typeof sdpTransform === 'function',
      config: portableConfiguration(provider.options.config),
    });
  }

  #createPeerConnection(provider: ConnectionProvider): PeerConnectionFacade {
    return new PeerConnectionFacade({
      configuration: () => provider.options.config ?? {},
      close: () => {
        this.close();
      },
      getStats: () =>
        new safe.Promise((resolve) => {
          if (this.#isClosed) {
            resolve([]);
            return;
          }
          const requestId = ++this.#lastStatsRequest;
          this.#statsRequests[requestId] = resolve;
          this.#link.post({ type: 'connection.getStats', connectionKey: this.#key, requestId });
        }),
    });
  }

  #createDataChannel(): DataChannelFacade {
    return new DataChannelFacade(
      { label: String(this.label), ordered: this.reliable },
      {
        bufferedBytes: () => this.#queue.bufferedBytes,
        send: (data) => {
          void this.#handled(this._sendFrame(data));
        },
        close: () => {
          this.close();
        },
      },
    );
  }

  #handle(message: ConnectionMessage): void {
    switch (message.type) {
      case 'connection.open':
        this.#maxMessageSize = message.dataChannel.maxMessageSize || Infinity;
        this.dataChannel ??= this.#createDataChannel();
        this.#isOpen = true;
        this.dataChannel.handleOpen(message.dataChannel);
        logger.log(`DC#${this.connectionId} dc connection success`);
        this.emit('open');
        return;
      case 'connection.credit': {
        const before = this.#queue.bufferedBytes;
        this.#queue.grant(message.bytes, message.window);
        this.dataChannel?.handleDrain(before, this.#queue.bufferedBytes);
        return;
      }
      case 'connection.closed':
        this.#end();
        return;
      case 'connection.error':
        this.emitError(message.error.type, message.error.message);
        return;
      case 'connection.state':
        this.peerConnection?.handleState(message.state);
        if (message.iceStateChanged) this.#handleIceState(message.state.iceConnectionState);
        return;
      case 'connection.sdp':
        this.#transformSdp(message.sdp);
        return;
      case 'connection.stats':
        this.#statsRequests[message.requestId]?.(message.stats);
        delete this.#statsRequests[message.requestId];
        return;
      case 'connection.incoming':
        return;
      default:
        message satisfies never;
    }
  }

  #handleIceState(state: RTCIceConnectionState): void {
    if (state === 'failed') {
      this.emitError('negotiation-failed', `Negotiation of connection to ${this.peer} failed.`);
      this.close();
    }
    // PeerJS emits the state as it is by then: of a connection that it has just closed, `closed`.
    this.emit('iceStateChanged', state === 'failed' ? 'closed' : state);
  }

  #transformSdp(sdp: string): void {
    const { sdpTransform } = this.options;
    try {
      const transformed = String(sdpTransform?.(sdp) || sdp);
      this.#link.post({ type: 'connection.sdpTransformed', connectionKey: this.#key, sdp: transformed });
    } catch (error) {
      this.provider?.emitError('webrtc', error as Error);
      this.emitError('negotiation-failed', `sdpTransform threw: ${String(error)}`);
      this.close();
    }
  }

  /** Idempotent; emits `close` if the connection was open. */
  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#link.removeConnection(this.#key);
    this.#queue.close(new PeerError('connection-closed', 'The connection closed before the message was sent.'));
    visitAll(itemsOf(this.#statsRequests), (answer) => {
      answer([]);
    });
    this.#statsRequests = table();
    this.provider?._removeConnection(this);
    this.provider = null;
    this.peerConnection?.handleClose();
    this.peerConnection = null;
    this.dataChannel?.handleClose();
    this.dataChannel = null;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.emit('close');
  }

  /** PeerJS's `send` returns nothing: a caller who ignores the promise must not get an unhandled rejection. */
  #handled(promise: Promise<void>): Promise<void> {
    safe.then(
      promise,
      () => undefined,
      () => undefined,
    );
    return promise;
  }
}

/** RTCOfferOptions without what cannot cross a port. */
function plainConstraints(constraints: object): Record<string, string | number | boolean> {
  const plain: Record<string, string | number | boolean> = {};
  for (const key in constraints) {
    const value = (constraints as Record<string, unknown>)[key];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') plain[key] = value;
  }
  return plain;
}
