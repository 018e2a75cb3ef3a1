/**
 * The ICE state, or `failed` if encryption (DTLS) has failed. The browser then leaves `iceConnectionState` at
 * `connected` or `disconnected` forever. PeerJS and its pages watch only that state, so the connection would never end.
 */
export function iceStateOf({
  connectionState,
  iceConnectionState,
}: Pick<RTCPeerConnection, 'connectionState' | 'iceConnectionState'>): RTCIceConnectionState {
  return connectionState === 'failed' ? 'failed' : iceConnectionState;
}
