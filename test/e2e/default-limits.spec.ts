// The default limits: a site that uses up its limits leaves enough for other sites.
import type { JSHandle } from '@playwright/test';
import { DEFAULT_LIMITS } from '../../src/sites/policy/policy';
import { expect, connectPair, test, uniqueId } from '../support/fixtures';
import { freshOrigin, visit } from '../support/prompt-page';

/** How many connections the site asks for beyond its limit. */
const EXCESS = 10;

interface Greed {
  /** How many Peers opened. */
  peers: number;
  /** The error of the first Peer that did not. */
  peerRefusal: string;
  /** Errors of the connections dialled beyond the limit. */
  connectionRefusals: string[];
}

test('a site that uses up its limits of Peers and connections leaves room for another site', async ({
  browsers,
  site,
  peerServer,
  openPage,
  openBlankPage,
}) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const silent = uniqueId('silent');
  // This peer is registered, so the server accepts offers to it, but it never answers them.
  const socket: JSHandle<WebSocket> = await (
    await openBlankPage()
  ).evaluateHandle(
    ([{ host, port }, id]) =>
      new Promise<WebSocket>((resolve) => {
        const socket = new WebSocket(`ws://${host}:${port}/peerjs?key=peerjs&id=${id}&token=t&version=1.5.5`);
        socket.addEventListener('message', () => resolve(socket), { once: true });
      }),
    [{ host: peerServer.host, port: peerServer.port }, silent] as const,
  );
  const { page } = await visit(browser.context, origin, peerServer);
  const greed = await page.evaluate(
    async ([options, to, limits, excess]) => {
      const peers: InstanceType<typeof Peer>[] = [];
      let peerRefusal = '';
      while (peerRefusal === '') {
        const peer = kit.peer(undefined, options);
        await kit.opened(peer).then(
          () => peers.push(peer),
          (error: unknown) => (peerRefusal = String(error)),
        );
      }
      const connectionRefusals: string[] = [];
      const refused = new Promise<void>((resolve) => {
        for (let n = 0; n < limits.connections + excess; n++) {
          const connection = peers[n % peers.length]!.connect(to);
          connection.on('error', ({ type, message }) => {
            connectionRefusals.push(`${type}: ${message}`);
            if (connectionRefusals.length >= excess) resolve();
          });
        }
      });
      await refused;
      return { peers: peers.length, peerRefusal, connectionRefusals } satisfies Greed;
    },
    [peerServer.peerOptions, silent, DEFAULT_LIMITS, EXCESS] as const,
  );
  expect(greed.peers).toBe(DEFAULT_LIMITS.peers);
  expect(greed.peerRefusal).toContain('limit-reached');
  for (const refusal of greed.connectionRefusals) expect(refusal).toMatch(/^limit-reached: /);

  await connectPair({ dialler: await openPage('peerport'), answerer: await openPage('peerjs') });
  await connectPair({ dialler: await openPage('peerjs'), answerer: await openPage('peerport') });
  await socket.evaluate((socket) => socket.close());
  await page.close();
});
