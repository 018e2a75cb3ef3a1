// What a page is told in place of a message that its port does not carry: one that is too large for a runtime port, or that
// cannot be cloned. Never nothing where the page waits for it.
import type { HostMessage } from '../../protocol/host-messages';

const LOST_DATA =
  'A message of the remote peer was lost: it is larger than this kind of document can be given (64 MiB at most), or cannot be cloned.';
const LOST = 'A message for this document was lost: it is larger than it can be given, or cannot be cloned.';

/** Undefined where there is nothing to say, or no way: errors are words already. */
export function insteadOf(message: HostMessage): HostMessage | undefined {
  switch (message.type) {
    case 'data':
    case 'texts':
      return connectionError(message.connectionKeys[0]!, LOST_DATA);
    case 'connection.stats':
      return { ...message, stats: [] };
    case 'peer.listed':
      return { type: message.type, peerKey: message.peerKey, requestId: message.requestId, error: LOST };
    case 'connection.incoming':
    case 'call.incoming':
    case 'peer.signal':
    case 'peer.socketMessage':
      return { type: 'peer.error', peerKey: message.peerKey, error: { type: 'webrtc', message: LOST } };
    case 'connection.state':
    case 'connection.sdp':
    case 'call.signal':
      return connectionError(message.connectionKey, LOST);
    default:
      return undefined;
  }
}

function connectionError(connectionKey: number, message: string): HostMessage {
  return { type: 'connection.error', connectionKey, error: { type: 'message-too-big', message } };
}
