// PeerJS's DataConnection in the page (PeerJS lib/dataconnection/). Owns the state, so that reads are synchronous and events
// come in PeerJS's order, and the queue of unsent messages. The host owns the RTCPeerConnection and the data channel.
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
  /** @internal The host's message about an incoming connection. */
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
    // PeerJS makes the offer in a later task, too; by then the subclass has set `serialization`.
    if (!incoming) safe.queueMicrotask(() => this.#create());
  }

  get type(): 'data' {
    return 'data';
  }

  /** The number of messages queued in the page. */
  get bufferSize(): number {
    return this.#queue.length;
  }

  /**
   * Sends `data`. Throws PeerJS's errors synchronously for values that the serialization cannot carry. Resolves when the
   * message is posted to the host; rejects if it will not be sent (callers that do not await need not handle this).
   * Before `open` and after `close`, emits `error` of type `not-open-yet`.
   */
  send(data: unknown, _chunked = false): Promise<void> {
    if (!this.open) {
      const message = 'Connection is not open. You should listen for the `open` event before sending messages.';
      this.emitError('not-open-yet', message);
      return this.#handled(safe.Promise.reject(new PeerError('not-open-yet', message)));
    }
    return this.#handled(this._send(data));
  }

  /** Closes the connection. With `flush`, asks the remote peer to close it after receiving everything sent before. */
  override close(options?: { flush?: boolean }): void {
    if (options?.flush) {
      void this.send({ __peerData: { type: 'close' } });
      return;
    }
    if (!this._isClosed) this.#queue.flush();
    super.close();
  }

  /** Serializes and queues `data`. Throws if it cannot be serialized. */
  protected abstract _send(data: unknown): Promise<void>;

  /** Decodes data from the host and emits `data`. */
  protected abstract _read(data: unknown): void;

  protected override _deliver(data: unknown): void {
    if (this.open) this._read(data);
  }

  /** Queues a copy of `bytes`, so the caller may reuse them. */
  protected _pushBytes(bytes: Uint8Array): Promise<void> {
    if (bytes.length <= SMALL_MESSAGE) return this.#queue.pushSmall(bytes);
    return this.#queue.push({ byteLength: bytes.length, segments: segmentsOf(bytes) });
  }

  /** Queues text that certainly takes at most SMALL_MESSAGE bytes of UTF-8. */
  protected _pushText(text: string): Promise<void> {
    return this.#queue.pushText(text);
  }

  protected _push(message: PackedMessage): Promise<void> {
    return this.#queue.push(message);
  }

  /** Queues the frame that RTCDataChannel's `send` makes of `data`. */
  protected _sendFrame(data: unknown): Promise<void> {
    const frame = channelFrame(data, this.#maxMessageSize);
    if (frame.size <= this.#maxMessageSize) return this.#queue.pushFrame(frame.data);
    return this._refuse(`Message too big: ${frame.size} bytes, the limit is ${this.#maxMessageSize}`);
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
      peerKey: provider._host.peerKey,
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

  /** Prevents unhandled rejections: PeerJS's `send` returns nothing, so callers ignore our promise. */
  #handled(promise: Promise<void>): Promise<void> {
    safe.then(
      promise,
      () => undefined,
      () => undefined,
    );
    return promise;
  }
}
