// The settings page: valid changes are saved at once, and incomplete or invalid ones are not.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { findTurnServer, howToGetTurnServer } from '../../scripts/turn-server.mjs';
import { launchExtendedBrowser, type ExtendedBrowser } from '../support/browser';
import { expect, test as base } from '../support/fixtures';
import { startTurnServer } from '../support/turn-server';
import { openSettings, violations } from '../support/user-pages';

/** One browser for this file's tests in each worker, so that its settings and those of other files' tests stay apart. */
const test = base.extend<object, { own: ExtendedBrowser }>({
  own: [
    async ({}, use) => {
      const browser = await launchExtendedBrowser();
      await use(browser);
      await browser.context.close();
    },
    { scope: 'worker', timeout: 240_000 },
  ],
});

const CHAT = 'https://chat.example';
const GAMES = 'https://games.example';

async function makeSites(browser: ExtendedBrowser): Promise<Page> {
  await browser.allow(CHAT);
  await browser.allow(GAMES);
  return openSettings(browser, 'sites');
}

async function policyOf(page: Page): Promise<unknown> {
  return page.evaluate(async () => (await chrome.storage.local.get('policy')).policy);
}

async function settingsOf(page: Page, origin: string): Promise<unknown> {
  return page.evaluate(async (key) => (await chrome.storage.local.get(key))[key], `settings:${origin}`);
}

test('general settings are saved at once, and another tab shows them', async ({ own }) => {
  const page = await openSettings(own, 'general');
  const other = await openSettings(own, 'general');
  await page.getByRole('radio', { name: 'Block without asking' }).check();
  await page.getByRole('switch', { name: /Hide my address/ }).check();
  await expect(page.getByText('You have no relay of your own')).toBeVisible();
  await page.getByRole('switch', { name: 'Keep an ID for each site' }).uncheck();
  await page.getByLabel('Peers at once').fill('7');
  await page.getByLabel('Peers at once').press('Enter');
  await expect(page.getByText('✓ Saved').last()).toBeVisible();
  await expect(other.getByRole('radio', { name: 'Block without asking' })).toBeChecked();
  await expect(other.getByLabel('Peers at once')).toHaveValue('7');
  expect(await policyOf(page)).toMatchObject({
    defaultDecision: 'block',
    relayedOnly: true,
    keepId: false,
    limits: { peers: 7 },
  });
  await page.getByLabel('Peers at once').fill('many');
  await page.getByLabel('Peers at once').press('Enter');
  await expect(page.getByText('Enter a whole number')).toBeVisible();
  await expect(other.getByLabel('Peers at once')).toHaveValue('7');
  await own.setPolicy({});
  await Promise.all([page.close(), other.close()]);
});

test('keeping connections across reloads can be set for all sites or one, and never without a kept ID', async ({
  own,
}) => {
  const general = await openSettings(own, 'general');
  const forAll = general.getByRole('switch', { name: 'Keep data connections across reloads' });
  await expect(forAll).not.toBeChecked();
  await forAll.check();
  await expect.poll(() => policyOf(general)).toMatchObject({ keepConnections: true });
  expect(await violations(general)).toEqual([]);
  const sites = await makeSites(own);
  await sites.getByRole('button', { name: `Details of ${CHAT}` }).click();
  const forSite = sites.getByLabel('Keep connections across reloads');
  await expect(forSite).toHaveValue('default');
  await forSite.selectOption('No');
  await expect.poll(() => settingsOf(sites, CHAT)).toEqual({ keepConnections: false });
  await forSite.selectOption('Yes: data connections');
  await expect.poll(() => settingsOf(sites, CHAT)).toEqual({ keepConnections: true });
  const keepId = sites.getByLabel('Keep an ID', { exact: true });
  await keepId.selectOption('No: a new one each time');
  await expect(forSite).toBeDisabled();
  await expect(forSite).toHaveValue('no');
  await expect(forSite).toHaveAccessibleDescription(/This requires a saved ID/);
  expect(await violations(sites)).toEqual([]);
  await keepId.selectOption('As for all sites');
  await expect(forSite).toBeEnabled();
  await expect(forSite).toHaveValue('yes');
  await forSite.selectOption('As for all sites');
  await expect.poll(() => settingsOf(sites, CHAT)).toBeUndefined();
  await own.setPolicy({});
  await Promise.all([general.close(), sites.close()]);
});

