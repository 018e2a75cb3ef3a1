// Replaces messages that a page's port cannot carry, because they are too large for a runtime port or cannot be cloned.
// A message that the page waits for always has a replacement.
import type { HostMessage } from '../../protocol/host-messages';

const LOST_DATA =
  'A message of the remote peer was lost: it is too large for this kind of document (64 MiB at most), or cannot be cloned.';
const LOST = 'A message for this document was lost: it is too large for the document, or cannot be cloned.';

/** Undefined if the message needs no replacement. An error has none: its replacement would be an error again. */
export function replacementFor(message: HostMessage): HostMessage | undefined {
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
