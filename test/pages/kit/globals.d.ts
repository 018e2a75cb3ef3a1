// The globals of test pages, for functions that specs evaluate there.
import type { Peer as PeerJS, util as peerUtil } from 'peerjs';
import type { kit as Kit } from './kit';

declare global {
  const kit: typeof Kit;
  const Peer: typeof PeerJS;
  const peerjs: { Peer: typeof PeerJS; util: typeof peerUtil };
}