test('servers are saved once they are complete, and an invalid address is pointed out', async ({ own }) => {
  const page = await openSettings(own, 'servers');
  await page.getByLabel('Address', { exact: true }).fill('ftp://peer.example');
  await page.getByLabel('Address', { exact: true }).press('Enter');
  await expect(page.getByText('This is not a valid address')).toBeVisible();
  expect((await policyOf(page)) ?? {}).not.toHaveProperty('peerServer');
  await page.getByLabel('Address', { exact: true }).fill('peer.example:9000/app');
  await page.getByLabel('Address', { exact: true }).press('Enter');
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue('https://peer.example:9000/app/');
  await page.getByRole('button', { name: 'Add a server' }).click();
  await page.getByLabel('Addresses').fill('turn:relay.example:3478');
  await page.getByLabel('User name').fill('anna');
  await expect(page.getByText('Not saved yet')).toBeVisible();
  await page.getByLabel('Password').fill('secret');
  await page.getByLabel('Password').press('Enter');
  await expect(page.getByText('Not saved yet')).toBeHidden();
  await expect
    .poll(() => policyOf(page))
    .toMatchObject({
      peerServer: { host: 'peer.example', port: 9000, path: '/app/', secure: true, key: 'peerjs' },
      iceServers: [{ urls: ['turn:relay.example:3478'], username: 'anna', credential: 'secret' }],
    });
  await page.getByRole('button', { name: 'Remove server 1' }).click();
  await expect.poll(() => policyOf(page)).toMatchObject({ iceServers: [] });
  await own.setPolicy({});
  await page.close();
});

test('a relay can be tested, and the result is explained', async ({ own }) => {
  test.skip(findTurnServer() === undefined, howToGetTurnServer());
  const turn = await startTurnServer();
  const page = await openSettings(own, 'servers');
  await page.getByRole('button', { name: 'Add a server' }).click();
  const trial = page.getByRole('button', { name: 'Test this relay: server 1' });
  await expect(trial).toBeDisabled();
  await page.getByLabel('Addresses').fill(turn.urls.join());
  await page.getByLabel('User name').fill(turn.username);
  await page.getByLabel('Password').fill('wrong');
  await page.getByLabel('Password').press('Enter');
  await trial.click();
  await expect(page.getByText('The server does not accept this user name and password.')).toBeVisible();
  // The message was about the old password.
  await page.getByLabel('Password').fill(turn.credential);
  await page.getByLabel('Password').press('Enter');
  await expect(page.getByText('The server does not accept')).toBeHidden();
  await trial.click();
  await expect(page.getByText(/The relay works. Connections would go through 127\.0\.0\.1:\d+/)).toBeVisible();
  // The same server as STUN alone: it reports addresses and relays nothing.
  await page.getByLabel('Addresses').fill(`stun:127.0.0.1:${turn.port}`);
  await page.getByLabel('Addresses').press('Enter');
  await trial.click();
  await expect(page.getByText('The server does not relay connections.')).toBeVisible();
  await turn.close();
  await own.setPolicy({});
  await page.close();
});

