// What a user sees and decides, and what a page notices of it.
import type { Frame, JSHandle } from '@playwright/test';
import type { Peer as PeerType } from 'peerjs';
import type { ExtendedBrowser } from '../support/browser';
import { launchExtendedBrowser } from '../support/browser';
import { expect, test as base } from '../support/fixtures';
import { nestedUrl, pageWithAskingFrame } from '../support/framed-pages';
import { PanelPage } from '../support/panel-page';
import {
  endPlayedFocus,
  eventsToTheEnd,
  freshOrigin,
  freshPublicOrigin,
  openedId,
  Prompts,
  visit,
} from '../support/prompt-page';
import type { SiteServer } from '../support/site-server';
import { askFrom, openSettings } from '../support/user-pages';

interface Consent {
  browser: ExtendedBrowser;
  prompts: Prompts;
}

const test = base.extend<{ consent: Consent }>({
  consent: async ({ browsers }, use) => {
    const browser = await browsers.extended();
    const before = new Set(browser.context.pages());
    await use({ browser, prompts: new Prompts(browser.context) });
    const opened = browser.context.pages().filter((page) => !before.has(page));
    await Promise.all(opened.map((page) => page.close()));
  },
});

const DENIED_EVENTS: unknown[] = [
  expect.stringMatching(/^error .*permission-denied/),
  expect.stringMatching(/^disconnected/),
  'close',
];

test('“Always allow” lets the site in, now and after a reload', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Always allow');
  await openedId(peer);
  await visitor.page.reload();
  await openedId(await visitor.construct(undefined));
  expect(prompts.seen).toHaveLength(1);
  expect(await browser.grantOf(origin)).toMatchObject({ decision: 'allow' });
});

test('“Allow this time” lasts until the tab leaves the origin', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Allow this time');
  await openedId(peer);
  await visitor.page.reload();
  await openedId(await visitor.construct(undefined));
  expect(prompts.seen).toHaveLength(1);

  await visitor.page.goto(`${freshOrigin(site)}/blank.html`);
  await visitor.page.goto(`${origin}/blank.html`);
  await visitor.construct(undefined);
  await (await prompts.next()).pressEscape();
  expect(await browser.grantOf(origin)).toBeUndefined();
});

test('“Allow this time” holds in no other tab', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const peer = await (await visit(browser.context, origin, peerServer)).construct(undefined);
  await (await prompts.next()).answer('Allow this time');
  await openedId(peer);
  await (await visit(browser.context, origin, peerServer)).construct(undefined);
  await (await prompts.next()).pressEscape();
});

test('“Block” ends this Peer and the next without another prompt', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Block');
  expect(await eventsToTheEnd(peer)).toEqual(DENIED_EVENTS);
  expect(await eventsToTheEnd(await visitor.construct(undefined))).toEqual(DENIED_EVENTS);
  expect(prompts.seen).toHaveLength(1);
  expect(await browser.grantOf(origin)).toMatchObject({ decision: 'block' });
});

test('a denial tells the page’s developer what happened and what to do', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const peer = await (await visit(browser.context, origin, peerServer)).construct(undefined);
  const error = peer.evaluate(
    (peer) =>
      new Promise<[string, string, string]>((resolve) =>
        peer.on('error', (error) => resolve([error.type as string, error.message, error.constructor.name])),
      ),
  );
  await (await prompts.next()).pressEscape();
  const [type, message] = await error;
  expect(type).toBe('permission-denied');
  expect(message).toContain(origin);
  expect(message).toContain('construct another Peer');
  expect(await eventsToTheEnd(peer)).toEqual(DENIED_EVENTS);
});

test('a prompt that is closed denies for now, and can be asked again', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  const denied = await visitor.construct(undefined);
  await (await prompts.next()).page.close();
  expect(await eventsToTheEnd(denied)).toEqual(DENIED_EVENTS);
  expect(await browser.grantOf(origin)).toBeUndefined();
  const allowed = await visitor.construct(undefined);
  await (await prompts.next()).answer('Allow this time');
  await openedId(allowed);
});

test('many Peers in many tabs wait for one prompt', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitors = await Promise.all([1, 2, 3].map(() => visit(browser.context, origin, peerServer)));
  const peers: JSHandle<PeerType>[] = [];
  for (const visitor of visitors) for (let n = 0; n < 4; n++) peers.push(await visitor.construct(undefined));
  await (await prompts.next()).answer('Always allow');
  const ids = await Promise.all(peers.map(openedId));
  expect(new Set(ids).size).toBe(12);
  expect(prompts.seen).toHaveLength(1);
});

