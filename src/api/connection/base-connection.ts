// The base of PeerJS's data connections and calls (PeerJS lib/baseconnection.ts). Owns the connection's state, so that reads
// are synchronous and events come in PeerJS's order, and exchanges messages with the connection in the host.
import type { ConnectionErrorType, PeerErrorType } from '../../protocol/errors';
import type {
  CallMessage,
  ConnectionMessage,
  DataConnectionMessage,
  PeerConnectionState,
} from '../../protocol/host-messages';
import { safe, visitAll } from '../safe/built-ins';
import type { DataChannelFacade } from '../facades/data-channel-facade';
import type { HostPort } from './host-port';
import type { PageMessage } from '../../protocol/page-messages';
import { EventEmitterWithError } from './peer-error';
import { randomToken } from '../safe/random-token';
import { itemsOf, numberTable } from '../safe/number-table';

export interface BaseConnectionOptions {
  metadata?: unknown;
  connectionId?: string;
  constraints?: RTCOfferOptions;
  sdpTransform?: (sdp: string) => string;
}

/** The members of a Peer that its connections use. */
export interface ConnectionProvider {
  readonly options: { config?: RTCConfiguration };
  /** @internal */
  readonly _host: { port: HostPort; peerKey: number };
  /** @internal */
  _removeConnection: (connection: BaseConnection) => void;
  emitError: (type: PeerErrorType, error: Error | string) => void;
}

/** An RTCPeerConnection as the page sees it, in the page or in the host. */
export type VisiblePeerConnection = Pick<RTCPeerConnection, 'iceConnectionState' | 'getStats' | 'close'> & EventTarget;

export interface BaseConnectionInit {
  peer: string;
  provider: ConnectionProvider;
  idPrefix: string;
  options: BaseConnectionOptions;
  /** The host's key of an incoming connection. Undefined for the page's own. */
  connectionKey: number | undefined;
}

export abstract class BaseConnection extends EventEmitterWithError<ConnectionErrorType> {
  abstract readonly type: 'data' | 'media';
  abstract peerConnection: VisiblePeerConnection | null | undefined;
  abstract dataChannel: DataChannelFacade | RTCDataChannel | null | undefined;
  readonly peer: string;
  connectionId: string;
  readonly metadata: unknown;
  readonly options: BaseConnectionOptions;
  provider: ConnectionProvider | null;
  readonly #port: HostPort;
  readonly #key: number;
  #statsRequests = numberTable<(stats: [string, unknown][]) => void>();
  #lastStatsRequest = 0;
  #isOpen = false;
  #isClosed = false;

