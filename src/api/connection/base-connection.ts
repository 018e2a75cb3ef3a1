// What pages see of data connections and calls alike (PeerJS lib/baseconnection.ts): names, options and the Peer. The work is
// done by collaborators, which change these members: `ConnectionLife` sets `provider` and `peerConnection` to null at the end.
import type { ConnectionErrorType, PeerErrorType } from '../../protocol/errors';
import type { DataChannelFacade } from '../facades/data-channel-facade';
import { randomToken } from '../safe/random-token';
import { EventEmitterWithError } from './peer-error';
import type { HOST, PeerHost } from './peer-host';

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
  readonly [HOST]: PeerHost;
  /** @internal */
  _removeConnection: (connection: BaseConnection) => void;
  emitError: (type: PeerErrorType, error: Error | string) => void;
}

/** An RTCPeerConnection as the page sees it, in the page or in the host. */
export type VisiblePeerConnection = Pick<RTCPeerConnection, 'iceConnectionState' | 'getStats' | 'close'> & EventTarget;

export abstract class BaseConnection extends EventEmitterWithError<ConnectionErrorType> {
  abstract readonly type: 'data' | 'media';
  abstract readonly open: boolean;
  abstract peerConnection: VisiblePeerConnection | null | undefined;
  abstract dataChannel: DataChannelFacade | RTCDataChannel | null | undefined;
  readonly peer: string;
  connectionId: string;
  readonly metadata: unknown;
  readonly options: BaseConnectionOptions;
  provider: ConnectionProvider | null;

  constructor(peer: string, provider: ConnectionProvider, options: BaseConnectionOptions, idPrefix: string) {
    super();
    this.peer = peer;
    this.provider = provider;
    this.options = options;
    this.metadata = options.metadata;
    this.connectionId = options.connectionId || idPrefix + randomToken();
  }

  /** Closes the connection at both ends. Idempotent. */
  abstract close(): void;
}