test('the prompt goes with the tab that asked', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  for (const leave of ['close', 'navigate'] as const) {
    const visitor = await visit(browser.context, freshOrigin(site), peerServer);
    await visitor.construct(undefined);
    const { page } = await prompts.next();
    const closed = page.isClosed() ? undefined : page.waitForEvent('close');
    if (leave === 'close') await visitor.page.close();
    else await visitor.page.goto(`${freshOrigin(site)}/blank.html`);
    await closed;
  }
});

test('decisions outlive the service worker', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const visitor = await visit(browser.context, freshOrigin(site), peerServer);
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Allow this time');
  await openedId(peer);
  await browser.killServiceWorker();
  await visitor.page.reload();
  await openedId(await visitor.construct(undefined));
  expect(prompts.seen).toHaveLength(1);
});

test('a service worker that ends under an open prompt loses nothing', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const visitor = await visit(browser.context, freshOrigin(site), peerServer);
  const peer = await visitor.construct(undefined);
  const prompt = await prompts.next();
  await prompt.page.getByRole('dialog').waitFor();
  await browser.killServiceWorker();
  await prompt.answer('Always allow');
  await openedId(peer);
  expect(prompts.seen).toHaveLength(1);
});

test('a PeerServer in the local network has to be named in a prompt', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = await freshPublicOrigin(browser.context, site);
  await browser.allow(origin);
  const visitor = await visit(browser.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  const prompt = await prompts.next();
  const label = `127.0.0.1:${peerServer.port}`;
  await expect(prompt.page.getByRole('dialog')).toContainText(label);
  await expect(prompt.page.getByRole('dialog')).toContainText('local network');
  // In a window that cannot show everything, the warnings and the answers are in view.
  await prompt.page.setViewportSize({ width: 480, height: 560 });
  for (const answer of ['Always allow', 'Allow this time', 'Block']) {
    await expect(prompt.page.getByRole('button', { name: answer })).toBeInViewport({ ratio: 1 });
  }
  const [warning, answers] = await Promise.all(
    ['#private-server', '.answers'].map((selector) => prompt.page.locator(selector).boundingBox()),
  );
  expect(warning!.y + warning!.height).toBeLessThanOrEqual(answers!.y);
  await prompt.answer('Always allow');
  await openedId(peer);
  expect(await browser.grantOf(origin)).toMatchObject({ decision: 'allow', servers: [`ws://${label}`] });
  await openedId(await visitor.construct(undefined));
  expect(prompts.seen).toHaveLength(1);
});

test('an embedded site is asked for by its own origin, and the page around it is named', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const [around, embedded] = [freshOrigin(site), freshOrigin(site)];
  const page = await browser.context.newPage();
  await page.goto(around + site.page(`<iframe src="${embedded}/blank.html"></iframe>`));
  const frame = page.frames()[1]!;
  await frame.waitForFunction(() => typeof kit === 'object');
  const peer = await frame.evaluateHandle((options) => kit.peer(undefined, options), peerServer.peerOptions);
  const prompt = await prompts.next();
  await expect(prompt.page.getByRole('dialog')).toContainText(embedded);
  await expect(prompt.page.getByRole('dialog')).toContainText(around);
  await prompt.answer('Always allow');
  await openedId(peer);
  expect(await browser.grantOf(`${embedded} ${around}`)).toMatchObject({ decision: 'allow' });
  expect(await browser.grantOf(embedded)).toBeUndefined();
  expect(await browser.grantOf(around)).toBeUndefined();
});

/** The innermost of frames in one another, of these origins from the outside in, in a page of the first. */
async function visitNested(browser: ExtendedBrowser, site: SiteServer, origins: string[]): Promise<Frame> {
  const page = await browser.context.newPage();
  await page.goto(nestedUrl(site, origins, '/blank.html'));
  const innermost = page.frames().at(-1)!;
  await innermost.waitForFunction(() => typeof kit === 'object');
  return innermost;
}

