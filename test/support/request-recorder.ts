// A server that shows what a browser's requests carried of the user.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** A PeerServer that notes what it is asked with, and gives a cookie with everything. */
export interface Recorder {
  port: number;
  /** Of each plain request and of each socket's handshake, by path. */
  headers: Record<string, IncomingHttpHeaders>;
  close: () => Promise<void>;
}

/** One that a browser shows to its own site only, and one that it shows to whoever asks. */
const SESSION = ['own=secret; HttpOnly; SameSite=Strict', 'shared=secret; HttpOnly; SameSite=None; Secure'];

/** As PeerServer answers (its `corsOptions`). */
const OPEN_TO_ALL = { 'access-control-allow-origin': '*' };

const OPEN = JSON.stringify({ type: 'OPEN' });

/** On a free loopback port; `/sign-in` gives the session cookies. */
export async function startRecorder(): Promise<Recorder> {
  const headers: Record<string, IncomingHttpHeaders> = {};
  const sockets = new Set<Duplex>();
  const note = ({ url, headers: given }: IncomingMessage): void => {
    headers[new URL(url ?? '', 'http://recorder').pathname] = given;
  };
  const http = createServer((request, response) => {
    note(request);
    const cookies = request.url === '/sign-in' ? SESSION : ['planted=http'];
    response
      .writeHead(200, { 'set-cookie': cookies, 'content-type': 'application/json', ...OPEN_TO_ALL })
      .end('["someone"]');
  });
  http.on('upgrade', (request, socket) => {
    note(request);
    sockets.add(socket);
    // RFC 6455, 4.2.2: the server shows that it speaks WebSocket.
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
