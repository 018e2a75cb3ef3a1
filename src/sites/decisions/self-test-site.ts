// The extension's own site: the welcome page, whose self-test connects two Peers. Nobody is asked, and nothing is kept.
import type { Policy, SiteName } from '../../protocol/ui-messages';
import type { ManagedSite } from '../policy/managed-policy';
import { nameServer } from '../servers/named-server';

/** Sites have web origins; the background gives only its own welcome page another one. */
export function isSelfTestSite({ origin }: SiteName): boolean {
  return /^(chrome|moz)-extension:/.test(origin);
}

/** The PeerServer is the user's own choice, wherever it is. */
export function selfTestSite({ origin }: SiteName, { peerServer }: Policy): ManagedSite {
  return {
    origin,
    decision: 'allow',
    privateServers: peerServer ? [nameServer(peerServer).origin] : [],
    settings: { keepId: false },
  };
}
