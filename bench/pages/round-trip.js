// Small messages back and forth, one at a time.
import { currentConnection, onData, unlessConnectionFails } from './connection.js';

/** Sends every message back. */
export function answerPings() {
  onData((data) => void currentConnection().send(data));
}

/**
 * @param {number} count
 * @returns {Promise<number[]>} milliseconds of each round trip
 */
export async function ping(count) {
  const trips = [];
  for (let seq = 0; seq < count; seq++) trips.push(await unlessConnectionFails(roundTrip(seq)));
  return trips;
}

/** @param {number} seq @returns {Promise<number>} */
function roundTrip(seq) {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    onData((data) => {
      if (data.seq === seq) resolve(performance.now() - startedAt);
      else reject(new Error(`${data.seq} came back in place of ${seq}`));
    });
    void currentConnection().send({ type: 'ping', seq });
  });
}
