// Which ID a Peer gets (its origin's, its tab's, or the one that the page names), and that no other site gets it.
import type { Page } from '@playwright/test';
import { launchExtendedBrowser } from '../support/browser';
import { expect, test, uniqueId } from '../support/fixtures';
import { databasesOf, tokenOf } from '../support/identity';
import type { SiteServer } from '../support/site-server';
import { eventsToTheEnd, freshOrigin, openedId, Prompts, visit } from '../support/prompt-page';
import { openSettings } from '../support/user-pages';

test('an origin keeps its ID across a reload and a restart', async ({ site, peerServer }, testInfo) => {
  const profile = testInfo.outputPath('profile');
  const origin = freshOrigin(site);
  const ids: string[] = [];
  for (const _run of ['first', 'restart']) {
    const browser = await launchExtendedBrowser(profile);
    await browser.allow(origin);
    const visitor = await visit(browser.context, origin, peerServer);
    ids.push(await openedId(await visitor.construct(undefined)));
    await visitor.page.reload();
    ids.push(await openedId(await visitor.construct(undefined)));
    await browser.context.close();
  }
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(1);
});

test('two tabs have two IDs, and each keeps its own across a reload', async ({ browsers, site, peerServer }) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const first = await visit(browser.context, origin, peerServer);
  const second = await visit(browser.context, origin, peerServer);
  const firstId = await openedId(await first.construct(undefined));
  const secondId = await openedId(await second.construct(undefined));
  expect(secondId).not.toBe(firstId);
  // Reload the second tab first: then the first one's ID is not simply the next free one.
  await second.page.reload();
  expect(await openedId(await second.construct(undefined))).toBe(secondId);
  await first.page.reload();
  expect(await openedId(await first.construct(undefined))).toBe(firstId);
  await Promise.all([first.page.close(), second.page.close()]);
});

test('the Peers of one page keep their IDs across a reload, in the order of construction', async ({
  browsers,
  site,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const visitor = await visit(browser.context, origin, peerServer);
  const runs: string[][] = [];
  for (const _run of ['first', 'reloaded']) {
    const ids: string[] = [];
    for (const _peer of [1, 2, 3]) ids.push(await openedId(await visitor.construct(undefined)));
    runs.push(ids);
    await visitor.page.reload();
  }
  expect(new Set(runs[0]).size).toBe(3);
  expect(runs[1]).toEqual(runs[0]);
  await visitor.page.close();
});

test('a Peer opens with a saved ID only after the mark in its site’s storage is stored', async ({
  browsers,
  site,
  peerServer,
}) => {
  const { context } = await browsers.extended();
  const prompts = new Prompts(context);
  const visitor = await visit(context, freshOrigin(site), peerServer);
  const peer = await visitor.construct(undefined);
  const prompt = await prompts.next();
  await prompt.chooseKeepId(true);
  // The page holds the database for longer than a Peer takes to open, so that the mark has to wait.
  const observed = await peer.evaluateHandle(async (peer) => {
    const request = indexedDB.open('peerport');
    request.onupgradeneeded = () => request.result.createObjectStore('mark');
    await new Promise((resolve) => (request.onsuccess = resolve));
    const seen = { isHeld: true, wasHeldAtOpen: undefined as boolean | undefined };
    setTimeout(() => (seen.isHeld = false), 2_000);
    const store = request.result.transaction('mark', 'readwrite').objectStore('mark');
    const hold = (): void => {
      if (seen.isHeld) store.get('mark').onsuccess = hold;
    };
    hold();
    peer.on('open', () => (seen.wasHeldAtOpen = seen.isHeld));
    return seen;
  });
  await prompt.answer('Always allow');
  await openedId(peer);
  expect(await observed.evaluate(({ wasHeldAtOpen }) => wasHeldAtOpen)).toBe(false);
  await visitor.page.close();
});

test('a closed tab frees its ID for the next tab', async ({ browsers, site, peerServer }) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const first = await visit(browser.context, origin, peerServer);
  const id = await openedId(await first.construct(undefined));
  await first.page.close();
  await peerServer.registered(id, false);
  const second = await visit(browser.context, origin, peerServer);
  expect(await openedId(await second.construct(undefined))).toBe(id);
  await second.page.close();
});

