// The panel and the toolbar badge: what they show of Peers and connections, and what the user can end there.
import { launchExtendedBrowser } from '../support/browser';
import { talk } from '../support/calls';
import { ContentScriptWorld } from '../support/content-script';
import { findTurnServer, howToGetTurnServer } from '../../scripts/turn-server.mjs';
import { PanelPage } from '../support/panel-page';
import { dial, dialOwn, expect, test } from '../support/panel-sites';
import { freshOrigin, openedId, visit, type VisitedPage } from '../support/prompt-page';
import { startTurnServer } from '../support/turn-server';
import { violations } from '../support/user-pages';

test('the panel shows a Peer and its connection, also if the host starts while the panel is open', async ({
  site,
  peerServer,
}) => {
  const browser = await launchExtendedBrowser();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const visitors = await Promise.all([1, 2].map(() => visit(browser.context, origin, peerServer)));
  const [first, second] = visitors as [VisitedPage, VisitedPage];
  const panel = new PanelPage(await browser.openPanelOf(await browser.tabIdOf(origin)));
  await expect(panel.site(origin)).toBeVisible();
  expect(await browser.hostCount()).toBe(0);
  const [peer, other] = [await first.construct(undefined), await second.construct(undefined)];
  const [id, otherId] = [await openedId(peer), await openedId(other)];
  await expect(panel.peer(id)).toContainText('Reachable');
  await peer.evaluate((peer, to) => kit.opened(kit.dial(peer, to, { label: 'letters' })), otherId);
  const connection = panel.connections(id);
  await expect(connection).toContainText('letters');
  await expect(connection).toContainText(/Connected · 0:0\d · direct · \d+ ms/);
  await browser.context.close();
});

test('the panel shows rates and bytes of a transfer, and closes the connection in mid-transfer', async ({
  openSite,
  openPanel,
}) => {
  const [sender, receiver] = [await openSite(), await openSite()];
  const panel = await openPanel(sender.origin);
  const connection = await dial(sender, receiver, 'file');
  const closed = connection.evaluate(async (connection) => {
    const chunk = new ArrayBuffer(64 * 1024);
    while (connection.open) await Promise.resolve(connection.send(chunk)).catch(() => undefined);
    return kit.log(connection).at(-1);
  });
  const row = panel.connections(sender.id);
  await expect(row.locator('.sent .rate')).toHaveText(/MB\/s/);
  await expect(row.locator('.sent .total')).toHaveText(/MB/);
  expect(await violations(panel.page)).toEqual([]);
  await row.getByRole('button', { name: `Close the connection to ${receiver.id}` }).click();
  await expect(row).toHaveCount(0);
  expect(await closed).toBe('close');
  // The focus moves to the Peer, so that the keyboard user does not start again at the top.
  await expect(panel.peer(sender.id)).toBeFocused();
});

test('the panel tells a video call from data, and closes all connections of a site', async ({
  openSite,
  openPanel,
}) => {
  const [caller, callee] = [await openSite(), await openSite()];
  const pair = { dialler: caller.page, answerer: callee.page };
  const panel = await openPanel(caller.origin);
  const call = await talk(pair, { sends: { video: 1, tone: 400 }, replies: { tone: 500 } });
  const connection = await dial(caller, callee, 'notes');
  await expect(panel.connections(call.ids.dialler)).toContainText('Video call');
  await expect(panel.connections(call.ids.dialler)).toContainText('Connected');
  await expect(panel.connections(caller.id)).toContainText('notes');
  await panel.page.getByRole('button', { name: `Close all connections of ${caller.origin}` }).click();
  await expect(panel.page.locator('.connection')).toHaveCount(0);
  await Promise.all([
    call.dialled.evaluate((call) => kit.happened(call, 'close')),
    call.accepted.evaluate((call) => kit.happened(call, 'close')),
    connection.evaluate((connection) => kit.happened(connection, 'close')),
  ]);
  expect(await caller.peer.evaluate((peer) => peer.open)).toBe(true);
});

