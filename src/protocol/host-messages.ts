// The data plane's contract: what the engine host says to a page. The host is ours, so the page needs no guard.
import type { ConnectionErrorType, ErrorInfo, PeerErrorType } from './errors';
import type { CallRoute } from './page-messages';
import type { RelayedMessage, SignalMessage } from './signalling';

/**
 * How many data events one `data` or `texts` message may hold. The page dispatches each from a listener of its own, because
 * the browser runs pending microtasks after each listener: code that awaits one message misses none of the following.
 */
export const MAX_EVENTS_PER_BATCH = 128;

/**
 * Bytes of a connection that the page may have on the way (sent, but not yet passed on by the host) until the host's
 * first `connection.credit` sets another window. A message larger than the window may go when nothing else is on the way.
 */
export const INITIAL_WINDOW = 512 * 1024;

/** The mirrored state of a connection's RTCPeerConnection. */
export interface PeerConnectionState {
  connectionState: RTCPeerConnectionState;
  iceConnectionState: RTCIceConnectionState;
  iceGatheringState: RTCIceGatheringState;
  signalingState: RTCSignalingState;
  /** Absent: unchanged. The same holds for `remoteDescription`. */
  localDescription?: RTCSessionDescriptionInit;
  remoteDescription?: RTCSessionDescriptionInit;
}

/** The mirrored properties of a connection's RTCDataChannel that do not change once it is open. */
export interface DataChannelInfo {
  label: string;
  ordered: boolean;
  protocol: string;
  id: number | null;
  maxPacketLifeTime: number | null;
  maxRetransmits: number | null;
  negotiated: boolean;
  /** `sctp.maxMessageSize` of the connection, bytes. */
  maxMessageSize: number;
}

interface ForPeer {
  peerKey: number;
}
/** Answers the `peer.start` with the same epoch. */
interface ForAttempt extends ForPeer {
  epoch: number;
}
interface ForConnection {
  connectionKey: number;
}

export interface IncomingConnection extends ForPeer, ForConnection {
  type: 'connection.incoming';
  remotePeerId: string;
  connectionId: string;
  label: string;
  metadata?: unknown;
  serialization: string;
  reliable: boolean;
}

/** A request from a hosted call's remote leg to the page's sender in media section `mid` of the local connection. */
export interface SendingWish {
  mid: string;
  keyFrame: boolean;
  /** Bits a second. Absent: unchanged. */
  maxBitrate?: number;
}

export interface IncomingCall extends ForPeer, ForConnection {
  type: 'call.incoming';
  remotePeerId: string;
  connectionId: string;
  metadata?: unknown;
  /** For a page that answers on the direct route. */
  offer: RTCSessionDescriptionInit;
}

/**
 * Data in the order of arrival: unpacked values for binary, frames for raw. `connectionKeys` has one key for each item,
 * or a single key if all items belong to the same connection.
 */
export interface DataBatch {
  type: 'data';
  connectionKeys: number[];
  data: unknown[];
}

/** JSON texts in UTF-8, in the order of arrival: `bytes` holds all of them in a row, `byteLengths` the length of each. */
export interface TextBatch {
  type: 'texts';
  connectionKeys: number[];
  byteLengths: number[];
  bytes: ArrayBuffer;
}

interface ConnectionOpen extends ForConnection {
  type: 'connection.open';
  dataChannel: DataChannelInfo;
  /**
   * The ID of an adopted connection that an earlier page opened. This page opened it as a new connection, under an ID of
   * its own, and now takes the old ID.
   */
  connectionId?: string;
}

/** Data connections and calls handle these alike. */
export type CommonMessage =
  | ({ type: 'connection.closed' } & ForConnection)
  | ({ type: 'connection.error'; error: ErrorInfo<ConnectionErrorType> } & ForConnection)
  | ({ type: 'connection.state'; state: PeerConnectionState; iceStateChanged: boolean } & ForConnection)
  /** The description as `createOffer` made it, for the page's `sdpTransform`. */
  | ({ type: 'connection.sdp'; sdp: string } & ForConnection)
  | ({ type: 'connection.stats'; requestId: number; stats: [id: string, stats: unknown][] } & ForConnection);

/** Only for data connections. */
export type DataConnectionMessage =
  | ConnectionOpen
  /** The host has passed on `bytes` of the page's data. `window`: bytes that may be on the way from now on. */
  | ({ type: 'connection.credit'; bytes: number; window: number } & ForConnection);

/** Only for calls. */
export type CallMessage =
  | ConnectionOpen
  /** The call takes this route from now on. `reason`: a setting, or the local connection failed. */
  | ({ type: 'call.route'; route: CallRoute; reason: string } & ForConnection)
  /** The remote peer has answered. */
  | ({ type: 'call.accepted' } & ForConnection)
  /** `remote`: from the remote peer, on the direct route. `host`: from the page leg, for the connection inside the browser. */
  | ({ type: 'call.signal'; from: 'remote' | 'host'; message: SignalMessage } & ForConnection)
  | ({ type: 'call.sending' } & SendingWish & ForConnection);

/** Addressed to one connection of the page. */
export type ConnectionMessage = CommonMessage | DataConnectionMessage | CallMessage;

export type HostMessage =
  /** The host has bound the document's runtime port: the page may send messages. */
  | { type: 'attached' }
  /** The host's last message on this port: later messages come over the port of `use-port`. */
  | { type: 'moving' }
  /** The Peer is registered under `peerId`. */
  | ({ type: 'peer.open'; peerId: string } & ForAttempt)
  /** The registration failed for good; PeerJS aborts the Peer. `peerId`: the ID that was tried. */
  | ({ type: 'peer.failed'; error: ErrorInfo<PeerErrorType>; peerId?: string } & ForAttempt)
  /** The user or an administrator revoked the permission: the Peer and all its connections end. */
  | ({ type: 'peer.revoked'; message: string } & ForPeer)
  /** The socket was lost or could not be opened. */
  | ({ type: 'peer.lost'; peerId?: string } & ForAttempt)
  /** An error that does not change the Peer's state. */
  | ({ type: 'peer.error'; error: ErrorInfo<PeerErrorType> } & ForPeer)
  /** A console message for the page's developer, about something that PeerJS has no event for. */
  | ({ type: 'peer.warning'; message: string } & ForPeer)
  /** PeerServer reports that the remote peer left. */
  | ({ type: 'peer.leave'; remotePeerId: string } & ForPeer)
  /** A remote peer's signal to a connection that the page's own serializer negotiates. */
  | ({ type: 'peer.signal'; message: RelayedMessage } & ForPeer)
  /** Asks the page to close a connection of its own serializer; the page answers with `peer.connectionGone`. */
  | ({ type: 'peer.closeConnection'; remotePeerId: string; connectionId: string } & ForPeer)
  /** A message from the server, unparsed: it may not be JSON. Only after the page's `peer.watchSocket`. */
  | ({ type: 'peer.socketMessage'; text: string } & ForPeer)
  /** Without `peerIds` and `error`, the page asks the server itself, as PeerJS does: the page named that server. */
  | ({ type: 'peer.listed'; requestId: number; peerIds?: string[]; error?: string } & ForPeer)
  | IncomingConnection
  | IncomingCall
  | DataBatch
  | TextBatch
  | ConnectionMessage;
