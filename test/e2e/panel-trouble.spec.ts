// The panel when Peerport cannot work: no host, a silent host, pages without access, no network.
import { launchExtendedBrowser } from '../support/browser';
import { PanelPage } from '../support/panel-page';
import { expect, test } from '../support/panel-sites';
import { freshOrigin, openedId, visit } from '../support/prompt-page';
import { violations } from '../support/user-pages';

test('the panel reports that the host cannot be started, until it can', async ({ site, peerServer }) => {
  const browser = await launchExtendedBrowser();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const visitor = await visit(browser.context, origin, peerServer);
  const panel = new PanelPage(await browser.openPanelOf(await browser.tabIdOf(origin)));
  const { page } = panel;
  const trouble = page.getByText('could not be started');
  await expect(panel.site(origin)).toContainText('not in use right now');
  await expect(trouble).toBeHidden();
  // An extension may have only one offscreen document, and this one is not the host.
  await page.evaluate(() =>
    chrome.offscreen.createDocument({
      url: 'extension/bridge/index.html',
      reasons: ['WEB_RTC'],
      justification: 'test',
    }),
  );
  const peer = await visitor.construct('early');
  await peer.evaluate((peer) => kit.happened(peer, 'disconnected'));
  const [error] = await peer.evaluate((peer) => kit.log(peer));
  expect(error).toMatch(/^error network/);
  await expect(trouble).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.evaluate(() => chrome.offscreen.closeDocument());
  const late = await visitor.construct('late');
  await openedId(late);
  await expect(trouble).toBeHidden();
  await expect(panel.peer('late')).toContainText('Reachable');
  await browser.context.close();
});

test('the panel reports that the host does not answer when it hangs', async ({ site, peerServer }) => {
  const browser = await launchExtendedBrowser();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const visitors = await Promise.all([1, 2].map(() => visit(browser.context, origin, peerServer)));
  const [first, second] = await Promise.all(visitors.map((visitor) => visitor.construct(undefined)));
  const [id, otherId] = [await openedId(first!), await openedId(second!)];
  await first!.evaluate((peer, to) => kit.opened(kit.dial(peer, to)), otherId);
  const panel = new PanelPage(await browser.openPanelOf(await browser.tabIdOf(origin)));
  await expect(panel.connections(id)).toContainText('Connected');
  const silence = panel.page.getByText('does not answer');
  await expect(silence).toBeHidden();
  await browser.evaluateInHost('RTCPeerConnection.prototype.getStats = () => new Promise(() => {}), undefined');
  await expect(silence).toBeVisible();
  // The panel no longer shows the old state.
  await expect(panel.page.locator('.peer')).toHaveCount(0);
  await browser.context.close();
});

test('the panel reports pages on which Peerport cannot work, and a missing network', async ({ extended }) => {
  const page = await extended.context.newPage();
  await page.goto(`chrome-extension://${extended.extensionId}/manifest.json`);
  const tabId = await page.evaluate(async () => (await chrome.tabs.getCurrent())!.id!);
  const panel = await extended.openPanelOf(tabId);
  await expect(panel.getByText('works on web pages')).toBeVisible();
  await panel.evaluate(() => {
    Object.defineProperty(navigator, 'onLine', { get: () => false });
    window.dispatchEvent(new Event('offline'));
  });
  await expect(panel.getByText('You are offline')).toBeVisible();
  expect(await violations(panel)).toEqual([]);
  await Promise.all([panel.close(), page.close()]);
});
