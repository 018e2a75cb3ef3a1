// The contract between the page's main-world script and its content script: one event that carries a MessagePort, then
// messages over that port. The port stays the data plane where the relay is used.
import type { PeerStart } from './page-messages';

/** A MessageEvent of this type on `window`, with one port, asks the content script to attach the document. */
export const ATTACH_EVENT = 'peerport:attach';

/** Page to content script. */
export type AttachPageMessage =
  /** The first message: the Peer to start while the way to the host is still being made. */
  | { type: 'attach'; start: PeerStart }
  /** The host has acknowledged over the port of `use-port`. */
  | { type: 'attached' };

/** Content script to page. */
export type AttachContentMessage =
  /** Talk to the host over the port that comes with this message, as soon as it has acknowledged there. */
  | { type: 'use-port' }
  /** No such port works here: talk to the host over this port. */
  | { type: 'use-relay' }
  /** The person or the policy said no. */
  | { type: 'denied'; message: string }
  /** The extension cannot be reached, or the host is gone. */
  | { type: 'lost'; message: string };