test('the panel lists page-owned connections, asks the page to close them, and drops closed ones', async ({
  extended,
  openOwnSerializer,
  openPanel,
}) => {
  const { origin, peer, id, remote, remoteId } = await openOwnSerializer();
  const panel = await openPanel(origin);
  const dialled = await dialOwn(peer, remoteId, 'dialled');
  const atRemote = await remote.evaluateHandle((remote) => kit.incoming(remote));
  await dialOwn(remote, id, 'accepted');
  const accepted = await peer.evaluateHandle((peer) => kit.incoming(peer));
  const rows = panel.connections(id);
  await expect(rows).toHaveCount(2);
  for (const [index, label] of ['dialled', 'accepted'].entries()) {
    await expect(rows.nth(index)).toContainText(`${remoteId}Data · ${label}`);
    await expect(rows.nth(index)).toContainText(/Answered · 0:0\d/);
    await expect(rows.nth(index)).toContainText('The page handles this connection itself');
  }
  await expect.poll(() => extended.badgeOf(origin)).toMatchObject({ text: '2' });
  expect(await violations(panel.page)).toEqual([]);
  await rows
    .first()
    .getByRole('button', { name: `Close the connection to ${remoteId}` })
    .click();
  await expect(rows).toHaveCount(1);
  await dialled.evaluate((connection) => kit.happened(connection, 'close'));
  await atRemote.evaluate((connection) => kit.happened(connection, 'close'));
  await expect.poll(() => extended.badgeOf(origin)).toMatchObject({ text: '1' });
  await accepted.evaluate((connection) => connection.close());
  await expect(rows).toHaveCount(0);
  await expect.poll(() => extended.badgeOf(origin)).toMatchObject({ text: '' });
  expect(await peer.evaluate((peer) => peer.open)).toBe(true);
});

test('the panel still lists a page-owned connection that the page was asked to close and kept', async ({
  extended,
  openOwnSerializer,
  openPanel,
}) => {
  const { origin, peer, id, remoteId } = await openOwnSerializer();
  const panel = await openPanel(origin);
  const connection = await dialOwn(peer, remoteId, 'kept');
  await connection.evaluate((connection) => {
    connection.close = () => undefined;
  });
  const row = panel.connections(id);
  await row.getByRole('button', { name: `Close the connection to ${remoteId}` }).click();
  await expect(row).toContainText('Only the page can close this connection, and Peerport has asked it to.');
  await expect(row).toContainText('Closing');
  expect(await violations(panel.page)).toEqual([]);
  await peer.evaluate((peer) => peer.destroy());
  await expect(panel.page.locator('.connection')).toHaveCount(0);
  await expect.poll(() => extended.badgeOf(origin)).toMatchObject({ text: '' });
});

test('the panel lists other sites with connections, collapsed', async ({ openSite, openPanel }) => {
  const [here, there] = [await openSite(), await openSite()];
  await dial(here, there, 'across');
  const panel = await openPanel(here.origin);
  const other = panel.otherSite(there.origin);
  await expect(other.getByText('Connections: 1')).toBeAttached();
  await expect(other.locator('.connection')).toBeHidden();
  await other.getByText(there.origin).click();
  await expect(other.locator('.connection')).toContainText(here.id);
  expect(await violations(panel.page)).toEqual([]);
});

test('the toolbar badge counts the tab’s connections until the page is left', async ({ extended, openSite }) => {
  const [here, there] = [await openSite(), await openSite()];
  await dial(here, there, 'one');
  await dial(there, here, 'two');
  await expect.poll(() => extended.badgeOf(here.origin)).toEqual({ text: '2', title: 'Peerport. Connections: 2' });
  await extended.killServiceWorker();
  expect((await extended.badgeOf(here.origin)).text).toBe('2');
  await here.page.page.reload();
  await expect.poll(() => extended.badgeOf(here.origin)).toEqual({ text: '', title: 'Peerport' });
  await expect.poll(() => extended.badgeOf(there.origin)).toEqual({ text: '', title: 'Peerport' });
});

