// The PeerServer that a Peer uses: the server that its page names, except that the user's own server replaces PeerJS's
// public one, which is also the server of a page that names none.
import type { UsedServer } from '../../protocol/control-messages';
import { CLOUD_SERVER, isSameServer, type PeerServerAddress } from '../../protocol/peer-server';
import type { Policy } from '../../protocol/ui-messages';

export function usedServer(named: PeerServerAddress, { peerServer }: Pick<Policy, 'peerServer'>): UsedServer {
  if (!peerServer || !isSameServer(named, CLOUD_SERVER)) return { server: named, isOwnServer: false };
  return { server: peerServer, isOwnServer: true };
}
