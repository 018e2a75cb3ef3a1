// The page's Peer and its only connection.

/** @type {import('peerjs').Peer} */
let peer;
/** @type {import('peerjs').DataConnection} */
let current;
/** The handler for incoming data, set by each task. @type {(data: any) => void} */
let handleData;
/** Rejects when the connection fails. Pending work races against it. @type {Promise<never>} */
let failure;
/** How many open incoming connections `accepted` has not reported yet, and the resolver of a waiting call. */
const acceptance = { ready: 0, /** @type {(() => void) | undefined} */ wake: undefined };
/** @type {Promise<void>} */
let closing;

/**
 * @param {import('peerjs').PeerOptions} options
 * @returns {Promise<{ id: string, milliseconds: number }>} the time from the constructor to `open`
 */
export function openPeer(options) {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    peer = new Peer(options);
    peer.on('open', (id) => resolve({ id, milliseconds: performance.now() - startedAt }));
    peer.on('error', reject);
    peer.on('connection', (incoming) => {
      adopt(incoming);
      incoming.on('open', () => {
        acceptance.ready++;
        acceptance.wake?.();
      });
    });
  });
}

/**
 * @param {string} id
 * @param {import('peerjs').PeerConnectOption} options
 * @returns {Promise<number>} milliseconds from `connect()` to `open`
 */
export function connect(id, options) {
  const startedAt = performance.now();
  const connection = peer.connect(id, options);
  return new Promise((resolve, reject) => {
    connection.on('open', () => resolve(performance.now() - startedAt));
    adopt(connection);
    failure.catch(reject);
    peer.once('error', reject);
  });
}

/** Resolves when the next incoming connection is open; each one counts once. */
export async function accepted() {
  if (acceptance.ready === 0) await new Promise((resolve) => (acceptance.wake = () => resolve(undefined)));
  acceptance.ready--;
}

export function closeConnection() {
  current.close();
}

/** Resolves when the connection is closed. */
export function closed() {
  return closing;
}

/** @param {(data: any) => void} handler */
export function onData(handler) {
  handleData = handler;
}

/** Resolves with `work`, or rejects as soon as the connection fails. @template T @param {Promise<T>} work @returns {Promise<T>} */
export function unlessConnectionFails(work) {
  return Promise.race([work, failure]);
}

/** The page's Peer. */
export function currentPeer() {
  return peer;
}

/** The page's connection. */
export function currentConnection() {
  return current;
}

/** @param {import('peerjs').DataConnection} connection */
function adopt(connection) {
  current = connection;
  current.on('data', (data) => handleData(data));
  closing = new Promise((resolve) => current.on('close', resolve));
  failure = new Promise((_, reject) => {
    current.on('error', reject);
    current.on('close', () => reject(new Error('the connection closed')));
  });
  // A connection may fail or close without anything waiting for it.
  failure.catch(() => undefined);
}
