// A transfer by a sender that paces itself, so that only a few messages are queued at any time.
import { currentConnection } from './connection.js';
import { messagesOf } from './messages.js';
import { reportOfReceiver } from './transfer.js';

/** Below the 8 MiB from which PeerJS queues in the page. */
const HIGH_WATER = 4 * 1024 * 1024;
const LOW_WATER = 1024 * 1024;

/** @param {import('./messages.js').Load} load */
export async function streamPaced(load) {
  const message = messagesOf(load);
  const connection = currentConnection();
  const reported = reportOfReceiver();
  connection.dataChannel.bufferedAmountLowThreshold = LOW_WATER;
  for (let n = 0; n < load.count; n++) {
    const taken = connection.send(message(n));
    // Peerport's promise settles when the host has the message. PeerJS returns undefined, so this watches its channel.
    await (taken ?? isDrained(connection.dataChannel));
  }
  await reported;
}

/** @param {RTCDataChannel} channel */
function isDrained(channel) {
  if (channel.bufferedAmount <= HIGH_WATER) return undefined;
  return new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }));
}
