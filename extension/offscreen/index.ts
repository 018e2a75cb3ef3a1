// Chrome's engine host: the offscreen document, which lives until the background closes it.
import { startHost } from '../host/start-host';
import { onBridgeDelivery } from '../platform/chrome/bridge-deliveries';
import { runtime, sendMessage } from '../platform/runtime';
import { serviceWorkerSender } from './service-worker-sender';

startHost({
  sendToBackground: sendMessage,
  requests: runtime.onMessage,
  background: serviceWorkerSender(runtime.id, runtime.getURL('')),
  onBridgeDelivery,
  // Nothing to do: the background closes the host only after the host has reported that it is idle.
  onOccupied: () => undefined,
  countsClosedConnections: true,
});
