// Signalling messages between the two ends of an RTCPeerConnection. Peers exchange them through PeerServer; page and host
// over their port.

/** `type` is PeerServer's name of the message, `payload` is PeerJS's. */
export interface SignalMessage {
  type: 'OFFER' | 'ANSWER' | 'CANDIDATE';
  payload: Record<string, unknown>;
}

/** A remote peer's message, as PeerServer passes it on. */
export interface RelayedMessage extends SignalMessage {
  src: string;
}

/** Our message to PeerServer, which sets `src` and forwards exactly these fields. */
export interface ClientMessage extends SignalMessage {
  dst: string;
}
