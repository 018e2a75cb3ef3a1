// PeerJS's DataConnection in the page (PeerJS lib/dataconnection/): its state is here, so that reads are synchronous and
// events come in PeerJS's order; its RTCPeerConnection and data channel are in the host.
import { segmentsOf, type PackedMessage } from '../../codec/packed-message';
import type { DataConnectionMessage, IncomingConnection, PeerConnectionState } from '../../protocol/host-messages';
import {
  BaseConnection,
  plainConstraints,
  type BaseConnectionOptions,
  type ConnectionProvider,
} from '../connection/base-connection';
import { safe } from '../safe/built-ins';
import { channelFrame } from './channel-frame';
import { checkConfiguration, portableConfiguration } from '../connection/configuration';
import { DataChannelFacade } from '../facades/data-channel-facade';
import { logger } from '../safe/logger';
import { PeerConnectionFacade } from '../facades/peer-connection-facade';
import { PeerError } from '../connection/peer-error';
import { SendQueue, SMALL_MESSAGE } from './send-queue';

export interface DataConnectionOptions extends BaseConnectionOptions {
  label?: string;
  serialization?: string;
  reliable?: boolean;
  /** @internal The connection that the host has accepted. */
  _payload?: IncomingConnection;
}

export abstract class DataConnection extends BaseConnection {
  abstract readonly serialization: string;
  label: string;
  readonly reliable: boolean;
  peerConnection: PeerConnectionFacade | null;
  dataChannel: DataChannelFacade | null | undefined;
  readonly #queue: SendQueue;
  #maxMessageSize = Infinity;

  constructor(peer: string, provider: ConnectionProvider, options: DataConnectionOptions) {
    const { _payload: incoming } = options;
    super({ peer, provider, idPrefix: 'dc_', options, connectionKey: incoming?.connectionKey });
    this.label = options.label || this.connectionId;
    this.reliable = !!options.reliable;
    this.#queue = new SendQueue(this._key, (message, transfer) => {
      this._post(message, transfer);
    });
    if (!incoming) checkConfiguration(provider.options.config);
    this.peerConnection = this.#createPeerConnection(provider);
    if (!incoming) this.dataChannel = this.#createDataChannel();
    // In PeerJS the offer is made in a later task too; by then the subclass has set `serialization`.
    if (!incoming) safe.queueMicrotask(() => this.#create());
  }

  get type(): 'data' {
    return 'data';
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
    if (!this.open) {
      const message = 'Connection is not open. You should listen for the `open` event before sending messages.';
      this.emitError('not-open-yet', message);
      return this.#handled(safe.Promise.reject(new PeerError('not-open-yet', message)));
    }
    return this.#handled(this._send(data));
  }

  /** Closes the connection; with `flush`, asks the remote peer to close it when it has got all that was sent before. */
  override close(options?: { flush?: boolean }): void {
    if (options?.flush) {
      void this.send({ __peerData: { type: 'close' } });
      return;
    }
    if (!this._isClosed) this.#queue.flush();
    super.close();
  }

  /** Serialises and queues. Throws for what cannot be serialised. */
  protected abstract _send(data: unknown): Promise<void>;

  /** Reads what the host has delivered and emits `data`. */
  protected abstract _read(data: unknown): void;

  protected override _deliver(data: unknown): void {
    if (this.open) this._read(data);
  }

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
    const metadata = provider && this._metadataText();
    if (!metadata) return;
    const constraints = plainConstraints(this.options.constraints);
    this._post({
      type: 'connection.create',
      peerKey: provider._link.peerKey,
      connectionKey: this._key,
      remotePeerId: String(this.peer),
      connectionId: String(this.connectionId),
      label: String(this.label),
      ...metadata,
      serialization: this.serialization,
      reliable: this.reliable,
      ...(constraints && { constraints }),
      transformsSdp: typeof this.options.sdpTransform === 'function',
      config: portableConfiguration(provider.options.config),
    });
  }

  #createPeerConnection(provider: ConnectionProvider): PeerConnectionFacade {
    return new PeerConnectionFacade({
      configuration: () => provider.options.config ?? {},
      close: () => {
        this.close();
      },
      getStats: () => this._hostStats(),
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

  protected override _handle(message: DataConnectionMessage): void {
    switch (message.type) {
      case 'connection.open':
        if (message.connectionId) {
          if (this.label === this.connectionId) this.label = message.connectionId;
          this.connectionId = message.connectionId;
        }
        this.#maxMessageSize = message.dataChannel.maxMessageSize || Infinity;
        this.dataChannel ??= this.#createDataChannel();
        this._setOpen();
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
      default:
        message satisfies never;
    }
  }

  protected override _mirror(state: PeerConnectionState): void {
    this.peerConnection?.handleState(state);
  }

  protected override _release(): void {
    this.#queue.close(new PeerError('connection-closed', 'The connection closed before the message was sent.'));
    this.peerConnection?.handleClose();
    this.dataChannel?.handleClose();
    this.dataChannel = null;
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
