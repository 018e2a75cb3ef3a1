// The benchmark's servers, on loopback only: the site with its pages, a real PeerServer, and a proxy in front of the PeerServer that
// simulates distance.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { ROOT } from '../scripts/npm.mjs';

export { startPeerServer } from '../scripts/demo/servers.mjs';

const LOOPBACK = '127.0.0.1';
const PAGES = join(ROOT, 'bench', 'pages');
export const PEERJS = join(ROOT, 'node_modules', 'peerjs', 'dist', 'peerjs.min.js');

/** @type {Record<string, string>} */
const CONTENT_TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' };

/**
 * Serves bench/pages and PeerJS.
 * @returns {Promise<{ origin: string, close: () => void }>}
 */
export async function startSite() {
  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const path = pathname === '/peerjs.min.js' ? PEERJS : join(PAGES, normalize(pathname));
    readFile(path).then(
      (body) => {
        const headers = { 'content-type': CONTENT_TYPES[extname(path)], 'cache-control': 'no-store' };
        response.writeHead(200, headers).end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await listen(http);
  return {
    origin: `http://${LOOPBACK}:${portOf(http)}`,
    close() {
      http.close();
      http.closeAllConnections();
    },
  };
}

/**
 * Starts a TCP proxy that simulates a network with this round trip. A client's first byte leaves one round trip after it began to
 * connect, because on loopback the handshake itself takes no time. Every byte travels for half a round trip.
 * @param {{ port: number, roundTripMs: number }} options `port`: the server behind the proxy
 * @returns {Promise<{ port: number, hangUp: () => void, close: () => void }>} `hangUp` ends the present connections
 */
export async function startDistance({ port, roundTripMs }) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const proxy = createTcpServer((client) => {
    const server = connect({ host: LOOPBACK, port });
    const connectedAt = performance.now() + roundTripMs;
    for (const [from, to, opensAt] of /** @type {const} */ ([
      [client, server, connectedAt],
      [server, client, 0],
    ])) {
      sockets.add(from);
      from.setNoDelay(true);
      carry(from, to, () => Math.max(0, opensAt - performance.now()) + roundTripMs / 2);
      from.on('close', () => sockets.delete(from));
    }
  });
  await listen(proxy);
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: portOf(proxy),
    hangUp,
    close() {
      proxy.close();
      hangUp();
    },
  };
}

/**
 * Forwards everything from one socket to the other, including the end, in order and with a delay.
 * @param {import('node:net').Socket} from
 * @param {import('node:net').Socket} to
 * @param {() => number} delay milliseconds, for bytes that arrive now
 */
function carry(from, to, delay) {
  let lastDueAt = 0;
  /** @param {() => unknown} action */
  function later(action) {
    // Timers of different lengths may fire out of order by a fraction of a millisecond; bytes must stay in order.
    lastDueAt = Math.max(performance.now() + delay(), lastDueAt);
    setTimeout(action, Math.ceil(lastDueAt - performance.now()));
  }
  from.on('data', (bytes) => later(() => to.writable && to.write(bytes)));
  from.on('end', () => later(() => to.end()));
  from.on('close', () => later(() => to.destroy()));
  // 'close' follows. A page that is left resets its sockets.
  from.on('error', () => undefined);
}

/** @param {import('node:net').Server} server */
function listen(server) {
  return new Promise((resolve) => server.listen(0, LOOPBACK, () => resolve(undefined)));
}

/** @param {import('node:net').Server} server */
function portOf(server) {
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}
