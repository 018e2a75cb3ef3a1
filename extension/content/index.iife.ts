// Runs in the isolated world of every document. Costs two listeners until the page constructs its first Peer.
import { ATTACH_EVENT } from '../../src/protocol/attach-messages';
import { AttachingDocument, refuseSecond } from './attaching-document';

/** The document's attachment. A new one can start once the page has been told that this one is over. */
let current: AttachingDocument | undefined;

// Registered before any script of the page, so that the page's own listeners on `window` never see the event.
window.addEventListener(
  ATTACH_EVENT,
  (event) => {
    event.stopImmediatePropagation();
    const port = (event as MessageEvent).ports[0];
    if (!port) return;
    if (current && !current.isOver) refuseSecond(port);
    else current = new AttachingDocument(port);
  },
  { capture: true },
);

window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) current?.handleRestoration();
});
