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
 * Flow control: a page may have this many bytes of a connection on the way (sent, and not yet passed on by the host)
 * until the host's first `connection.credit` names another window. What is larger than the window may be sent when
 * nothing else is on the way.
 */
export const INITIAL_WINDOW = 512 * 1024;

/** The mirrored state of a connection's RTCPeerConnection. */
export interface PeerConnectionState {
  connectionState: RTCPeerConnectionState;
  iceConnectionState: RTCIceConnectionState;
  iceGatheringState: RTCIceGatheringState;
  signalingState: RTCSignalingState;
  /** Absent: as before. */
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
  /** `sctp.maxMessageSize` of the link, bytes. */
  maxMessageSize: number;
}

interface ForPeer {
  peerKey: number;
}
/** An answer to the `peer.start` that carried this epoch. */
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

/** What the remote leg of a hosted call asks of the page's sender in the local link's media section `mid`. */
export interface SendingWish {
  mid: string;
  keyFrame: boolean;
  /** Bits a second; absent: as before. */
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
 * Data in the order of arrival: what `unpack` gave for binary, the frame for raw. `connectionKeys` has one key an item,
 * or a single one where all are for the same connection.
 */
export interface DataBatch {
  type: 'data';
  connectionKeys: number[];
  data: unknown[];
}

/** JSON text in UTF-8, in the order of arrival: the byte length of each, and all bytes in a row. */
export interface TextBatch {
  type: 'texts';
  connectionKeys: number[];
  byteLengths: number[];
  bytes: ArrayBuffer;
}

interface ConnectionOpen extends ForConnection {
  type: 'connection.open';
  dataChannel: DataChannelInfo;
  /** Of one that another page began, which this one took for a new one and gave an ID of its own. */
  connectionId?: string;
}

/** Handled alike by connections of both kinds. */
type CommonMessage =
  | ({ type: 'connection.closed' } & ForConnection)
  | ({ type: 'connection.error'; error: ErrorInfo<ConnectionErrorType> } & ForConnection)
  | ({ type: 'connection.state'; state: PeerConnectionState; iceStateChanged: boolean } & ForConnection)
  /** The description as `createOffer` made it, for the page's `sdpTransform`. */
  | ({ type: 'connection.sdp'; sdp: string } & ForConnection)
  | ({ type: 'connection.stats'; requestId: number; stats: [id: string, stats: unknown][] } & ForConnection);

/** For a data connection alone. */
export type DataConnectionMessage =
  | ConnectionOpen
  /** The host has passed on this many bytes of what the page sent; `window`: how many may be on the way from now on. */
  | ({ type: 'connection.credit'; bytes: number; window: number } & ForConnection);

/** For a call alone. */
export type CallMessage =
  | ConnectionOpen
  /** The call takes this route from now on: a setting says so, or the local link did not connect (`reason`). */
  | ({ type: 'call.route'; route: CallRoute; reason: string } & ForConnection)
  /** The remote peer has answered. */
  | ({ type: 'call.accepted' } & ForConnection)
  /** From the remote peer on the direct route, from the host over the local link. */
  | ({ type: 'call.signal'; from: 'remote' | 'link'; message: SignalMessage } & ForConnection)
  | ({ type: 'call.sending' } & SendingWish & ForConnection);

/** For a connection that the page has. */
export type ConnectionMessage = CommonMessage | DataConnectionMessage | CallMessage;

export type HostMessage =
  /** The document's runtime port is bound: the page may speak. */
  | { type: 'attached' }
  /** The last message on this way: what follows comes over the port of `use-port`. */
  | { type: 'moving' }
  /** Registered under `peerId`. */
  | ({ type: 'peer.open'; peerId: string } & ForAttempt)
  /** The registration failed for good; PeerJS aborts the Peer. `peerId`: the ID that was tried. */
  | ({ type: 'peer.failed'; error: ErrorInfo<PeerErrorType>; peerId?: string } & ForAttempt)
  /** The permission was taken away: the Peer ends, whatever it is doing, and all its connections. */
  | ({ type: 'peer.revoked'; message: string } & ForPeer)
  /** The socket was lost or could not be opened. */
  | ({ type: 'peer.lost'; peerId?: string } & ForAttempt)
  /** An error that leaves the Peer as it is. */
  | ({ type: 'peer.error'; error: ErrorInfo<PeerErrorType> } & ForPeer)
  /** For the page's developer, on the console: what no event of PeerJS tells of. */
  | ({ type: 'peer.warning'; message: string } & ForPeer)
  /** PeerServer says that the remote peer left. */
  | ({ type: 'peer.leave'; remotePeerId: string } & ForPeer)
  /** For a connection that the page's own serializer negotiates. */
  | ({ type: 'peer.signal'; message: RelayedMessage } & ForPeer)
  /** Such a connection is to end; the page answers with `peer.connectionGone`. */
  | ({ type: 'peer.closeConnection'; remotePeerId: string; connectionId: string } & ForPeer)
  /** A message of the server as it came, JSON or not, where the page has asked for them (`peer.watchSocket`). */
  | ({ type: 'peer.socketMessage'; text: string } & ForPeer)
  /** With neither: the server is the one that the page names, and the page is to ask it by itself, as PeerJS does. */
  | ({ type: 'peer.listed'; requestId: number; peerIds?: string[]; error?: string } & ForPeer)
  | IncomingConnection
  | IncomingCall
  | DataBatch
  | TextBatch
  | ConnectionMessage;