test('the panel keeps working when the service worker ends and when the host is closed', async ({
  extended,
  openSite,
  openPanel,
}) => {
  const [here, there] = [await openSite(), await openSite()];
  const panel = await openPanel(here.origin);
  await dial(here, there, 'before');
  await extended.killServiceWorker();
  await dial(here, there, 'after');
  await expect(panel.connections(here.id)).toHaveCount(2);
  await panel.page.evaluate(() => chrome.offscreen.closeDocument());
  await expect(panel.page.locator('.peer')).toHaveCount(0);
  const id = await openedId(await here.page.construct(undefined));
  await expect(panel.peer(id)).toContainText('Reachable');
});

test('the host reads no statistics while the panel is closed', async ({ extended, openSite, openPanel }) => {
  const [here, there] = [await openSite(), await openSite()];
  await dial(here, there, 'watched');
  await extended.evaluateInHost(`
    globalThis.asked = 0;
    const { getStats } = RTCPeerConnection.prototype;
    RTCPeerConnection.prototype.getStats = function (...given) {
      globalThis.asked += 1;
      return getStats.apply(this, given);
    };
    undefined`);
  const askedIn = (milliseconds: number): Promise<number> =>
    extended.evaluateInHost(`(async () => {
      const before = globalThis.asked;
      await new Promise((resolve) => setTimeout(resolve, ${milliseconds}));
      return globalThis.asked - before;
    })()`);
  const panel = await openPanel(here.origin);
  await expect(panel.connections(here.id)).toBeVisible();
  const asked = () => extended.evaluateInHost<number>('globalThis.asked');
  const before = await asked();
  await expect.poll(asked).toBeGreaterThanOrEqual(before + 4);
  await panel.page.close();
  // A busy browser may take a while to tell the host that the panel has closed.
  await expect.poll(() => askedIn(1_200)).toBe(0);
});

test('the panel cannot be framed, and its live view is closed to pages and content scripts', async ({
  extended,
  openSite,
}) => {
  const [{ page: visitor, peer }, there] = [await openSite(), await openSite()];
  const { page } = visitor;
  const connection = await peer.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to)), there.id);
  const url = `chrome-extension://${extended.extensionId}/extension/panel/index.html`;
  await page.evaluate((src) => {
    document.body.append(Object.assign(document.createElement('iframe'), { src }));
  }, url);
  // The browser shows its own error page in the frame.
  const framed = () => page.frames().map((frame) => frame.url());
  await expect.poll(framed).toContain('chrome-error://chromewebdata/');
  expect(framed()).not.toContain(url);
  expect(await page.evaluate(() => typeof (globalThis as { chrome?: { runtime?: unknown } }).chrome?.runtime)).toBe(
    'undefined',
  );
  // An attacker who has taken over the renderer also controls the content script.
  const world = await ContentScriptWorld.of(page, extended.extensionId);
  const heard = await world.evaluate<string[]>(
    `new Promise((resolve) => {
      const heard = [];
      const port = chrome.runtime.connect({ name: 'live' });
      port.onMessage.addListener(({ type }) => heard.push(type));
      port.onDisconnect.addListener(() => resolve([...heard, 'disconnected']));
      port.postMessage({ type: 'closeAll', origin: location.origin, isPrivate: false });
    })`,
  );
  expect(heard).toEqual(['disconnected']);
  expect(await connection.evaluate((connection) => connection.open)).toBe(true);
});

test('the panel shows that a connection goes through a relay', async ({ extended, openSite, openPanel }) => {
  test.skip(findTurnServer() === undefined, howToGetTurnServer());
  const turn = await startTurnServer();
  const { urls, username, credential } = turn;
  await extended.setPolicy({ relayedOnly: true, iceServers: [{ urls, username, credential }] });
  const [here, there] = [await openSite(), await openSite()];
  const panel = await openPanel(here.origin);
  await dial(here, there, 'detour');
  await expect(panel.connections(here.id)).toContainText(/Connected · 0:\d\d · through a relay · \d+ ms/);
  await extended.setPolicy({});
  await turn.close();
});
