// The user's decisions reach connections that are already open, and the panel's view.
import type { ExtendedBrowser } from '../support/browser';
import { expect, test } from '../support/fixtures';
import { eventsToTheEnd, freshOrigin, openedId, visit } from '../support/prompt-page';
import { askFrom } from '../support/user-pages';

/** Opens the settings page; `ask` sends requests to the background from it, as the user's clicks do. */
async function openUserPage({ context, extensionId }: ExtendedBrowser) {
  const page = await context.newPage();
  await page.goto(`chrome-extension://${extensionId}/extension/settings/index.html`);
  return { page, ask: askFrom(page) };
}

const REVOKED: unknown[] = [
  expect.stringMatching(/^error .*permission-denied/),
  expect.stringMatching(/^disconnected/),
  'close',
];

test('blocking a site in mid-transfer ends the connections of all its tabs and tells the pages', async ({
  browsers,
  site,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const [one, two] = [
    await visit(browser.context, origin, peerServer),
    await visit(browser.context, origin, peerServer),
  ];
  const [sender, receiver] = [await one.construct(undefined), await two.construct(undefined)];
  await openedId(sender);
  const receiverId = await openedId(receiver);
  const incoming = receiver.evaluateHandle((peer) => kit.incoming(peer));
  const dialled = await sender.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to, {})), receiverId);
  await incoming;
  await dialled.evaluate((connection) => {
    for (let n = 0; n < 64; n++) void connection.send(new Uint8Array(1024 * 1024));
  });
  const { page, ask } = await openUserPage(browser);
  await ask({ type: 'ui.decide', site: { origin }, isPrivate: false, decision: 'block' });
  for (const peer of [sender, receiver]) expect((await eventsToTheEnd(peer)).slice(-3)).toEqual(REVOKED);
  expect(await dialled.evaluate((connection) => connection.open)).toBe(false);
  await page.close();
  await Promise.all([one.page.close(), two.page.close()]);
});

test('the panel’s view of a tab follows the user’s decisions', async ({ browsers, site, peerServer }) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const { page, ask } = await openUserPage(browser);
  const tabId = await page.evaluate(async (url) => (await chrome.tabs.query({ url }))[0]!.id!, `${origin}/*`);
  await ask({ type: 'ui.allowForTab', site: { origin }, isPrivate: false, tabId });
  const peer = await visitor.construct(undefined);
  await openedId(peer);
  expect(await ask({ type: 'ui.tab', tabId })).toMatchObject([{ origin, decision: 'ask', isAllowedForTab: true }]);
  await ask({ type: 'ui.decide', site: { origin }, isPrivate: false, decision: 'ask' });
  expect((await eventsToTheEnd(peer)).slice(-3)).toEqual(REVOKED);
  await page.close();
  await visitor.page.close();
});