test('a frame inside the frame of a third site is asked for as such, whatever was decided without that one', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const [around, between, embedded] = [freshOrigin(site), freshOrigin(site), freshOrigin(site)];
  await browser.allow(`${embedded} ${around}`);
  const direct = await visitNested(browser, site, [around, embedded]);
  await openedId(await direct.evaluateHandle((options) => kit.peer(undefined, options), peerServer.peerOptions));
  await direct.page().close();
  const frame = await visitNested(browser, site, [around, between, embedded]);
  const peer = await frame.evaluateHandle((options) => kit.peer(undefined, options), peerServer.peerOptions);
  const prompt = await prompts.next();
  await expect(prompt.page.getByRole('dialog')).toContainText(embedded);
  await expect(prompt.page.getByRole('dialog')).toContainText(
    `inside a frame of ${between}, inside a page of ${around}`,
  );
  await prompt.answer('Always allow');
  await openedId(peer);
  expect(await browser.grantOf(`${embedded} ${between} ${around}`)).toMatchObject({ decision: 'allow' });

  const settings = await openSettings(browser, 'sites');
  const row = settings.getByRole('row').filter({ hasText: `inside a frame of ${between}, inside pages of ${around}` });
  await expect(row).toContainText(embedded);
  const panel = new PanelPage(await browser.openPanel(around));
  await expect(panel.site(embedded)).toContainText(`inside a frame of ${between}, inside pages of ${around}`);
  await expect(panel.choice(embedded, 'Allow')).toBeChecked();
});

test('a frame of the page’s own site that lies inside a frame of another site is asked about apart from the page', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const [around, between] = [freshOrigin(site), freshOrigin(site)];
  await browser.allow(around);
  const frame = await visitNested(browser, site, [around, between, around]);
  await frame.evaluate((options) => void kit.peer(undefined, options), peerServer.peerOptions);
  const prompt = await prompts.next();
  await expect(prompt.page.getByRole('dialog')).toContainText(`inside a frame of ${between}`);
  await prompt.pressEscape();
});

test('a tab behind another asks when it is shown, and not before', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  await endPlayedFocus(visitor.page);
  const before = await visit(browser.context, freshOrigin(site), peerServer);
  const peer = await visitor.constructUnseen();
  await expect.poll(() => browser.embeddedIn(origin)).toEqual([]);
  expect(prompts.seen).toHaveLength(0);
  // Another site asks meanwhile, and its prompt stays the only one.
  await before.construct(undefined);
  await (await prompts.next()).pressEscape();
  expect(prompts.seen).toHaveLength(1);
  await visitor.page.bringToFront();
  await (await prompts.next()).answer('Always allow');
  await openedId(peer);
});

test('a decision reaches the tabs of the site that have not been shown', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const behind = await visit(browser.context, origin, peerServer);
  const visitor = await visit(browser.context, origin, peerServer);
  const waiting = await behind.constructUnseen();
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Always allow');
  await openedId(peer);
  await openedId(waiting);
  expect(prompts.seen).toHaveLength(1);
});

test('a further Peer of a page whose permission was taken away is refused in words while its tab is behind', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const visitor = await visit(browser.context, origin, peerServer);
  const first = await visitor.construct(undefined);
  await openedId(first);
  const settings = await openSettings(browser, 'sites');
  await askFrom(settings)({ type: 'ui.decide', site: { origin }, isPrivate: false, decision: 'ask' });
  await first.evaluate((peer) => kit.happened(peer, 'close'));
  const error = await visitor.page.evaluate(
    (options) =>
      new Promise<string>((resolve) =>
        kit.peer(undefined, options).on('error', ({ type, message }) => resolve(`${type as string}: ${message}`)),
      ),
    peerServer.peerOptions,
  );
  expect(error).toMatch(/^permission-denied: .*only while the page’s tab is in front/);
  expect(prompts.seen).toHaveLength(0);
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Always allow');
  await openedId(peer);
});

test('a frame whose permission was taken away is asked about again once the user has acted in it', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const [around, embedded] = [freshOrigin(site), freshOrigin(site)];
  await browser.allow(`${embedded} ${around}`);
  const page = await browser.context.newPage();
  await page.goto(around + pageWithAskingFrame(site, peerServer, embedded));
  await page.waitForFunction('heard.length === 1');
  const settings = await openSettings(browser, 'sites');
  const name = { origin: embedded, topOrigin: around };
  await askFrom(settings)({ type: 'ui.decide', site: name, isPrivate: false, decision: 'ask' });
  await settings.close();
  await page.bringToFront();
  await page.waitForFunction('heard.length === 2');
  await page.evaluate(() => frames[0]!.postMessage('again', '*'));
  await page.waitForFunction('heard.length === 3');
  expect(await page.evaluate('heard')).toEqual([
    'open',
    expect.stringContaining('has been withdrawn') as unknown,
    expect.stringContaining('after the user has clicked or typed in it') as unknown,
  ]);
  expect(prompts.seen).toHaveLength(0);
  await page.frames()[1]!.locator('body').click();
  await (await prompts.next()).answer('Always allow');
  await page.waitForFunction('heard.at(-1) === "open"');
});

