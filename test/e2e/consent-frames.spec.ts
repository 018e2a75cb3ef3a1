// Whom the user is asked about when frames of other sites, sandboxed documents and background tabs construct Peers.
import type { Frame } from '@playwright/test';
import type { ExtendedBrowser } from '../support/browser';
import { expect, test } from '../support/consent';
import { nestedUrl, pageWithAskingFrame } from '../support/framed-pages';
import { PanelPage } from '../support/panel-page';
import { endPlayedFocus, freshOrigin, openedId, visit } from '../support/prompt-page';
import type { SiteServer } from '../support/site-server';
import { askFrom, openSettings } from '../support/user-pages';

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
