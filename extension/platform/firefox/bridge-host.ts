// Firefox's path from the bridge frame to the event page, through the extension's SharedWorker.
import type { BridgeHost } from '../forms';
import { openRelay, type RelayMessage } from './relay';

/** Rejects if the frame may not use SharedWorkers. */
export const deliverToHost: BridgeHost['deliverToHost'] = async (delivery, port) => {
  const message: RelayMessage = { type: 'deliver', delivery };
  openRelay().postMessage(message, [port]);
};
