// The engine host starts with the first Peer, exists only once, and is closed when idle.
import { launchExtendedBrowser, type ExtendedBrowser } from '../support/browser';
import { expect, test as base } from '../support/fixtures';
import { freshOrigin, openedId, visit } from '../support/prompt-page';

/** The message that the host sends after a minute without any document. */
const SAY_IDLE = 'chrome.runtime.sendMessage({ to: "background", type: "host.idle" })';

const test = base.extend<{ extended: ExtendedBrowser; origin: string }>({
  extended: async ({}, use) => {
    const browser = await launchExtendedBrowser();
    await use(browser);
    await browser.context.close();
  },
  origin: async ({ extended, site }, use) => {
    const origin = freshOrigin(site);
    await extended.allow(origin);
    await use(origin);
  },
});

test('the first Peers of several tabs at once start one host', async ({ extended, origin, peerServer }) => {
  expect(await extended.hostCount()).toBe(0);
  const visitors = await Promise.all([1, 2, 3, 4].map(() => visit(extended.context, origin, peerServer)));
  expect(await extended.hostCount()).toBe(0);
  const peers = await Promise.all(visitors.map((visitor) => visitor.construct(undefined)));
  await Promise.all(peers.map(openedId));
  expect(await extended.hostCount()).toBe(1);
});

test('an idle host is closed, and the next Peer starts it again', async ({ extended, origin, peerServer }) => {
  const visitor = await visit(extended.context, origin, peerServer);
  const id = await openedId(await visitor.construct(undefined));
  await visitor.page.goto('about:blank');
  await peerServer.registered(id, false);
  // The answer closes the document that this evaluates in, so the evaluation never resolves.
  void extended.evaluateInHost(SAY_IDLE).catch(() => undefined);
  await expect.poll(() => extended.hostCount()).toBe(0);
  await visitor.page.goto(`${origin}/blank.html`);
  expect(await openedId(await visitor.construct(undefined))).toBe(id);
});

test('a host that has a Peer is not closed', async ({ extended, origin, peerServer }) => {
  const visitor = await visit(extended.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  await openedId(peer);
  expect(await extended.evaluateInHost(SAY_IDLE)).toBe(true);
  expect(await extended.hostCount()).toBe(1);
  expect(await peer.evaluate((peer) => peer.open)).toBe(true);
});
