// What a user sees and decides in a prompt, and what the page notices of the decision.
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

test('“Always allow” lets the site connect now and after a reload', async ({ consent, site, peerServer }) => {
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

test('“Block” ends this Peer, and ends the next one without another prompt', async ({ consent, site, peerServer }) => {
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

test('closing the prompt denies once, and the site may ask again', async ({ consent, site, peerServer }) => {
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

test('many Peers in many tabs share one prompt', async ({ consent, site, peerServer }) => {
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

test('the prompt closes when the tab that asked is closed or leaves the site', async ({
  consent,
  site,
  peerServer,
}) => {
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

test('decisions survive the end of the service worker', async ({ consent, site, peerServer }) => {
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

test('a service worker that ends during a prompt loses neither the prompt nor the answer', async ({
  consent,
  site,
  peerServer,
}) => {
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

test('an allowed site is asked about again for a PeerServer in the local network, which the prompt names', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const origin = await freshPublicOrigin(browser.context, site);
  await browser.allow(origin);
  const visitor = await visit(browser.context, origin, peerServer);
  const peer = await visitor.construct(undefined);
  const prompt = await prompts.next();
  const label = `127.0.0.1:${peerServer.port}`;
  await expect(prompt.page.getByRole('dialog')).toContainText(label);
  await expect(prompt.page.getByRole('dialog')).toContainText('local network');
  // In a small window, the warning and the answers are in view.
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

test('the prompt for an embedded site names its origin and the page around it', async ({
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

/** Opens a page of the first origin with nested frames of the others, from the outside in. Resolves with the innermost frame. */
async function visitNested(browser: ExtendedBrowser, site: SiteServer, origins: string[]): Promise<Frame> {
  const page = await browser.context.newPage();
  await page.goto(nestedUrl(site, origins, '/blank.html'));
  const innermost = page.frames().at(-1)!;
  await innermost.waitForFunction(() => typeof kit === 'object');
  return innermost;
}

test('a frame inside a third site’s frame is asked about separately, though it is allowed directly in the page', async ({
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

test('a frame of the page’s own site inside another site’s frame is asked about separately', async ({
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

test('a background tab asks only when it comes to the front', async ({ consent, site, peerServer }) => {
  const { browser, prompts } = consent;
  const origin = freshOrigin(site);
  const visitor = await visit(browser.context, origin, peerServer);
  await endPlayedFocus(visitor.page);
  const before = await visit(browser.context, freshOrigin(site), peerServer);
  const peer = await visitor.constructUnseen();
  await expect.poll(() => browser.embeddedIn(origin)).toEqual([]);
  expect(prompts.seen).toHaveLength(0);
  // Another site asks meanwhile, and its prompt is the only one.
  await before.construct(undefined);
  await (await prompts.next()).pressEscape();
  expect(prompts.seen).toHaveLength(1);
  await visitor.page.bringToFront();
  await (await prompts.next()).answer('Always allow');
  await openedId(peer);
});

test('a decision reaches the site’s tabs that were never in front', async ({ consent, site, peerServer }) => {
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

test('after its permission is revoked, a page in a background tab gets an error for its next Peer and no prompt', async ({
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

test('after its permission is revoked, a frame is asked about again only once the user has acted in it', async ({
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

test('a sandboxed document is refused with a clear error and without a prompt', async ({
  consent,
  site,
  peerServer,
}) => {
  const { browser, prompts } = consent;
  const page = await browser.context.newPage();
  await page.goto(freshOrigin(site) + site.page('', { 'content-security-policy': 'sandbox allow-scripts' }));
  // This uses `Peer` directly: a document without an origin may not load the kit, which is a module.
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

test('the checkbox ignores clicks just after its window gets the focus', async ({ consent, site, peerServer }) => {
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

test('the buttons ignore clicks just after their window gets the focus', async ({ consent, site, peerServer }) => {
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

test('no key answers the prompt before the user moves to a button; then the keyboard is enough', async ({
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

test('decisions survive a restart of the browser', async ({ site, peerServer }, testInfo) => {
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
