// The page after installation: when it opens, and its self-test through the real host.
import { launchExtendedBrowser, launchWelcomingBrowser } from '../support/browser';
import { expect, test } from '../support/fixtures';
import { openUserPage } from '../support/user-pages';
import { welcomeTab } from '../../scripts/welcome-tab.mjs';

test('it opens after installation and not again', async ({}, testInfo) => {
  const profile = testInfo.outputPath('profile');
  const installed = await launchWelcomingBrowser(profile);
  const page = await welcomeTab(installed.context);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('listitem')).toHaveCount(3);
  await installed.context.close();
  const restarted = await launchExtendedBrowser(profile);
  // The worker has heard of the start by then, and would have opened the tab.
  await restarted.serviceWorkerWatchesNothing();
  expect(restarted.context.pages().map((open) => open.url())).toEqual(['about:blank']);
  await restarted.context.close();
});

test('the self-test passes through the host, asks nobody and leaves nothing', async ({ browsers, peerServer }) => {
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

test('the self-test tells a PeerServer that is not there from connections that fail', async ({
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
