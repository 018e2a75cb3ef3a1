// Firefox's background and engine host, in one event page that Firefox suspends when it is idle and wakes for an event.
import { fromPage } from '../../src/channel/control';
import { startBackground } from '../background/start-background';
import { startHost } from '../host/start-host';
import { KeepAlive } from '../platform/firefox/keep-alive';
import { onBridgeDelivery } from '../platform/firefox/relay';
import { runtime } from '../platform/runtime';
import { LocalMessages } from './local-messages';

const pageUrl = location.href;
const messages = new LocalMessages({ id: runtime.id, url: pageUrl, origin: location.origin });
const keepAlive = new KeepAlive();
let isHostOpen = false;

startBackground({
  sendToHost: messages.background.send,
  sources: [runtime.onMessage, messages.background.onMessage],
  openHost: async () => {
    if (!isHostOpen) openHost();
    isHostOpen = true;
  },
  // Nothing to do: an idle host costs nothing, and Firefox ends it with the event page.
  closeHost: async () => undefined,
  hostUrl: pageUrl,
});

/** Called only when the background needs the host. Until then the panel finds no host, and no request reaches one. */
function openHost(): void {
  startHost({
    sendToBackground: messages.host.send,
    requests: messages.host.onMessage,
    background: fromPage('the background', runtime.id, pageUrl),
    onBridgeDelivery,
    onOccupied: (isOccupied) => keepAlive.set(isOccupied),
    countsClosedConnections: false,
  });
}
