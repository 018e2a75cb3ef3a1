// Puts `Peer` and `peerjs` on the page's window, and nothing else. Configurable and writable, so that a page which loads
// or declares its own works as if these were not there.
import { HostLink, type OpenAttachPort } from './connection/host-link';
import { PeerBase } from './peer';
import { DEFAULT_KEY, type PeerOptions } from './peer-options';
import { util } from './util';

export function install(target: object, openAttachPort: OpenAttachPort): void {
  const Peer = definePeer(new HostLink(openAttachPort));
  define(target, 'Peer', Peer);
  define(target, 'peerjs', { Peer, util });
}

function definePeer(link: HostLink) {
  class Peer extends PeerBase {
    static readonly DEFAULT_KEY = DEFAULT_KEY;

    constructor(id?: unknown, options?: PeerOptions) {
      super(link, id, options);
    }
  }
  // A minifier may have renamed it.
  Object.defineProperty(Peer, 'name', { value: 'Peer' });
  return Peer;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}
