// A transfer as most pages do it: all messages are sent at once, without looking at any buffer. The receiver verifies each message
// and reports when it has the last one.
import { currentConnection, onData, unlessConnectionFails } from './connection.js';
import { messagesOf, verify } from './messages.js';
import { StallWatch } from './stall-watch.js';

/** @typedef {import('./messages.js').Load} Load */

/**
 * The receiver's part. Returns at once.
 * @param {Load} load
 */
export function expectMessages(load) {
  let received = 0;
  const watch = new StallWatch();
  onData((data) => {
    try {
      verify(load, data, received++);
      if (received === load.count) report({ stall: watch.stop() });
    } catch (error) {
      report({ broken: String(error) });
    }
  });
}

/**
 * The sender's part.
 * @param {Load} load
 * @returns {Promise<{ milliseconds: number, sendingStall: number, receivingStall: number }>} the time from the first
 *   `send()` to the receiver's report, and the longest stall of each page meanwhile
 */
export async function sendAll(load) {
  const message = messagesOf(load);
  const connection = currentConnection();
  const reported = reportOfReceiver();
  const watch = new StallWatch();
  const startedAt = performance.now();
  for (let n = 0; n < load.count; n++) void connection.send(message(n));
  const { stall } = await reported;
  const milliseconds = performance.now() - startedAt;
  return { milliseconds, sendingStall: watch.stop(), receivingStall: stall };
}

/** @returns {Promise<{ stall: number }>} */
export function reportOfReceiver() {
  const report = new Promise((resolve, reject) => {
    onData((data) => (data.broken ? reject(new Error(data.broken)) : resolve(data)));
  });
  return unlessConnectionFails(report);
}

/** @param {object} report */
function report(report) {
  void currentConnection().send(report);
}
