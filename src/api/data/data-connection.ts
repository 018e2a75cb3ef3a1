// PeerJS's DataConnection in the page (PeerJS lib/dataconnection/). Shows PeerJS's members and events, and joins its
// collaborators: the codec of its serialization, the queue of unsent messages, its life in the host port, and the facades of
// the RTCPeerConnection and the data channel, which the host owns.
import type { DataConnectionMessage, IncomingConnection } from '../../protocol/host-messages';
import type { Serialization } from '../../protocol/serializations';
import { BaseConnection, type BaseConnectionOptions, type ConnectionProvider } from '../connection/base-connection';
import { checkConfiguration } from '../connection/configuration';
import { ConnectionLife, type ConnectionKind } from '../connection/connection-life';
import { commonRequest } from '../connection/connection-options';
import { emitAndReject, PeerError } from '../connection/peer-error';
import { HOST } from '../connection/peer-host';
import { DataChannelFacade } from '../facades/data-channel-facade';
import { PeerConnectionFacade } from '../facades/peer-connection-facade';
import { safe } from '../safe/built-ins';
import { acceptProxies } from '../safe/proxies';
import { logger } from '../safe/logger';
import { sendFrame } from './channel-frame';
import { SendQueue } from './send-queue';

export interface DataConnectionOptions extends BaseConnectionOptions {
  label?: string;
  serialization?: string;
  reliable?: boolean;
  /** @internal The host's message about an incoming connection. */
  _payload?: IncomingConnection;
}

/** How a serialization writes the page's values, and reads what the host delivers. */
export interface Codec {
  readonly serialization: Serialization;
  /** Queues `data`. Throws PeerJS's error for a value that the serialization cannot carry. */
  write(data: unknown, queue: SendQueue, connection: DataConnection): Promise<void>;
  /** Decodes data from the host, and emits it on the connection, which is open. */
  read(data: unknown, connection: DataConnection): void;
}

const NOT_OPEN = 'Connection is not open. You should listen for the `open` event before sending messages.';

export class DataConnection extends BaseConnection {
  readonly serialization: string;
  label: string;
  readonly reliable: boolean;
  peerConnection: PeerConnectionFacade | null;
  dataChannel: DataChannelFacade | null | undefined;
  readonly #life: ConnectionLife<DataConnectionMessage>;
  readonly #queue: SendQueue;
  readonly #codec: Codec;

  constructor(peer: string, provider: ConnectionProvider, options: DataConnectionOptions, codec: Codec) {
    super(peer, provider, options, 'dc_');
    const { _payload: incoming } = options;
    const { port } = provider[HOST];
    if (!incoming) checkConfiguration(provider.options.config);
    this.serialization = codec.serialization;
    this.label = options.label || this.connectionId;
    this.reliable = !!options.reliable;
    this.#codec = codec;
    this.#life = new ConnectionLife(this, port, this.#kind(), incoming?.connectionKey);
    this.#queue = new SendQueue(this.#life.key, port);
    this.peerConnection = this.#createPeerConnection(provider);
    if (incoming) return;
    this.dataChannel = this.#createDataChannel();
    // PeerJS makes the offer in a later task, too.
    safe.queueMicrotask(() => this.#create());
  }

  get type(): 'data' {
    return 'data';
  }

  get open(): boolean {
    return this.#life.isOpen;
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
    return handled(
      this.#life.isOpen ? this.#codec.write(data, this.#queue, this) : emitAndReject(this, 'not-open-yet', NOT_OPEN),
    );
  }

  /** Closes the connection. With `flush`, asks the remote peer to close it after receiving everything sent before. */
  close(options?: { flush?: boolean }): void {
    if (options?.flush) {
      void this.send({ __peerData: { type: 'close' } });
      return;
    }
    if (!this.#life.isClosed) this.#queue.flush();
    this.#life.close();
  }

  #kind(): ConnectionKind<DataConnectionMessage> {
    return {
      handle: (message) => {
        this.#handle(message);
      },
      deliver: (data) => {
        if (this.#life.isOpen) this.#codec.read(data, this);
      },
      handleState: (state) => this.peerConnection?.handleState(state),
      release: () => {
        this.#queue.close(new PeerError('connection-closed', 'The connection closed before the message was sent.'));
        this.peerConnection?.handleClose();
        this.dataChannel?.handleClose();
        this.dataChannel = null;
      },
    };
  }

  #create(): void {
    const { provider } = this;
    if (!provider) return;
    const request = commonRequest(this, provider);
    if (!request) return;
    const { serialization, reliable } = this;
    this.#life.post({ type: 'connection.create', ...request, label: String(this.label), serialization, reliable });
  }

  #createPeerConnection(provider: ConnectionProvider): PeerConnectionFacade {
    return new PeerConnectionFacade({
      configuration: () => provider.options.config ?? {},
      close: () => {
        this.close();
      },
      getStats: () => this.#life.stats.request(),
    });
  }

  #createDataChannel(): DataChannelFacade {
    return new DataChannelFacade(
      { label: String(this.label), ordered: this.reliable },
      {
        bufferedBytes: () => this.#queue.bufferedBytes,
        send: (data) => {
          void handled(sendFrame(data, this.#queue, this));
        },
        close: () => {
          this.close();
        },
      },
    );
  }

  #handle(message: DataConnectionMessage): void {
    switch (message.type) {
      case 'connection.open':
        if (message.connectionId) {
          if (this.label === this.connectionId) this.label = message.connectionId;
          this.connectionId = message.connectionId;
        }
        this.#queue.maxMessageSize = message.dataChannel.maxMessageSize || Infinity;
        this.dataChannel ??= this.#createDataChannel();
        this.#life.open();
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
}

acceptProxies(DataConnection);

/** Prevents unhandled rejections: PeerJS's `send` returns nothing, so callers ignore our promise. */
function handled(promise: Promise<void>): Promise<void> {
  safe.then(
    promise,
    () => undefined,
    () => undefined,
  );
  return promise;
}
