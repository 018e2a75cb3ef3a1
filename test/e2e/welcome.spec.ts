// The welcome page: when it opens, and its self-test through the real host.
import { launchExtendedBrowser, launchWelcomingBrowser } from '../support/browser';
import { expect, test } from '../support/fixtures';
import { openUserPage } from '../support/user-pages';
import { welcomeTab } from '../../scripts/welcome-tab.mjs';

test('the welcome page opens after installation and not again', async ({}, testInfo) => {
  const profile = testInfo.outputPath('profile');
  const installed = await launchWelcomingBrowser(profile);
  const page = await welcomeTab(installed.context);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('listitem')).toHaveCount(3);
  await installed.context.close();
  const restarted = await launchExtendedBrowser(profile);
  // By then the worker has handled the start and would have opened the tab.
  await restarted.serviceWorkerWatchesNothing();
  expect(restarted.context.pages().map((open) => open.url())).toEqual(['about:blank']);
  await restarted.context.close();
});

test('the self-test passes through the host, shows no prompt and stores nothing about itself', async ({
  browsers,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const { host, port, path } = peerServer.peerOptions;
  await browser.setPolicy({
    peerServer: { host, port, path, secure: false, key: 'peerjs' },
    iceServers: [],
    iceServersMode: 'replace',
  });
  const before = peerServer.socketUrls.length;
  const page = await openUserPage(browser, 'welcome/index.html');
  await page.getByRole('button', { name: 'Start the test' }).click();
  await expect(page.getByText('The test passed.')).toBeVisible();
  expect(peerServer.socketUrls.length - before).toBe(2);
  expect(await browser.hostCount()).toBe(1);
  const kept = await page.evaluate(async () => JSON.stringify(await chrome.storage.local.get(null)));
  expect(kept).not.toContain('chrome-extension:');
  await page.close();
  await browser.setPolicy({});
});

test('the self-test tells an unreachable PeerServer from failing connections', async ({
  browsers,
  extraPeerServer,
}) => {
  const browser = await browsers.extended();
  const server = await extraPeerServer();
  const { host, port, path } = server.peerOptions;
  await server.close();
  await browser.setPolicy({ peerServer: { host, port, path, secure: false, key: 'peerjs' } });
  const page = await openUserPage(browser, 'welcome/index.html');
  await page.getByRole('button', { name: 'Start the test' }).click();
  const status = page.getByRole('status');
  await expect(status).toContainText(`Peerport works, but the PeerServer ${host}:${port}`);
  await expect(page.getByRole('listitem').filter({ hasText: 'Peerport is ready' })).toContainText('done');
  await expect(page.getByRole('listitem').filter({ hasText: 'a message came back' })).toContainText('not tried');
  await page.close();
  await browser.setPolicy({});
});
