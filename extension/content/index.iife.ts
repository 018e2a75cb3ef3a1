// Isolated world of every document: waits, at the price of one listener, for the page's first Peer.
import { ATTACH_EVENT } from '../../src/protocol/attach-messages';
import { AttachingDocument } from './attaching-document';

// Registered before any script of the page, so that the page's own listeners on `window` never see the event.
window.addEventListener(
  ATTACH_EVENT,
  (event) => {
    event.stopImmediatePropagation();
    const port = (event as MessageEvent).ports[0];
    if (port) new AttachingDocument(port);
  },
  { capture: true },
);
