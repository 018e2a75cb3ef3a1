// Private windows in Firefox, where the user has chosen "Run in Private Windows": decisions and IDs in them are separate from
// those in other windows, and are forgotten when the last private window is closed.
import type { Page } from 'puppeteer-core';
import { bridgeLifetime, MAX_HAND_OVER_MS, watchBridge } from '../../support/bridge-watch';
import { ExtendedFirefox } from '../../support/firefox';
import { press, tickKeepId, untilSays } from '../../support/firefox-user';
import { expect, PeerPage, test as base, uniqueId } from '../../support/fixtures';
import { eventsToTheEnd, freshOrigin, openedId } from '../../support/prompt-page';

interface Fixtures {
  /** Opens a page of this origin in a private window. */
  visitPrivately: (origin: string) => Promise<PeerPage>;
  /** A page of the extension that stays open, so that reading the storage closes no window. */
  observer: Page;
}

interface WorkerFixtures {
  firefox: ExtendedFirefox;
}

const test = base.extend<Fixtures, WorkerFixtures>({
  firefox: [
    async ({}, use) => {
      const firefox = await ExtendedFirefox.launchForPrivateWindows();
      await use(firefox);
      await firefox.close();
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  visitPrivately: async ({ firefox, peerServer }, use) => {
    const visitors: PeerPage[] = [];
    await use(async (origin) => {
      const page = await firefox.openPrivateWindow(`${origin}/blank.html`);
      const visitor = new PeerPage(page, 'peerport', peerServer);
      visitors.push(visitor);
      return visitor;
    });
    await Promise.all(visitors.map(({ page }) => page.close()));
  },
  observer: async ({ firefox }, use) => {
    const observer = await firefox.openUserPage('/manifest.json');
    await use(observer);
    await observer.close();
  },
});

/** The contents of the session store. */
function keptForNow(observer: Page): Promise<Record<string, unknown>> {
  return observer.evaluate(() => chrome.storage.session.get(null));
}

test('a site allowed elsewhere has to ask in a private window, and its permission and ID are forgotten with the window', async ({
  firefox,
  site,
  peerServer,
  visitPrivately,
  observer,
  openPage,
}) => {
  const origin = freshOrigin(site);
  await firefox.allow(origin);
  await firefox.setSettings(origin, { keepId: true });
  const page = await firefox.newPage();
  await page.goto(`${origin}/blank.html`);
  const lastingId = await openedId(await new PeerPage(page, 'peerport', peerServer).construct(undefined));
  await page.close();
  const stored = await firefox.stored();
  expect(JSON.stringify(stored)).toContain(lastingId);

  const visitor = await visitPrivately(origin);
  const peer = await visitor.construct(undefined);
  const prompt = await firefox.nextPrompt();
  await untilSays(prompt, new URL(origin).host);
  await untilSays(prompt, 'You are in a private window');
  await tickKeepId(prompt);
  await press(prompt, 'Always allow');
  const id = await openedId(peer);
  expect(id).not.toBe(lastingId);
  const there = uniqueId('there');
  const remote = await (await openPage('peerjs')).open(there);
  const dialled = await peer.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to, { label: 'letters' })), there);
  const accepted = await remote.evaluateHandle((peer) => kit.incoming(peer));
  await dialled.evaluate((connection) => void connection.send('from a private window'));
  expect(await accepted.evaluate((connection) => kit.received(connection, 1))).toEqual(['"from a private window"']);
  await accepted.evaluate((connection) => void connection.send('into a private window'));
  expect(await dialled.evaluate((connection) => kit.received(connection, 1))).toEqual(['"into a private window"']);
  const panel = await firefox.openPanel(origin);
  await untilSays(panel, 'Private window');
  await untilSays(panel, 'letters');
  await panel.close();
  await visitor.page.reload();
  expect(await openedId(await visitor.construct(undefined))).toBe(id);
  expect(await firefox.stored()).toEqual(stored);

  await visitor.page.close();
  await expect.poll(() => keptForNow(observer)).toEqual({});
  const next = await (await visitPrivately(origin)).construct(undefined);
  await press(await firefox.nextPrompt(), 'Allow this time');
  expect([lastingId, id]).not.toContain(await openedId(next));
  expect(await firefox.stored()).toEqual(stored);
});

