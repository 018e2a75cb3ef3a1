// Chrome's engine host: the offscreen document, which lives until the background closes it.
import { startHost } from '../host/start-host';
import { onBridgeDelivery } from '../platform/chrome/bridge-deliveries';
import { runtime, sendMessage } from '../platform/runtime';

startHost({
  sendToBackground: sendMessage,
  requests: runtime.onMessage,
  /**
   * Content scripts can send runtime messages too, and have no tab if a page of another extension embeds their page. Only the
   * background belongs to this extension and has no document.
   */
  isFromBackground: ({ id, url, tab, documentId }) => {
    const isOurs = id === runtime.id && url?.startsWith(runtime.getURL('')) === true;
    return isOurs && tab === undefined && documentId === undefined;
  },
  onBridgeDelivery,
  // Nothing to do: the background closes the host only after the host has reported that it is idle.
  onOccupied: () => undefined,
  countsClosedConnections: true,
});
