/**
 * The ICE state, with `failed` also where the encryption (DTLS) has failed. A browser then leaves `iceConnectionState` at
 * `connected` or `disconnected` for ever, and PeerJS and its pages watch no other state, so the connection would never end.
 */
export function iceStateOf({
  connectionState,
  iceConnectionState,
}: Pick<RTCPeerConnection, 'connectionState' | 'iceConnectionState'>): RTCIceConnectionState {
  return connectionState === 'failed' ? 'failed' : iceConnectionState;
}