test('sites can be found, changed and forgotten', async ({ own }) => {
  const page = await makeSites(own);
  await page.getByLabel('Search').fill('games');
  await expect(page.getByRole('rowheader')).toHaveText([GAMES]);
  await page.getByLabel('Search').fill('');
  await page.getByRole('button', { name: 'Site', exact: true }).click();
  await expect(page.getByRole('rowheader')).toHaveText([GAMES, CHAT]);
  await page.getByLabel(`Decision about ${CHAT}`).selectOption('Block');
  await expect.poll(() => own.grantOf(CHAT)).toMatchObject({ decision: 'block' });
  await page.getByRole('button', { name: `Details of ${GAMES}` }).click();
  await page.getByRole('switch', { name: 'Calls' }).uncheck();
  await page.getByLabel('Keep an ID', { exact: true }).selectOption('No: a new one each time');
  await page.getByLabel('Hide my address').selectOption('Yes: relayed only');
  await page.getByLabel('Call routing').selectOption('Directly from the page');
  await expect
    .poll(() => settingsOf(page, GAMES))
    .toEqual({ calls: false, keepId: false, relayedOnly: true, callRoute: 'direct' });
  await page.getByRole('button', { name: 'Forget this site' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('rowheader')).toHaveText([GAMES, CHAT]);
  await page.getByRole('button', { name: 'Forget this site' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget this site' }).click();
  await expect(page.getByRole('rowheader')).toHaveText([CHAT]);
  expect(await own.grantOf(GAMES)).toBeUndefined();
  await page.getByRole('link', { name: 'Log' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText('Forgotten');
  await page.close();
});

test('all data can be exported, erased and imported again, and a hostile file changes nothing', async ({ own }) => {
  await own.allow(CHAT);
  const page = await openSettings(own, 'data');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save a file' }).click(),
  ]);
  const exported = await readFile(await download.path());
  await page.getByRole('button', { name: 'Erase everything' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click();
  await expect(page.getByText('Everything has been erased.')).toBeVisible();
  expect(await own.grantOf(CHAT)).toBeUndefined();
  const take = (name: string, buffer: Buffer) =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer });
  await take('hostile.json', Buffer.from('{"format":"<img src=x onerror=alert(1)>"}'));
  await expect(page.getByRole('alert').filter({ hasText: 'hostile.json was not imported' })).toBeVisible();
  expect(await own.grantOf(CHAT)).toBeUndefined();
  await take('peerport.json', exported);
  await page.getByRole('dialog').getByRole('button', { name: 'Import' }).click();
  await expect(page.getByText('peerport.json was imported.')).toBeVisible();
  expect(await own.grantOf(CHAT)).toMatchObject({ decision: 'allow' });
  await page.close();
});

test('a file is imported only after the user has seen which protections it loosens, and agreed', async ({ own }) => {
  await own.setPolicy({ relayedOnly: true });
  await own.allow(GAMES);
  // Another test may have allowed this site.
  await own.forget(CHAT);
  const page = await openSettings(own, 'data');
  const before = await own.stored();
  const sites = [
    { origin: CHAT, decision: 'allow', privateServers: ['wss://192.168.1.20:9000'] },
    {
      origin: 'https://widget.example',
      topOrigin: 'https://news.example',
      identities: { anonymous: [{ id: 'brought', secret: '0'.repeat(32) }], named: [] },
    },
  ];
  const policy = {
    defaultDecision: 'allow',
    iceServers: [{ urls: ['turn:relay.example'], username: 'u', credential: 'c' }],
  };
  const file = { format: 'peerport-backup', version: 2, policy, sites, log: [] };
  const take = (contents: object) =>
    page.locator('input[type=file]').setInputFiles({
      name: 'peerport.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(contents)),
    });
  const dialog = page.getByRole('dialog', { name: 'Import peerport.json?' });
  for (const leave of [
    () => dialog.getByRole('button', { name: 'Cancel' }).click(),
    () => page.keyboard.press('Escape'),
  ]) {
    await take(file);
    await expect(dialog).toContainText('Sites that the file changes: 2. Nothing has been changed yet.');
    for (const words of [
      'Every site may connect without asking you.',
      /these STUN and TURN servers, which see your IP address:\s*turn:relay\.example/,
      '“Relayed connections only” is turned off',
      /These sites may connect without asking you:\s*https:\/\/chat\.example/,
      /servers on your local network:\s*https:\/\/chat\.example\s*wss:\/\/192\.168\.1\.20:9000/,
      /get IDs from the file\..*https:\/\/widget\.example\s*inside pages of https:\/\/news\.example\s*1/s,
    ])
      await expect(dialog).toContainText(words);
    expect(await violations(page)).toEqual([]);
    expect(await own.stored()).toEqual(before);
    await leave();
    await expect(dialog).toBeHidden();
    expect(await own.stored()).toEqual(before);
  }
  await take({ ...file, log: [{ origin: CHAT, at: Date.now() + 3_600_000, what: 'allowed' }] });
  await expect(page.getByRole('alert')).toContainText('is in the future');
  await expect(dialog).toBeHidden();
  await take(file);
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByText('peerport.json was imported.')).toBeVisible();
  expect(await own.grantOf(CHAT)).toMatchObject({ decision: 'allow', servers: ['wss://192.168.1.20:9000'] });
  expect(await policyOf(page)).toEqual(policy);
  await page.getByRole('link', { name: 'Log' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText('A file was imported');
  await own.forget(CHAT);
  await own.forget(GAMES);
  await own.setPolicy({});
  await page.close();
});
