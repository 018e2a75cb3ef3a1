// Which PeerServer a Peer really uses: the one that its page names, or in place of PeerJS's public one, which is what a page
// gets that names none, the user's own.
import type { UsedServer } from '../../protocol/control-messages';
import { CLOUD_SERVER, isSameServer, type PeerServerAddress } from '../../protocol/peer-server';
import type { Policy } from '../../protocol/ui-messages';

export function usedServer(named: PeerServerAddress, { peerServer }: Pick<Policy, 'peerServer'>): UsedServer {
  if (!peerServer || !isSameServer(named, CLOUD_SERVER)) return { server: named, isOwnServer: false };
  return { server: peerServer, isOwnServer: true };
}
