// The contract between the page's main-world script and its content script: one event that carries a MessagePort, then
// messages over that port. Once the background has admitted the document, the content script joins the port to the
// host's, and the port carries the data plane, too.
import type { PeerErrorType } from './errors';
import type { PeerStart } from './page-messages';

/** A MessageEvent of this type on `window`, with one port, asks the content script to attach the document. */
export const ATTACH_EVENT = 'peerport:attach';

/** Page to content script, the first message: the Peer that the host can start before the document is attached. */
export interface AttachRequestMessage {
  type: 'attach';
  start: PeerStart;
}

/** Content script to page. */
export type AttachContentMessage =
  /** Comes with a port that the host may move to. The page listens on it after the host's `moving`. */
  | { type: 'use-port' }
  /** The user or a policy refused, or the Peer's options are unusable. Default `errorType`: `permission-denied`. */
  | { type: 'denied'; message: string; errorType?: PeerErrorType }
  /** The extension cannot be reached, or the host is gone. */
  | { type: 'lost'; message: string };
