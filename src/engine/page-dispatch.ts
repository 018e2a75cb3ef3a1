// Takes each message of a page to the Peer or connection that it names. Ignores messages about a Peer or connection that
// does not exist: it may have ended while the message was on its way.
import type { PageOutbox } from './connection/page-outbox';
import type { DocumentMessage } from './page-port';
import type { DocumentConnections } from './peer/document-connections';
import type { DocumentPeers } from './peer/document-peers';

interface PageMessageTargets {
  peers: DocumentPeers;
  connections: DocumentConnections;
  outbox: Pick<PageOutbox, 'recordAnswer'>;
}

export function dispatchPageMessage(
  message: DocumentMessage,
  { peers, connections, outbox }: PageMessageTargets,
): void {
  switch (message.type) {
    case 'peer.start':
      peers.start(message);
      return;
    case 'peer.disconnect':
      peers.disconnect(message.peerKey);
      return;
    case 'peer.destroy':
      peers.end(message.peerKey);
      return;
    case 'peer.listAllPeers':
      void peers.find(message.peerKey)?.listAllPeers(message.requestId);
      return;
    case 'peer.send':
      peers.find(message.peerKey)?.signal(message);
      return;
    case 'peer.connectionGone':
      peers.find(message.peerKey)?.handleGone(message);
      return;
    case 'peer.watchSocket':
      peers.find(message.peerKey)?.watchSocket();
      return;
    case 'connection.create':
      if (!connections.find(message.connectionKey)) peers.find(message.peerKey)?.connect(message);
      return;
    case 'connection.send':
      outbox.recordAnswer();
      connections.findChannel(message.connectionKey)?.send(message.announced, message.chunks);
      return;
    case 'connection.sendFrames':
      outbox.recordAnswer();
      connections.findChannel(message.connectionKey)?.sendFrames(message.frames);
      return;
    case 'connection.abortMessage':
      connections.findChannel(message.connectionKey)?.abortMessage();
      return;
    case 'connection.close':
      connections.close(message.connectionKey);
      return;
    case 'connection.sdpTransformed':
      connections.find(message.connectionKey)?.sdpTransform?.settle(message.sdp);
      return;
    case 'connection.getStats':
      void connections.postStats(message.connectionKey, message.requestId);
      return;
    case 'call.create':
      if (!connections.find(message.connectionKey)) peers.find(message.peerKey)?.call(message);
      return;
    case 'call.answer':
      connections.findCall(message.connectionKey)?.answer(message);
      return;
    case 'call.signal':
      connections.findCall(message.connectionKey)?.handlePageSignal(message.to, message.message);
      return;
    default:
      message satisfies never;
  }
}
