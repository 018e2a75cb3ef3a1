// Chrome's engine host: the offscreen document, which lives for as long as the background leaves it open.
import { startHost } from '../host/start-host';
import { onBridgeDelivery } from '../platform/chrome/bridge-deliveries';
import { runtime, sendMessage } from '../platform/runtime';

startHost({
  sendToBackground: sendMessage,
  requests: runtime.onMessage,
  /**
   * Content scripts can send runtime messages too, and where a page is framed by a page of another extension, there is no
   * tab either. The background alone is of this extension and has no document.
   */
  isFromBackground: ({ id, url, tab, documentId }) => {
    const isOurs = id === runtime.id && url?.startsWith(runtime.getURL('')) === true;
    return isOurs && tab === undefined && documentId === undefined;
  },
  onBridgeDelivery,
  // The background closes the host, and not before it says that it is idle.
  onOccupied: () => undefined,
  countsClosedConnections: true,
});
