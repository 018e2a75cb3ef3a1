// A transfer by a sender that minds its memory: no more than a few messages are ever waiting.
import { currentLink } from './link.js';
import { messagesOf } from './messages.js';
import { reportOfReceiver } from './transfer.js';

/** Below the 8 MiB at which PeerJS begins to queue in the page. */
const HIGH_WATER = 4 * 1024 * 1024;
const LOW_WATER = 1024 * 1024;

/** @param {import('./messages.js').Load} load */
export async function streamPaced(load) {
  const message = messagesOf(load);
  const link = currentLink();
  const reported = reportOfReceiver();
  link.dataChannel.bufferedAmountLowThreshold = LOW_WATER;
  for (let n = 0; n < load.count; n++) {
    const taken = link.send(message(n));
    // Peerport's promise settles when the host has the message; PeerJS returns nothing, so its channel is watched.
    await (taken ?? isDrained(link.dataChannel));
  }
  await reported;
}

/** @param {RTCDataChannel} channel */
function isDrained(channel) {
  if (channel.bufferedAmount <= HIGH_WATER) return undefined;
  return new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }));
}
