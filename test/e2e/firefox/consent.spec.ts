// When the user is asked in Firefox: only over a tab in front and, for a frame of another site, only once they have acted in it.
import type { Frame, Page } from 'puppeteer-core';
import type { SiteDecision, SiteName } from '../../../src/protocol/ui-messages';
import type { ExtendedFirefox } from '../../support/firefox';
import { press, untilReady, untilSays } from '../../support/firefox-user';
import { expect, test as base } from '../../support/fixtures';
import { nestedUrl, pageWithAskingFrame } from '../../support/framed-pages';
import type { TestPeerServer } from '../../support/peer-server';
import { freshOrigin } from '../../support/prompt-page';
import type { SiteServer } from '../../support/site-server';

const test = base.extend<{ firefox: ExtendedFirefox }>({
  firefox: async ({ browsers }, use) => {
    const firefox = await browsers.extendedFirefox();
    const before = new Set(await firefox.browser.pages());
    await use(firefox);
    const opened = (await firefox.browser.pages()).filter((page) => !before.has(page));
    await Promise.all(opened.map((page) => page.close()));
  },
});

/** A document whose own script makes a Peer, because a test's `evaluate` counts as user activation. Its title shows the outcome. */
function askingPage(site: SiteServer, { peerOptions }: TestPeerServer): string {
  return site.page(`<title>asking</title><body style="height: 100vh"><script>
    const peer = new Peer(${JSON.stringify(peerOptions)});
    peer.on('open', () => (document.title = 'open'));
    peer.on('error', ({ message }) => (document.title = message));
  </script>`);
}

/** Opens a page of the first origin with nested frames of the others, from the outside in. Resolves with the innermost frame. */
async function visitNested(
  firefox: ExtendedFirefox,
  site: SiteServer,
  origins: string[],
  inner: string,
): Promise<Frame> {
  const page = await firefox.browser.newPage({ type: 'window' });
  await page.goto(nestedUrl(site, origins, inner), { waitUntil: 'load' });
  return page.frames().find((frame) => frame.url().endsWith(inner))!;
}

function untilTitled(shown: Page | Frame, title: string): Promise<unknown> {
  return shown.waitForFunction((title) => document.title === title, { polling: 50 }, title);
}

/** Stands in for the user's click in the settings. */
async function decide(userPage: Page, site: SiteName, decision: SiteDecision): Promise<void> {
  await userPage.evaluate((message) => chrome.runtime.sendMessage(message), {
    to: 'background',
    type: 'ui.decide',
    site,
    isPrivate: false,
    decision,
  } as const);
}

test('a frame inside a third site’s frame is asked about separately once the user has clicked in it', async ({
  firefox,
  site,
  peerServer,
}) => {
  const [around, between, embedded] = [freshOrigin(site), freshOrigin(site), freshOrigin(site)];
  await firefox.allow(`${embedded} ${around}`);
  const inner = askingPage(site, peerServer);
  const direct = await visitNested(firefox, site, [around, embedded], inner);
  await untilTitled(direct, 'open');
  await direct.page().close();
  const frame = await visitNested(firefox, site, [around, between, embedded], inner);
  expect(await firefox.untilAsked(around, 1)).toEqual([`${embedded} ${between} ${around}`]);
  expect(await firefox.promptCount()).toBe(0);
  await (await frame.$('body'))!.click();
  const prompt = await firefox.nextPrompt();
  await untilSays(prompt, embedded);
  await untilSays(prompt, `inside a frame of ${between}, inside a page of ${around}`);
  await press(prompt, 'Always allow');
  await untilTitled(frame, 'open');
  expect(await firefox.grantOf(`${embedded} ${between} ${around}`)).toMatchObject({ decision: 'allow' });
});

test('a background tab asks only when it comes to the front', async ({ firefox, site, peerServer }) => {
  const origin = freshOrigin(site);
  const behind = await firefox.openBehind(origin + askingPage(site, peerServer), `${freshOrigin(site)}/blank.html`);
  expect(await firefox.untilAsked(origin, 0)).toEqual([]);
  expect(await firefox.promptCount()).toBe(0);
  await behind.bringToFront();
  const prompt = await firefox.nextPrompt();
  await untilReady(prompt, 'Always allow');
  await press(prompt, 'Always allow');
  await untilTitled(behind, 'open');
});

test('a decision reaches a tab of the site that was never in front', async ({ firefox, site, peerServer }) => {
  const origin = freshOrigin(site);
  const behind = await firefox.openBehind(origin + askingPage(site, peerServer), `${freshOrigin(site)}/blank.html`);
  expect(await firefox.untilAsked(origin, 0)).toEqual([]);
  const settings = await firefox.openUserPage('/extension/settings/index.html#sites');
  await decide(settings, { origin }, 'allow');
  await untilTitled(behind, 'open');
  expect(await firefox.promptCount()).toBe(0);
});

test('after its permission is revoked, a frame is asked about again only once the user has acted in it', async ({
  firefox,
  site,
  peerServer,
}) => {
  const [around, embedded] = [freshOrigin(site), freshOrigin(site)];
  await firefox.allow(`${embedded} ${around}`);
  const page = await firefox.browser.newPage({ type: 'window' });
  await page.goto(around + pageWithAskingFrame(site, peerServer, embedded), { waitUntil: 'load' });
  const heardAs = (count: number) => page.waitForFunction(`heard.length === ${count}`, { polling: 50 });
  await heardAs(1);
  const settings = await firefox.openUserPage('/extension/settings/index.html#sites');
  await decide(settings, { origin: embedded, topOrigin: around }, 'ask');
  await settings.close();
  await heardAs(2);
  await page.evaluate(() => frames[0]!.postMessage('again', '*'));
  await heardAs(3);
  expect(await page.evaluate('heard')).toEqual([
    'open',
    expect.stringContaining('has been withdrawn') as unknown,
    expect.stringContaining('after the user has clicked or typed in it') as unknown,
  ]);
  expect(await firefox.promptCount()).toBe(0);
  await (await page.frames()[1]!.$('body'))!.click();
  await press(await firefox.nextPrompt(), 'Always allow');
  await page.waitForFunction('heard.at(-1) === "open"', { polling: 50 });
});
