// The globals of a test page, as the functions that the specs evaluate there see them.
import type { Peer as PeerJS, util as peerUtil } from 'peerjs';
import type { kit as Kit } from './kit';

declare global {
  const kit: typeof Kit;
  const Peer: typeof PeerJS;
  const peerjs: { Peer: typeof PeerJS; util: typeof peerUtil };
}
