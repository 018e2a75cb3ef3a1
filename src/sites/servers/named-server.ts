// A PeerServer's label for the user, and its key for decisions.
import { serverLabel, serverOrigin, type PeerServerAddress } from '../../protocol/peer-server';
import type { NamedServer } from '../../protocol/control-messages';
import { isLocalHost, isPrivateHost } from './private-address';

export function nameServer(server: PeerServerAddress): NamedServer {
  return {
    origin: serverOrigin(server),
    label: serverLabel(server),
    isPrivate: isPrivateHost(server.host),
    isEncrypted: server.secure,
  };
}

/** Whether pages of this origin come from this machine or its local network. */
export function isPrivateOrigin(origin: string): boolean {
  return /^https?:/.test(origin) && isLocalHost(new URL(origin).hostname);
}
