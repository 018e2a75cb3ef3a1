// The IDs of an embedded site: one for each site around it, and no token that another site's pages share.
import type { JSHandle, Page } from '@playwright/test';
import type { Peer } from 'peerjs';
import { expect, test as base, uniqueId } from '../support/fixtures';
import { tokenOf } from '../support/identity';
import { freshOrigin, openedId, visit } from '../support/prompt-page';

interface Fixtures {
  /** Opens a page of the origin `around` with a frame of `embedded`, and constructs a Peer in the frame. */
  embed: (embedded: string, around: string, id?: string) => Promise<{ page: Page; peer: JSHandle<Peer> }>;
}

const test = base.extend<Fixtures>({
  embed: async ({ browsers, site, peerServer }, use) => {
    const { context } = await browsers.extended();
    await use(async (embedded, around, id) => {
      const page = await context.newPage();
      await page.goto(around + site.page(`<iframe src="${embedded}/blank.html"></iframe>`));
      const frame = page.frames()[1]!;
      await frame.waitForFunction(() => typeof kit === 'object');
      const peer = await frame.evaluateHandle(([id, options]) => kit.peer(id, options), [
        id,
        peerServer.peerOptions,
      ] as const);
      return { page, peer };
    });
  },
});

test('an embedded site has a separate ID in the pages of each site, and gets the same one there again', async ({
  browsers,
  site,
  peerServer,
  embed,
}) => {
  const browser = await browsers.extended();
  const [widget, news, shop] = [freshOrigin(site), freshOrigin(site), freshOrigin(site)];
  await browser.allow(widget);
  await browser.allow(`${widget} ${news}`);
  await browser.allow(`${widget} ${shop}`);
  const idIn = async (around: string): Promise<string> => {
    const { page, peer } = await embed(widget, around);
    const id = await openedId(peer);
    await page.close();
    return id;
  };
  const own = await visit(browser.context, widget, peerServer);
  const ids = [await openedId(await own.construct(undefined)), await idIn(news), await idIn(shop)];
  await own.page.close();
  expect(new Set(ids).size).toBe(3);
  expect([await idIn(news), await idIn(shop)]).toEqual(ids.slice(1));
});

test('an embedded site gets another token for the same named ID in the pages of another site', async ({
  browsers,
  site,
  peerServer,
  embed,
}) => {
  const browser = await browsers.extended();
  const [widget, news, shop] = [freshOrigin(site), freshOrigin(site), freshOrigin(site)];
  const id = uniqueId();
  const tokens: (string | null)[] = [];
  for (const around of [news, shop, news]) {
    await browser.allow(`${widget} ${around}`);
    const { page, peer } = await embed(widget, around, id);
    await openedId(peer);
    tokens.push(tokenOf(peerServer.socketUrls, id));
    await page.close();
    await peerServer.registered(id, false);
  }
  expect(tokens[0]).not.toBe(tokens[1]);
  expect(tokens[2]).toBe(tokens[0]);
});

test('an embedded site whose data is cleared inside one site gets a new ID there, and keeps its other IDs', async ({
  browsers,
  site,
  peerServer,
  embed,
}) => {
  const browser = await browsers.extended();
  const [widget, news] = [freshOrigin(site), freshOrigin(site)];
  await browser.allow(widget);
  await browser.allow(`${widget} ${news}`);
  const own = await visit(browser.context, widget, peerServer);
  const ownId = await openedId(await own.construct(undefined));
  const ids: string[] = [];
  for (const run of ['first', 'seen', 'cleared'] as const) {
    const { page, peer } = await embed(widget, news);
    ids.push(await openedId(peer));
    if (run === 'seen') {
      await page.frames()[1]!.goto(widget + site.page('<p>Signed out</p>', { 'clear-site-data': '"storage"' }));
    }
    await page.close();
  }
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
  await own.page.reload();
  expect(await openedId(await own.construct(undefined))).toBe(ownId);
  await own.page.close();
});
