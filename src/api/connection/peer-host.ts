// The host port and key of a Peer, for its connections. A symbol names them, so that they meet no name of PeerJS's or the page's.
import type { HostPort } from './host-port';

export interface PeerHost {
  readonly port: HostPort;
  readonly peerKey: number;
}

export const HOST = Symbol();
