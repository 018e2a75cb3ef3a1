// Runs in the main world of every document: defines `window.Peer` before the page's first script, and does nothing more until
// the page constructs a Peer.
import { safe } from '../../src/api/safe/built-ins';
import { install } from '../../src/api/install';
import { ATTACH_EVENT } from '../../src/protocol/attach-messages';

install(window, () => {
  const { port1, port2 } = new safe.MessageChannel();
  safe.dispatchOnWindow(new safe.MessageEvent(ATTACH_EVENT, { ports: [port2] }));
  return port1;
});
