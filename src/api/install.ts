// Defines `Peer` and `peerjs` on the page's window, and nothing else. Both are configurable and writable, so a page can load
// or declare its own versions.
import { HostPort, type OpenAttachPort } from './connection/host-port';
import { PeerBase } from './peer';
import { DEFAULT_KEY, type PeerOptions } from './peer-options';
import { util } from './util';

export function install(target: object, openAttachPort: OpenAttachPort): void {
  const Peer = definePeer(new HostPort(openAttachPort));
  define(target, 'Peer', Peer);
  define(target, 'peerjs', { Peer, util });
}

function definePeer(port: HostPort) {
  class Peer extends PeerBase {
    static readonly DEFAULT_KEY = DEFAULT_KEY;

    constructor(id?: unknown, options?: PeerOptions) {
      super(port, id, options);
    }
  }
  // A minifier may have renamed the class.
  Object.defineProperty(Peer, 'name', { value: 'Peer' });
  return Peer;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}