test('a site blocked in a private window asks again in the next one', async ({
  firefox,
  site,
  visitPrivately,
  observer,
}) => {
  const origin = freshOrigin(site);
  const stored = await firefox.stored();
  const visitor = await visitPrivately(origin);
  const peer = await visitor.construct(undefined);
  await press(await firefox.nextPrompt(), 'Block');
  expect((await eventsToTheEnd(peer))[0]).toMatch(/^error .*permission-denied/);
  await visitor.page.close();
  await expect.poll(() => keptForNow(observer)).toEqual({});
  const next = await (await visitPrivately(origin)).construct(undefined);
  await press(await firefox.nextPrompt(), 'Allow this time');
  await openedId(next);
  expect(await firefox.stored()).toEqual(stored);
});

test('closing a private window closes its prompt, and the browser remembers no site of the window', async ({
  firefox,
  site,
  visitPrivately,
  observer,
}) => {
  const stored = await firefox.stored();
  const origin = freshOrigin(site);
  const visitor = await visitPrivately(origin);
  await visitor.construct(undefined);
  await untilSays(await firefox.nextPrompt(), 'You are in a private window');
  await visitor.page.close();
  await expect.poll(() => keptForNow(observer)).toEqual({});
  expect(await firefox.promptCount()).toBe(0);
  const closed = await firefox.closedWindows();
  expect(closed).toContain('/extension/prompt/');
  expect(closed).not.toContain(new URL(origin).hostname);
  expect(await firefox.stored()).toEqual(stored);
});

test('a site in a private window learns only from the PeerServer that an ID is in use elsewhere in the browser', async ({
  firefox,
  site,
  peerServer,
  visitPrivately,
}) => {
  const origin = freshOrigin(site);
  await firefox.allow(origin);
  const page = await firefox.newPage();
  await page.goto(`${origin}/blank.html`);
  const id = uniqueId('known');
  await openedId(await new PeerPage(page, 'peerport', peerServer).construct(id));
  const peer = await (await visitPrivately(origin)).construct(id);
  await press(await firefox.nextPrompt(), 'Allow this time');
  expect((await eventsToTheEnd(peer))[0]).toMatch(/^error unavailable-id/);
  // Peerport asked the server like a stranger's browser would, with another token than that of the ID's owner.
  const asked = peerServer.socketUrls.map((url) => new URL(url, 'ws://server').searchParams);
  const tokens = asked.filter((query) => query.get('id') === id).map((query) => query.get('token'));
  expect(tokens).toHaveLength(2);
  expect(new Set(tokens).size).toBe(2);
  await page.close();
});

test('a page in a private window stays on its runtime port, which carries its data', async ({
  firefox,
  site,
  visitPrivately,
  openPage,
}) => {
  const visitor = await visitPrivately(freshOrigin(site));
  const watch = await watchBridge(visitor.page);
  const peer = await visitor.construct(undefined);
  await press(await firefox.nextPrompt(), 'Allow this time');
  await openedId(peer);
  expect(await bridgeLifetime(watch)).toBeGreaterThan(MAX_HAND_OVER_MS);
  const there = uniqueId('there');
  const remote = await (await openPage('peerjs')).open(there);
  const dialled = await peer.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to)), there);
  const accepted = await remote.evaluateHandle((peer) => kit.incoming(peer));
  await dialled.evaluate((connection) => void connection.send('by the runtime port'));
  expect(await accepted.evaluate((connection) => kit.received(connection, 1))).toEqual(['"by the runtime port"']);
});
