// The globals of every page, and the types with them: the entry of what a package publishes. tsconfig.json leaves this file out,
// because the test pages give the same names PeerJS's types; test/unit/api/public-types.test.ts compiles it.
import type { PeerConstructor, PeerJSGlobal } from './public-types';

export type * from './public-types';

declare global {
  interface Window {
    /** The class of Peers, here before the page's first script. Writable: a page's own PeerJS replaces it. */
    Peer: PeerConstructor;
    /** `Peer` and `util`. Writable, like `Peer`. */
    peerjs: PeerJSGlobal;
  }
  var Peer: PeerConstructor;
  var peerjs: PeerJSGlobal;
}
