// What a user sees and decides, and what a page notices of it.
import type { ExtendedBrowser } from '../support/browser';
import { launchExtendedBrowser } from '../support/browser';
import { expect, test as base } from '../support/fixtures';
import { eventsToTheEnd, freshOrigin, freshPublicOrigin, openedId, Prompts, visit } from '../support/prompt-page';

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
  const peers = await Promise.all(visitors.flatMap((visitor) => [1, 2, 3, 4].map(() => visitor.construct(undefined))));
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
