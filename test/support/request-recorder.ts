// A server that records the headers of a browser's requests, to show which cookies they carry.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** Acts as a PeerServer, records request headers and sets a cookie with every response. */
export interface Recorder {
  port: number;
  /** The headers of each HTTP request and socket handshake, by path. */
  headers: Record<string, IncomingHttpHeaders>;
  close: () => Promise<void>;
}

/** Two session cookies: one that browsers send only in requests from the same site, one that they send in all requests. */
const SESSION = ['own=secret; HttpOnly; SameSite=Strict', 'shared=secret; HttpOnly; SameSite=None; Secure'];

/** PeerServer's default CORS header. */
const OPEN_TO_ALL = { 'access-control-allow-origin': '*' };

const OPEN = JSON.stringify({ type: 'OPEN' });

/** Starts on a free loopback port. `/sign-in` sets the session cookies. */
export async function startRecorder(): Promise<Recorder> {
  const headers: Record<string, IncomingHttpHeaders> = {};
  const sockets = new Set<Duplex>();
  const record = ({ url, headers: given }: IncomingMessage): void => {
    headers[new URL(url ?? '', 'http://recorder').pathname] = given;
  };
  const http = createServer((request, response) => {
    record(request);
    const cookies = request.url === '/sign-in' ? SESSION : ['planted=http'];
    response
      .writeHead(200, { 'set-cookie': cookies, 'content-type': 'application/json', ...OPEN_TO_ALL })
      .end('["someone"]');
  });
  http.on('upgrade', (request, socket) => {
    record(request);
    sockets.add(socket);
    // The handshake of RFC 6455, 4.2.2.
    const proof = `${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(proof).digest('base64');
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, 'Set-Cookie: planted=socket', '', ''].join('\r\n'));
    socket.write(Buffer.from([0x81, OPEN.length, ...Buffer.from(OPEN)]));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    headers,
    async close() {
      for (const socket of sockets) socket.destroy();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
