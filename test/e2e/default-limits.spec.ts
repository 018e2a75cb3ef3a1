// The bounds as they are where the user has set none: a site that takes all it may leaves enough for every other.
import type { JSHandle } from '@playwright/test';
import { DEFAULT_LIMITS } from '../../src/sites/policy/policy';
import { expect, link, test, uniqueId } from '../support/fixtures';
import { freshOrigin, visit } from '../support/prompt-page';

/** Beyond what a site may have. */
const EXCESS = 10;

interface Greed {
  /** Peers that came to open, and the first error of one that did not. */
  peers: number;
  peerRefusal: string;
  /** Of connections that were dialled beyond the bound. */
  connectionRefusals: string[];
}

test('a site that has as many Peers and connections as it may leaves room for another site', async ({
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
  // Registered, so that the server does not say that there is nobody, and answers nothing: each offer waits.
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

  await link({ dialler: await openPage('peerport'), answerer: await openPage('peerjs') });
  await link({ dialler: await openPage('peerjs'), answerer: await openPage('peerport') });
  await socket.evaluate((socket) => socket.close());
  await page.close();
});
