// The demo's servers, on loopback only: a real PeerServer and a static server for the page.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { PeerServer } from 'peer';
import { ROOT } from '../npm.mjs';

const LOOPBACK = '127.0.0.1';
const DEMO = join(ROOT, 'demo');
const PEERJS = join(ROOT, 'node_modules', 'peerjs', 'dist', 'peerjs.min.js');

/** @type {Record<string, string>} */
const CONTENT_TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** @returns {Promise<{ port: number, close: () => void }>} */
export async function startPeerServer() {
  const http = await new Promise((resolve) => PeerServer({ host: LOOPBACK, port: 0, path: '/' }, resolve));
  const sockets = new Set();
  http.on('connection', (/** @type {import('node:net').Socket} */ socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    port: http.address().port,
    close() {
      http.close();
      // The HTTP server no longer closes an upgraded socket, but would wait for it for ever.
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Serves demo/, with a config.json that names only this PeerServer, so that the demo contacts no other machine.
 * @param {{ peerServerPort: number, withPeerJS: boolean }} options
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startDemoServer({ peerServerPort, withPeerJS }) {
  const settings = {
    peer: { host: LOOPBACK, port: peerServerPort, path: '/', config: { iceServers: [] } },
    ...(withPeerJS && { library: 'peerjs.min.js' }),
  };

  /** @param {string} path */
  async function find(path) {
    if (path === '/config.json') return JSON.stringify(settings);
    if (path === '/peerjs.min.js' && withPeerJS) return readFile(PEERJS);
    return readFile(join(DEMO, path === '/' ? 'index.html' : normalize(path)));
  }

  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://demo');
    find(pathname).then(
      (body) => {
        const type = CONTENT_TYPES[extname(pathname) || '.html'];
        response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve) => http.listen(0, LOOPBACK, () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (http.address());
  return {
    url: `http://${LOOPBACK}:${address.port}/`,
    close() {
      http.close();
      http.closeAllConnections();
    },
  };
}
