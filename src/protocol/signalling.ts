// What two ends of an RTCPeerConnection signal to each other: through PeerServer between peers, over their port between
// page and host.

/** Named as PeerServer names it; `payload` is PeerJS's. */
export interface SignalMessage {
  type: 'OFFER' | 'ANSWER' | 'CANDIDATE';
  payload: Record<string, unknown>;
}

/** What a remote peer signals, as PeerServer passes it on. */
export interface RelayedMessage extends SignalMessage {
  src: string;
}

/** What we send to PeerServer, which sets `src` and forwards exactly these fields. */
export interface ClientMessage extends SignalMessage {
  dst: string;
}
