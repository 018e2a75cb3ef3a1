// Chrome's background: the service worker. The engine host is an offscreen document, which it opens and closes, and to which
// it passes on the ports that bridge frames bring.
import { startBackground } from '../background/start-background';
import { closeOffscreenDocument, offscreenUrl, openOffscreenDocument } from '../platform/chrome/offscreen-document';
import { onClientMessage, postToClient } from '../platform/chrome/worker-clients';
import { runtime, sendMessage } from '../platform/runtime';
import { handOver } from './hand-over';

startBackground({
  sendToHost: sendMessage,
  sources: [runtime.onMessage],
  openHost: openOffscreenDocument,
  closeHost: closeOffscreenDocument,
  hostUrl: offscreenUrl,
});

onClientMessage((message) =>
  handOver(
    {
      extensionOrigin: location.origin,
      postToHost: (data, ports) => postToClient(offscreenUrl, data, ports),
    },
    message,
  ),
);