  constructor({ peer, provider, idPrefix, options, connectionKey }: BaseConnectionInit) {
    super();
    this.peer = peer;
    this.provider = provider;
    this.options = options;
    this.metadata = options.metadata;
    this.connectionId = options.connectionId || idPrefix + randomToken();
    this.#port = provider._host.port;
    this.#key = connectionKey ?? this.#port.nextConnectionKey();
    this.#port.addConnection(this.#key, {
      handle: (message) => {
        this.#handle(message);
      },
      deliver: (data) => {
        this._deliver(data);
      },
      handleHostLoss: () => {
        this._end();
      },
    });
  }

  get open(): boolean {
    return this.#isOpen;
  }

  /** @internal */
  get _key(): number {
    return this.#key;
  }

  /** @internal */
  get _isClosed(): boolean {
    return this.#isClosed;
  }

  /** Closes the connection at both ends. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this._post({ type: 'connection.close', connectionKey: this.#key });
    this._end();
  }

  /** @internal Handles data from the host. */
  protected _deliver(_data: unknown): void {
    // Calls get no data.
  }

  /** @internal What only one kind of connection handles: each gets those of its own kind. */
  protected abstract _handle(message: DataConnectionMessage | CallMessage): void;

  /** @internal Mirrors the state of the RTCPeerConnection in the host. */
  protected abstract _mirror(state: PeerConnectionState): void;

  /** @internal Releases everything when the connection has ended. The caller sets `open` and emits `close`. */
  protected abstract _release(): void;

  /** @internal */
  protected _post(message: PageMessage, transfer?: Transferable[]): void {
    this.#port.post(message, transfer);
  }

  /** @internal */
  protected _setOpen(): void {
    this.#isOpen = true;
  }

  /** @internal Returns JSON text, which the remote peer gets. Undefined, after ending the connection, if that fails. */
  protected _metadataText(): { metadata?: string } | undefined {
    try {
      const metadata = safe.stringify(this.metadata) as string | undefined;
      return metadata === undefined ? {} : { metadata };
    } catch (error) {
      // PeerJS fails when it signals the offer, and emits the error on the Peer.
      this.provider?.emitError('webrtc', error as Error);
      this.close();
      return undefined;
    }
  }

  /** @internal The statistics of the connection in the host. */
  protected _hostStats(): Promise<[string, unknown][]> {
    return new safe.Promise((resolve) => {
      if (this.#isClosed) {
        resolve([]);
        return;
      }
      const requestId = ++this.#lastStatsRequest;
      this.#statsRequests[requestId] = resolve;
      this._post({ type: 'connection.getStats', connectionKey: this.#key, requestId });
    });
  }

  /** @internal Handles `iceconnectionstatechange` like PeerJS (lib/negotiator.ts). */
  protected _handleIceState(state: RTCIceConnectionState): void {
    if (state === 'failed') {
      this.emitError('negotiation-failed', `Negotiation of connection to ${this.peer} failed.`);
      this.close();
    }
    // PeerJS reads the state only now, so it emits `closed` for a connection that it has just closed.
    this.emit('iceStateChanged', state === 'failed' ? 'closed' : state);
  }

  /** @internal Applies the page's `sdpTransform`, if any. Undefined, after ending the connection, if that throws. */
  protected _transformed(sdp: string): string | undefined {
    try {
      return String(this.options.sdpTransform?.(sdp) || sdp);
    } catch (error) {
      this.provider?.emitError('webrtc', error as Error);
      this.emitError('negotiation-failed', `sdpTransform threw: ${String(error)}`);
      this.close();
      return undefined;
    }
  }

  /** @internal Idempotent; emits `close` if the connection was open. */
  protected _end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#port.removeConnection(this.#key);
    visitAll(itemsOf(this.#statsRequests), (answer) => {
      answer([]);
    });
    this.#statsRequests = numberTable();
    this.provider?._removeConnection(this);
    this.provider = null;
    this._release();
    this.peerConnection = null;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.emit('close');
  }

  #handle(message: ConnectionMessage): void {
    switch (message.type) {
      case 'connection.closed':
        this._end();
        return;
      case 'connection.error':
        this.emitError(message.error.type, message.error.message);
        return;
      case 'connection.state':
        this._mirror(message.state);
        if (message.iceStateChanged) this._handleIceState(message.state.iceConnectionState);
        return;
      case 'connection.sdp': {
        const sdp = this._transformed(message.sdp);
        if (sdp !== undefined) this._post({ type: 'connection.sdpTransformed', connectionKey: this.#key, sdp });
        return;
      }
      case 'connection.stats':
        this.#statsRequests[message.requestId]?.(message.stats);
        delete this.#statsRequests[message.requestId];
        return;
      default:
        this._handle(message);
    }
  }
}

/** RTCOfferOptions without members that cannot cross a port. */
export function plainConstraints(
  constraints: object | undefined,
): Record<string, string | number | boolean> | undefined {
  if (!constraints) return undefined;
  const plain: Record<string, string | number | boolean> = {};
  for (const key in constraints) {
    const value = (constraints as Record<string, unknown>)[key];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') plain[key] = value;
  }
  return plain;
}
