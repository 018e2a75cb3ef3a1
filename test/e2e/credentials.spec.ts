// What the extension's requests to a PeerServer carry of the user: nothing. The extension may reach what the page may not,
// so a cookie that went with it would let a page act as the user at any server that takes WebSockets.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, test } from '../support/fixtures';
import { eventsToTheEnd, visit } from '../support/prompt-page';

/** A PeerServer that notes what it is asked with, and gives a cookie with everything. */
interface Recorder {
  port: number;
  /** Of each plain request and of each socket's handshake, by path. */
  headers: Record<string, IncomingHttpHeaders>;
  close: () => Promise<void>;
}

/** One that a browser shows to its own site only, and one that it shows to whoever asks. */
const SESSION = ['own=secret; HttpOnly; SameSite=Strict', 'shared=secret; HttpOnly; SameSite=None; Secure'];

const OPEN = JSON.stringify({ type: 'OPEN' });

async function startRecorder(): Promise<Recorder> {
  const headers: Record<string, IncomingHttpHeaders> = {};
  const sockets = new Set<Duplex>();
  const note = ({ url, headers: given }: IncomingMessage): void => {
    headers[new URL(url ?? '', 'http://recorder').pathname] = given;
  };
  const http = createServer((request, response) => {
    note(request);
    const cookies = request.url === '/sign-in' ? SESSION : ['planted=http'];
    response.writeHead(200, { 'set-cookie': cookies, 'content-type': 'application/json' }).end('["someone"]');
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

test('no cookie goes to a PeerServer or comes from it, over its socket or over HTTP', async ({
  browsers,
  site,
  peerServer,
}) => {
  const { context } = await browsers.extended();
  const recorder = await startRecorder();
  const url = `http://127.0.0.1:${recorder.port}`;
  const visitor = await visit(context, site.origin, peerServer);
  await visitor.page.evaluate((url) => fetch(url, { mode: 'no-cors', credentials: 'include' }), `${url}/sign-in`);
  const server = { host: '127.0.0.1', port: recorder.port, path: '/extension/' };
  const peer = await visitor.open(undefined, server);
  const listed = await peer.evaluate((peer) => new Promise((resolve) => peer.listAllPeers(resolve)));
  expect(listed).toEqual(['someone']);
  const planted = (await context.cookies(url)).filter(({ name }) => name === 'planted');
  expect(planted).toEqual([]);
  // What a socket of the page itself carries: the cookies are there to be sent.
  await visitor.page.evaluate((url) => {
    const socket = new WebSocket(url);
    return new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
  }, `ws://127.0.0.1:${recorder.port}/page`);
  const { '/page': ofPage, '/extension/peerjs': ofSocket, '/extension/peerjs/peers': ofList } = recorder.headers;
  expect(ofPage!.cookie).toBe('own=secret; shared=secret');
  for (const headers of [ofSocket!, ofList!]) {
    for (const header of ['cookie', 'authorization', 'referer']) expect(headers).not.toHaveProperty(header);
  }
  await recorder.close();
});

test('a PeerServer cannot send the extension’s socket elsewhere: no redirect is followed', async ({
  browsers,
  site,
  peerServer,
}) => {
  const { context } = await browsers.extended();
  const recorder = await startRecorder();
  const asked: string[] = [];
  const redirector = createServer();
  redirector.on('upgrade', (request, socket) => {
    asked.push(new URL(request.url ?? '', 'http://redirector').pathname);
    const elsewhere = `ws://127.0.0.1:${recorder.port}/elsewhere`;
    const lines = ['HTTP/1.1 307 Temporary Redirect', `Location: ${elsewhere}`, 'Connection: close'];
    socket.end([...lines, '', ''].join('\r\n'));
  });
  redirector.listen(0, '127.0.0.1');
  await once(redirector, 'listening');
  const { port } = redirector.address() as AddressInfo;
  const visitor = await visit(context, site.origin, peerServer);
  const peer = await visitor.construct(undefined, { host: '127.0.0.1', port, path: '/' });
  expect((await eventsToTheEnd(peer))[0]).toMatch(/^error /);
  expect(asked).toContain('/peerjs');
  expect(recorder.headers).toEqual({});
  redirector.closeAllConnections();
  redirector.close();
  await Promise.all([visitor.page.close(), recorder.close()]);
});
