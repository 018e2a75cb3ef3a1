// Which ID a Peer gets in Firefox: a kept one only if the user chooses that; a separate one for an embedded site in the pages of
// each site; and a new one after the site's data is cleared.
import { press, tickKeepId, untilReady } from '../../support/firefox-user';
import { test as base } from '../../support/firefox-visits';
import { expect } from '../../support/fixtures';
import { freshOrigin, openedId } from '../../support/prompt-page';

interface Fixtures {
  /** Opens a page of `around` with a frame of `embedded`; resolves with the ID of the Peer that the frame constructs. */
  embeddedId: (embedded: string, around: string) => Promise<string>;
}

const test = base.extend<Fixtures>({
  embeddedId: async ({ site, peerServer, visit }, use) => {
    const options = JSON.stringify(peerServer.peerOptions);
    const widget = site.page(`<script>new Peer(${options}).on('open', (id) => parent.postMessage(id, '*'));</script>`);
    const listening = '<script>heard = new Promise((hear) => (onmessage = ({ data }) => hear(data)));</script>';
    await use(async (embedded, around) => {
      const { page } = await visit(around, site.page(`${listening}<iframe src="${embedded}${widget}"></iframe>`));
      const id = await page.evaluate(() => (window as unknown as { heard: Promise<string> }).heard);
      await page.close();
      return id;
    });
  },
});

test('no ID is kept unless the user chooses that in the prompt', async ({ firefox, site, visit }) => {
  const origin = freshOrigin(site);
  const visitor = await visit(origin);
  const first = await visitor.construct(undefined);
  const prompt = await firefox.nextPrompt();
  await untilReady(prompt, 'Always allow');
  expect(await prompt.$eval('#keep-id', (box) => (box as HTMLInputElement).checked)).toBe(false);
  await press(prompt, 'Always allow');
  const ids = [await openedId(first)];
  await visitor.page.reload();
  ids.push(await openedId(await visitor.construct(undefined)));
  expect(new Set(ids).size).toBe(2);
  const stored = await firefox.stored();
  expect(stored).not.toHaveProperty([`identity:${origin}`]);
  expect(stored).not.toHaveProperty([`settings:${origin}`]);
});

test('a kept ID stays the same across reloads, and is replaced once the site’s data is cleared', async ({
  firefox,
  site,
  visit,
}) => {
  const origin = freshOrigin(site);
  const visitor = await visit(origin);
  const first = await visitor.construct(undefined);
  const prompt = await firefox.nextPrompt();
  await tickKeepId(prompt);
  await press(prompt, 'Always allow');
  const id = await openedId(first);
  await visitor.page.reload();
  expect(await openedId(await visitor.construct(undefined))).toBe(id);
  await firefox.clearSiteData(new URL(origin).hostname);
  await visitor.page.reload();
  const renewed = await openedId(await visitor.construct(undefined));
  expect(renewed).not.toBe(id);
  await visitor.page.reload();
  expect(await openedId(await visitor.construct(undefined))).toBe(renewed);
  expect(JSON.stringify(await firefox.stored())).not.toContain(id);
});

test('an embedded site has a separate ID in the pages of each site, and gets the same one there again', async ({
  firefox,
  site,
  embeddedId,
}) => {
  const [widget, news, shop] = [freshOrigin(site), freshOrigin(site), freshOrigin(site)];
  await firefox.setSettings(widget, { keepId: true });
  for (const around of [news, shop]) await firefox.allow(`${widget} ${around}`);
  const ids = [await embeddedId(widget, news), await embeddedId(widget, shop)];
  expect(new Set(ids).size).toBe(2);
  expect([await embeddedId(widget, news), await embeddedId(widget, shop)]).toEqual(ids);
});
