// The contract between the page's main-world script and its content script: one event that carries a MessagePort, then
// messages over that port. Once the background has admitted the document, the port is joined to the host's, and messages
// of the data plane pass over it too.
import type { PeerErrorType } from './errors';
import type { PeerStart } from './page-messages';

/** A MessageEvent of this type on `window`, with one port, asks the content script to attach the document. */
export const ATTACH_EVENT = 'peerport:attach';

/** Page to content script, the first message: the Peer to start while the way to the host is still being made. */
export interface AttachRequestMessage {
  type: 'attach';
  start: PeerStart;
}

/** Content script to page. */
export type AttachContentMessage =
  /** Comes with a port that the host may move to: listen there once it says `moving`. */
  | { type: 'use-port' }
  /** The person or the policy said no, or the Peer cannot be had as it is. `errorType`: absent: `permission-denied`. */
  | { type: 'denied'; message: string; errorType?: PeerErrorType }
  /** The extension cannot be reached, or the host is gone. */
  | { type: 'lost'; message: string };
