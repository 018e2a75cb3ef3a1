// Chrome's background: the service worker. It opens and closes the offscreen document with the engine host, and passes the ports
// that bridge frames deliver on to it.
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
