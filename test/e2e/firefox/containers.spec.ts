// Containers in Firefox, each with its own cookies and storage for a site.
import type { BrowserContext } from 'puppeteer-core';
import { press, untilSays } from '../../support/firefox-user';
import { bridgeLifetime, MAX_HAND_OVER_MS, watchBridge } from '../../support/bridge-watch';
import { expect, PeerPage, test, uniqueId } from '../../support/fixtures';
import { freshOrigin, openedId } from '../../support/prompt-page';

test('a page in a container asks the user, and exchanges data with another browser', async ({
  browsers,
  site,
  peerServer,
  openPage,
}) => {
  const firefox = await browsers.extendedFirefox();
  const origin = freshOrigin(site);
  const page = await firefox.newPage(await firefox.browser.createBrowserContext());
  await page.goto(`${origin}/blank.html`);
  const peer = await new PeerPage(page, 'peerport', peerServer).construct(undefined);
  const prompt = await firefox.nextPrompt();
  await untilSays(prompt, new URL(origin).host);
  await press(prompt, 'Always allow');
  await openedId(peer);
  const there = uniqueId('there');
  const remote = await (await openPage('peerjs')).open(there);
  const dialled = await peer.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to)), there);
  const accepted = await remote.evaluateHandle((peer) => kit.incoming(peer));
  await dialled.evaluate((connection) => void connection.send('from a container'));
  expect(await accepted.evaluate((connection) => kit.received(connection, 1))).toEqual(['"from a container"']);
  await accepted.evaluate((connection) => void connection.send('into a container'));
  expect(await dialled.evaluate((connection) => kit.received(connection, 1))).toEqual(['"into a container"']);
  await page.close();
});

test('a site has a separate ID in each container, and gets the same one there again', async ({
  browsers,
  site,
  peerServer,
}) => {
  const firefox = await browsers.extendedFirefox();
  const origin = freshOrigin(site);
  await firefox.allow(origin);
  await firefox.setSettings(origin, { keepId: true });
  const idIn = async (container?: BrowserContext): Promise<string> => {
    const page = await firefox.newPage(container);
    await page.goto(`${origin}/blank.html`);
    const id = await openedId(await new PeerPage(page, 'peerport', peerServer).construct(undefined));
    await page.close();
    return id;
  };
  const [first, second] = [await firefox.browser.createBrowserContext(), await firefox.browser.createBrowserContext()];
  const ids = [await idIn(), await idIn(first), await idIn(second)];
  expect(new Set(ids).size).toBe(3);
  expect([await idIn(), await idIn(first), await idIn(second)]).toEqual(ids);
});

test('a page in a container stays on its runtime port, and a page outside moves to the faster port', async ({
  browsers,
  site,
  peerServer,
}) => {
  const firefox = await browsers.extendedFirefox();
  const lifetimes: number[] = [];
  for (const container of [undefined, await firefox.browser.createBrowserContext()]) {
    const page = await firefox.newPage(container);
    await page.goto(`${site.origin}/blank.html`);
    const watch = await watchBridge(page);
    await new PeerPage(page, 'peerport', peerServer).open();
    lifetimes.push(await bridgeLifetime(watch));
    await page.close();
  }
  expect(lifetimes[0]).toBeLessThan(MAX_HAND_OVER_MS);
  expect(lifetimes[1]).toBeGreaterThan(MAX_HAND_OVER_MS);
});