test('when the user replaces or forgets an ID, its Peer ends and the next Peer has another ID', async ({
  browsers,
  site,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const visitor = await visit(browser.context, origin, peerServer);
  const settings = await openSettings(browser, 'sites');
  const ids: string[] = [];
  for (const [button, action] of [
    ['New ID in place of', 'New ID'],
    ['Forget', 'Forget'],
  ] as const) {
    const peer = await visitor.construct(undefined);
    const id = await openedId(peer);
    ids.push(id);
    await settings.reload();
    await settings.getByLabel('Search').fill(origin);
    await settings.getByRole('button', { name: `Details of ${origin}` }).click();
    await settings.getByRole('button', { name: `${button} ${id}` }).click();
    await settings.getByRole('dialog').getByRole('button', { name: action }).click();
    expect(await eventsToTheEnd(peer)).toContainEqual(expect.stringMatching(/^error .*permission-denied/));
    const shown = settings.locator('.identities .mono');
    if (action === 'Forget') await expect(shown).toHaveCount(0);
    else await expect(shown).not.toHaveText(id);
    ids.push(...(await shown.allTextContents()));
  }
  // The new ID that the settings showed is the one that the next Peer got.
  expect([ids[1], new Set(ids).size]).toEqual([ids[2], 2]);
  expect(ids).not.toContain(await openedId(await visitor.construct(undefined)));
  await Promise.all([visitor.page.close(), settings.close()]);
});

test('a named ID is unavailable while another Peer of this browser has it', async ({ browsers, site, peerServer }) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const id = uniqueId();
  const visitors = [await visit(browser.context, origin, peerServer), await visit(browser.context, origin, peerServer)];
  const peer = await visitors[0]!.open(id);
  for (const visitor of visitors) {
    expect((await eventsToTheEnd(await visitor.construct(id)))[0]).toMatch(/^error .*unavailable-id/);
  }
  expect(await peer.evaluate((peer) => peer.open)).toBe(true);
  await Promise.all(visitors.map(({ page }) => page.close()));
});

test('the owner of a named ID reclaims it although the server still has the old socket', async ({
  site,
  peerServer,
  tcpProxy,
}, testInfo) => {
  const profile = testInfo.outputPath('profile');
  const origin = freshOrigin(site);
  const id = uniqueId();
  const proxy = await tcpProxy();
  const options = { host: proxy.host, port: proxy.port };

  const before = await launchExtendedBrowser(profile);
  await before.allow(origin);
  await (await visit(before.context, origin, peerServer)).open(id, options);
  proxy.freeze();
  await before.context.close();
  expect(peerServer.clients.has(id)).toBe(true);

  const after = await launchExtendedBrowser(profile);
  await (await visit(after.context, origin, peerServer)).open(id, options);
  await after.context.close();
});

test('another origin gets another token for the same named ID', async ({ browsers, site, peerServer }) => {
  const browser = await browsers.extended();
  const id = uniqueId();
  const tokens: (string | null)[] = [];
  for (const origin of [freshOrigin(site), freshOrigin(site)]) {
    await browser.allow(origin);
    const visitor = await visit(browser.context, origin, peerServer);
    const peer = await visitor.open(id);
    tokens.push(tokenOf(peerServer.socketUrls, id));
    await peer.evaluate((peer) => peer.destroy());
    await peerServer.registered(id, false);
    await visitor.page.close();
  }
  expect(tokens[0]).not.toBe(tokens[1]);
});

