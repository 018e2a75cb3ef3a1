// Chrome's path from the bridge frame to the offscreen document, through the extension's service worker.
import type { BridgeHost } from '../forms';

/** Rejects if the frame may not use service workers, as in a sandboxed document. */
export const deliverToHost: BridgeHost['deliverToHost'] = async (delivery, port) => {
  const { active } = await navigator.serviceWorker.ready;
  active!.postMessage(delivery, [port]);
};
