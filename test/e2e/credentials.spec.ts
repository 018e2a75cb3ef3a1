// The extension's requests to a PeerServer carry no cookies and no credentials. The extension may reach servers that the page may
// not, so a cookie in its requests would let a page act as the user at any server that takes WebSockets.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '../support/fixtures';
import { eventsToTheEnd, visit } from '../support/prompt-page';
import { startRecorder } from '../support/request-recorder';

test('no cookie is sent to a PeerServer or stored from it, over its socket or over HTTP', async ({
  browsers,
  site,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const { context } = browser;
  const recorder = await startRecorder();
  const url = `http://127.0.0.1:${recorder.port}`;
  const visitor = await visit(context, site.origin, peerServer);
  await visitor.page.evaluate((url) => fetch(url, { mode: 'no-cors', credentials: 'include' }), `${url}/sign-in`);
  const server = { host: '127.0.0.1', port: recorder.port, path: '/extension/' };
  await visitor.open(undefined, server);
  // The extension sends HTTP requests only to the user's own server, which replaces PeerJS's.
  await browser.setPolicy({ peerServer: { ...server, path: '/own/', secure: false, key: 'peerjs' } });
  const peer = await visitor.open(undefined, { host: '0.peerjs.com', port: 443, path: '/' });
  const listed = await peer.evaluate((peer) => new Promise((resolve) => peer.listAllPeers(resolve)));
  expect(listed).toEqual(['someone']);
  await browser.setPolicy({});
  const planted = (await context.cookies(url)).filter(({ name }) => name === 'planted');
  expect(planted).toEqual([]);
  // The control: a socket of the page itself carries the cookies.
  await visitor.page.evaluate((url) => {
    const socket = new WebSocket(url);
    return new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
  }, `ws://127.0.0.1:${recorder.port}/page`);
  const { '/page': ofPage, '/extension/peerjs': ofSocket, '/own/peerjs/peers': ofList } = recorder.headers;
  expect(ofPage!.cookie).toBe('own=secret; shared=secret');
  for (const headers of [ofSocket!, ofList!]) {
    for (const header of ['cookie', 'authorization', 'referer']) expect(headers).not.toHaveProperty(header);
  }
  await recorder.close();
});

test('a PeerServer cannot redirect the extension’s socket', async ({ browsers, site, peerServer }) => {
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