test('a site without a kept ID gets another ID after a reload, and neither ID is stored', async ({
  browsers,
  site,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const prompts = new Prompts(browser.context);
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const first = await visitor.construct(undefined);
  const prompt = await prompts.next();
  await prompt.chooseKeepId(false);
  await prompt.answer('Always allow');
  const ids = [await openedId(first)];
  await visitor.page.reload();
  ids.push(await openedId(await visitor.construct(undefined)));
  expect(new Set(ids).size).toBe(2);
  const stored = await browser.stored();
  expect(stored[`settings:${origin}`]).toEqual({ keepId: false });
  expect(stored).not.toHaveProperty([`identity:${origin}`]);
  for (const id of ids) expect(JSON.stringify(stored)).not.toContain(id);
  expect(await databasesOf(visitor.page)).toEqual([]);
  await visitor.page.close();
});

test('the next prompt shows the choice about IDs that the user made with “Allow this time”', async ({
  browsers,
  site,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const prompts = new Prompts(browser.context);
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  for (const isKept of [true, false]) {
    const peer = await visitor.construct(undefined);
    const prompt = await prompts.next();
    const box = prompt.page.getByRole('checkbox', { name: 'Keep an ID for this site' });
    await expect(box).toBeChecked({ checked: isKept });
    await prompt.chooseKeepId(false);
    await prompt.answer('Allow this time');
    await openedId(peer);
    await visitor.page.goto(`${freshOrigin(site)}/blank.html`);
    await visitor.page.goto(`${origin}/blank.html`);
  }
  expect(await browser.grantOf(origin)).toBeUndefined();
  await visitor.page.close();
});

test('documents of a site that load at the same time on the first visit keep their IDs', async ({
  browsers,
  site,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const page = await browser.context.newPage();
  await page.goto(origin + site.page('<iframe src="/blank.html"></iframe>'.repeat(4)));
  const ids: string[][] = [];
  for (const _run of ['first', 'reloaded', 'again']) {
    const frames = page.frames().slice(1);
    await Promise.all(frames.map((frame) => frame.waitForFunction(() => typeof kit === 'object')));
    ids.push(
      await Promise.all(
        frames.map((frame) =>
          frame.evaluate(
            async (options) => (await kit.opened(kit.peer(undefined, options))).id,
            peerServer.peerOptions,
          ),
        ),
      ),
    );
    await page.reload();
  }
  expect(new Set(ids.flat()).size).toBe(4);
  await page.close();
});

for (const [how, clear] of Object.entries<(page: Page, site: SiteServer) => Promise<unknown>>({
  'by the browser': async (page) => {
    const session = await page.context().newCDPSession(page);
    const { origin } = new URL(page.url());
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
  },
  'by the site’s own Clear-Site-Data': async (page, site) => {
    const { origin } = new URL(page.url());
    await page.goto(origin + site.page('<p>Signed out</p>', { 'clear-site-data': '"storage"' }));
    await page.goto(`${origin}/blank.html`);
  },
  'by a page that deletes all its databases': (page) =>
    page.evaluate(async () => {
      for (const { name } of await indexedDB.databases()) {
        await new Promise<unknown>((resolve) => (indexedDB.deleteDatabase(name!).onsuccess = resolve));
      }
    }),
})) {
  test(`a site whose data is cleared ${how} gets new IDs`, async ({ browsers, site, peerServer }) => {
    const browser = await browsers.extended();
    const origin = freshOrigin(site);
    await browser.allow(origin);
    const visitor = await visit(browser.context, origin, peerServer);
    const named = uniqueId();
    const tokens: (string | null)[] = [];
    const look = async (): Promise<string> => {
      await visitor.page.reload();
      const id = await openedId(await visitor.construct(undefined));
      const peer = await visitor.open(named);
      tokens.push(tokenOf(peerServer.socketUrls, named));
      await peer.evaluate((peer) => peer.destroy());
      await peerServer.registered(named, false);
      return id;
    };
    const former = await look();
    expect(await look()).toBe(former);
    await clear(visitor.page, site);
    const renewed = await look();
    expect(renewed).not.toBe(former);
    expect(await look()).toBe(renewed);
    expect(tokens[1]).toBe(tokens[0]);
    expect(tokens[2]).not.toBe(tokens[0]);
    expect(tokens[3]).toBe(tokens[2]);
    expect(JSON.stringify(await browser.stored())).not.toContain(former);
    await visitor.page.close();
  });
}

test('a token that the page names is used unchanged', async ({ browsers, site, peerServer }) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const visitor = await visit(browser.context, origin, peerServer);
  const id = uniqueId();
  await visitor.open(id, { token: 'token-of-the-page' });
  expect(tokenOf(peerServer.socketUrls, id)).toBe('token-of-the-page');
  await visitor.page.close();
});
