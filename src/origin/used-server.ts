// Which PeerServer a Peer really uses: the one that its page names, or in place of PeerJS's public one, which is what a page
// gets that names none, the user's own.
import { CLOUD_HOST, CLOUD_PORT, serverUrl, type PeerServerAddress } from '../protocol/peer-server';
import type { Policy } from '../protocol/ui-messages';

const CLOUD = serverUrl({ host: CLOUD_HOST, port: CLOUD_PORT, path: '/', key: 'peerjs', secure: true });

/** `named` itself where the user has none, or the page has named one. */
export function usedServer(named: PeerServerAddress, { peerServer }: Pick<Policy, 'peerServer'>): PeerServerAddress {
  return peerServer && serverUrl(named) === CLOUD ? peerServer : named;
}