test('a sandboxed document is refused with a clear error, and nobody is asked', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const page = await browser.context.newPage();
  await page.goto(freshOrigin(site) + site.page('', { 'content-security-policy': 'sandbox allow-scripts' }));
  // The kit is a module, which a document without an origin may not load.
  const [type, message] = await page.evaluate(
    (options) =>
      new Promise<[string, string]>((resolve) =>
        new Peer(options as never).on('error', (error) => resolve([error.type as string, error.message])),
      ),
    peerServer.peerOptions,
  );
  expect(type).toBe('permission-denied');
  expect(message).toContain('allow-same-origin');
  expect(prompts.seen).toHaveLength(0);
});

test('the checkbox takes nothing in the first moment of focus', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  await (await visit(browser.context, freshOrigin(site), peerServer)).construct(undefined);
  const prompt = await prompts.next();
  const keepsId = prompt.page.getByRole('checkbox', { name: 'Keep an ID for this site' });
  await expect(keepsId).toBeEnabled();
  await keepsId.evaluate((box: HTMLInputElement) => {
    window.dispatchEvent(new Event('focus'));
    box.click();
    box.labels![0]!.click();
  });
  await expect(keepsId).toBeEnabled();
  await expect(keepsId).toBeChecked();
  await prompt.page.getByText('Keep an ID for this site').click();
  await expect(keepsId).not.toBeChecked();
  await prompt.pressEscape();
});

test('the buttons take nothing in the first moment of focus', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  await (await visit(browser.context, origin, peerServer)).construct(undefined);
  const prompt = await prompts.next();
  const always = prompt.page.getByRole('button', { name: 'Always allow' });
  await always.waitFor();
  await always.evaluate((button: HTMLButtonElement) => {
    window.dispatchEvent(new Event('focus'));
    button.click();
  });
  await expect(always).toBeEnabled();
  expect(await browser.grantOf(origin)).toBeUndefined();
  await prompt.pressEscape();
});

test('no key answers before the user has gone to a button, and then the keyboard is enough', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const peer = await (await visit(browser.context, origin, peerServer)).construct(undefined);
  const { page } = await prompts.next();
  const keepsId = page.getByRole('checkbox', { name: 'Keep an ID for this site' });
  await expect(page.getByRole('button', { name: 'Always allow' })).toBeEnabled();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Space');
  await expect(keepsId).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(keepsId).toBeFocused();
  await page.keyboard.press('Space');
  await expect(keepsId).not.toBeChecked();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Always allow' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Allow this time' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Block' })).toBeFocused();
  const closed = page.waitForEvent('close');
  await page.keyboard.press('Enter').catch(() => undefined);
  await closed;
  await eventsToTheEnd(peer);
  expect(await browser.grantOf(origin)).toMatchObject({ decision: 'block' });
});

test('decisions outlive the browser', async ({ site, peerServer }, testInfo) => {
  const profile = testInfo.outputPath('profile');
  const [allowed, blocked] = [freshOrigin(site), freshOrigin(site)];
  for (const run of ['decide', 'restart'] as const) {
    const browser = await launchExtendedBrowser(profile);
    const prompts = new Prompts(browser.context);
    const peerOfAllowed = await (await visit(browser.context, allowed, peerServer)).construct(undefined);
    if (run === 'decide') await (await prompts.next()).answer('Always allow');
    const peerOfBlocked = await (await visit(browser.context, blocked, peerServer)).construct(undefined);
    if (run === 'decide') await (await prompts.next()).answer('Block');
    await openedId(peerOfAllowed);
    expect(await eventsToTheEnd(peerOfBlocked)).toEqual(DENIED_EVENTS);
    expect(prompts.seen).toHaveLength(run === 'decide' ? 2 : 0);
    await browser.context.close();
  }
});
