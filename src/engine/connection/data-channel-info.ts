// A data channel's properties, for the page's facade.
import { INITIAL_WINDOW, type DataChannelInfo } from '../../protocol/host-messages';

export function describeChannel(
  channel: RTCDataChannel,
  peerConnection: Pick<RTCPeerConnection, 'sctp'> | undefined,
): DataChannelInfo {
  const { label, ordered, protocol, id, maxPacketLifeTime, maxRetransmits, negotiated } = channel;
  const maxMessageSize = peerConnection?.sctp?.maxMessageSize ?? INITIAL_WINDOW;
  return { label, ordered, protocol, id, maxPacketLifeTime, maxRetransmits, negotiated, maxMessageSize };
}
