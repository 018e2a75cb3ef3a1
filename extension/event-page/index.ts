// Firefox's background and engine host: one event page, which Firefox suspends when it has nothing to do, and wakes.
import { isFromPage } from '../../src/channel/control';
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
  // It costs nothing while nothing is attached, and Firefox ends it with the page.
  closeHost: async () => undefined,
  hostUrl: pageUrl,
});

/** Not before the background wants it: until then the panel finds no host, and no request can be made. */
function openHost(): void {
  startHost({
    sendToBackground: messages.host.send,
    requests: messages.host.onMessage,
    isFromBackground: (sender) => isFromPage(sender, runtime.id, pageUrl),
    onBridgeDelivery,
    onOccupied: (isOccupied) => keepAlive.set(isOccupied),
    countsClosedConnections: false,
  });
}
