// The panel: what it shows and changes of a site's decision, settings and prompts.
import { expect, test } from '../support/panel-sites';
import { freshOrigin, openedId, Prompts, visit } from '../support/prompt-page';
import { violations } from '../support/user-pages';

test('the panel shows the decision about a site, and the arrow keys change it', async ({
  extended,
  site,
  peerServer,
  openPanel,
}) => {
  const origin = freshOrigin(site);
  const visitor = await visit(extended.context, origin, peerServer);
  const panel = await openPanel(origin);
  const { page } = panel;
  await expect(panel.site(origin)).toContainText('has not asked to connect');
  await expect(panel.choice(origin, 'Ask')).toBeChecked();
  expect(await violations(page)).toEqual([]);
  await panel.choice(origin, 'Ask').focus();
  await page.keyboard.press('ArrowRight');
  await expect(panel.choice(origin, 'This tab')).toBeChecked();
  await expect(panel.site(origin)).toContainText('not in use right now');
  const peer = await visitor.construct(undefined);
  const id = await openedId(peer);
  await expect(panel.peer(id)).toContainText('Reachable');
  await page.keyboard.press('ArrowRight');
  await expect(panel.choice(origin, 'Allow')).toBeChecked();
  await expect.poll(() => extended.grantOf(origin)).toMatchObject({ decision: 'allow' });
  await page.keyboard.press('ArrowRight');
  await expect(panel.site(origin)).toContainText('Blocked');
  await expect(panel.peer(id)).toHaveCount(0);
  await peer.evaluate((peer) => kit.happened(peer, 'close'));
  await visitor.page.close();
  await expect(page.getByText('This tab has been closed')).toBeVisible();
});

test('the panel shows whether the site’s connections are kept across reloads, and changes that for this site alone', async ({
  extended,
  openSite,
  openPanel,
}) => {
  const { origin } = await openSite();
  const panel = await openPanel(origin);
  const keeps = panel.scope(origin, 'Keep connections across reloads');
  await panel.openScope(origin);
  await expect(keeps).not.toBeChecked();
  await extended.setPolicy({ keepConnections: true });
  await expect(keeps).toBeChecked();
  await keeps.uncheck();
  const settings = () =>
    panel.page.evaluate(async (key) => (await chrome.storage.local.get(key))[key], `settings:${origin}`);
  await expect.poll(settings).toEqual({ keepConnections: false });
  await extended.setPolicy({});
  await keeps.check();
  await expect.poll(settings).toEqual({ keepConnections: true });
  expect(await violations(panel.page)).toEqual([]);
  await panel.page.evaluate(
    (key) => chrome.storage.local.set({ [key]: { keepConnections: true, keepId: false } }),
    `settings:${origin}`,
  );
  await expect(keeps).toBeDisabled();
  await expect(keeps).not.toBeChecked();
  await expect(keeps).toHaveAccessibleDescription(/This requires a saved ID/);
  expect(await violations(panel.page)).toEqual([]);
});

test('the panel shows whether an ID is kept for the site, and changes that', async ({
  extended,
  site,
  openPanel,
  peerServer,
}) => {
  const origin = freshOrigin(site);
  await extended.allow(origin);
  await (await visit(extended.context, origin, peerServer)).open();
  const panel = await openPanel(origin);
  const keepsId = panel.scope(origin, 'Keep an ID');
  await panel.openScope(origin);
  await expect(keepsId).toBeChecked();
  await keepsId.uncheck();
  const settings = () =>
    panel.page.evaluate(async (key) => (await chrome.storage.local.get(key))[key], `settings:${origin}`);
  await expect.poll(settings).toEqual({ keepId: false });
  await expect(panel.scope(origin, 'Keep connections across reloads')).toBeDisabled();
  await keepsId.check();
  await expect.poll(settings).toEqual({ keepId: true });
  await expect(panel.scope(origin, 'Keep connections across reloads')).toBeEnabled();
});

test('panel and badge show that a prompt is open, and the panel brings it to the front', async ({
  extended,
  site,
  peerServer,
  openPanel,
}) => {
  const origin = freshOrigin(site);
  const visitor = await visit(extended.context, origin, peerServer);
  const panel = await openPanel(origin);
  const prompts = new Prompts(extended.context);
  const peer = await visitor.construct(undefined);
  const prompt = await prompts.next();
  await expect(panel.site(origin)).toContainText('waits for your answer');
  await expect.poll(() => extended.badgeOf(origin)).toMatchObject({ text: '?' });
  await panel.page.bringToFront();
  await panel.page.getByRole('button', { name: 'Show the question' }).click();
  await prompt.page.waitForFunction(() => document.hasFocus());
  await prompt.answer('Always allow');
  await openedId(peer);
  await expect.poll(() => extended.badgeOf(origin)).toMatchObject({ text: '' });
  await visitor.page.close();
});

test('the panel shows that a site may no longer ask, and lets it ask again', async ({
  extended,
  site,
  peerServer,
  openPanel,
}) => {
  const origin = freshOrigin(site);
  const visitor = await visit(extended.context, origin, peerServer);
  const panel = await openPanel(origin);
  const prompts = new Prompts(extended.context);
  for (const words of ['It may ask again', 'It may ask again', 'no longer asks about this site']) {
    const peer = await visitor.construct(undefined);
    await (await prompts.next()).pressEscape();
    await peer.evaluate((peer) => kit.happened(peer, 'close'));
    await expect(panel.site(origin)).toContainText(words);
  }
  expect(await violations(panel.page)).toEqual([]);
  const unheard = await visitor.construct(undefined);
  await unheard.evaluate((peer) => kit.happened(peer, 'close'));
  expect(prompts.seen).toHaveLength(3);
  await panel.page.getByRole('button', { name: 'Let it ask again' }).click();
  await expect(panel.site(origin)).not.toContainText('no longer asks about this site');
  const peer = await visitor.construct(undefined);
  await (await prompts.next()).answer('Always allow');
  await openedId(peer);
  await visitor.page.close();
});
