// The extension's own site: the welcome page, whose self-test connects two Peers. Allowed without a prompt; keeps no
// IDs.
import type { Policy, SiteName } from '../../protocol/ui-messages';
import type { ManagedSite } from '../policy/managed-policy';
import { nameServer } from '../servers/named-server';

/** True for an extension origin. The background gives such an origin only to its own welcome page. */
export function isSelfTestSite({ origin }: SiteName): boolean {
  return /^(chrome|moz)-extension:/.test(origin);
}

/** Allows the user's own PeerServer, even on a private address. */
export function selfTestSite({ origin }: SiteName, { peerServer }: Policy): ManagedSite {
  return {
    origin,
    decision: 'allow',
    privateServers: peerServer ? [nameServer(peerServer).origin] : [],
    settings: { keepId: false },
  };
}
