// The panel and the toolbar badge: what they show of sites and connections, and what the user can do there.
import { AxeBuilder } from '@axe-core/playwright';
import type { JSHandle, Page } from '@playwright/test';
import type { DataConnection, Peer } from 'peerjs';
import { findTurnServer, howToGetTurnServer } from '../../scripts/turn-server.mjs';
import { launchExtendedBrowser, type ExtendedBrowser } from '../support/browser';
import { talk } from '../support/calls';
import { expect, test as base, uniqueId, type PeerPage } from '../support/fixtures';
import { openWithMsgPack } from '../support/msgpack';
import { PanelPage } from '../support/panel-page';
import { freshOrigin, openedId, Prompts, visit, type VisitedPage } from '../support/prompt-page';
import { startTurnServer } from '../support/turn-server';

interface Site {
  origin: string;
  page: PeerPage<Page>;
  peer: JSHandle<Peer>;
  id: string;
}

interface Fixtures {
  extended: ExtendedBrowser;
  /** Opens a page of a new, allowed origin, with a Peer. */
  openSite: () => Promise<Site>;
  openPanel: (origin: string) => Promise<PanelPage>;
  /** Opens a page of a new, allowed origin and a PeerJS page, each with a Peer that has a custom serializer. */
  openOwnSerializer: () => Promise<Site & { remote: JSHandle<Peer>; remoteId: string }>;
}

const test = base.extend<Fixtures>({
  extended: async ({ browsers }, use) => use(await browsers.extended()),
  openSite: async ({ extended, site, peerServer }, use) => {
    const pages: Page[] = [];
    await use(async () => {
      const origin = freshOrigin(site);
      await extended.allow(origin);
      const page = await visit(extended.context, origin, peerServer);
      pages.push(page.page);
      const peer = await page.construct(undefined);
      return { origin, page, peer, id: await openedId(peer) };
    });
    await Promise.all(pages.map((page) => page.close()));
  },
  openOwnSerializer: async ({ extended, site, peerServer, openPage }, use) => {
    const pages: Page[] = [];
    await use(async () => {
      const origin = freshOrigin(site);
      await extended.allow(origin);
      const page = await visit(extended.context, origin, peerServer);
      pages.push(page.page);
      const [id, remoteId] = [uniqueId(), uniqueId('remote')];
      const peer = await openWithMsgPack(page, id, peerServer.peerOptions);
      const remote = await openWithMsgPack(await openPage('peerjs'), remoteId, peerServer.peerOptions);
      return { origin, page, peer, id, remote, remoteId };
    });
    await Promise.all(pages.map((page) => page.close()));
  },
  openPanel: async ({ extended }, use) => {
    const pages: Page[] = [];
    await use(async (origin) => {
      const page = await extended.openPanel(origin);
      pages.push(page);
      return new PanelPage(page);
    });
    await Promise.all(pages.map((page) => page.close()));
  },
});

function dial(from: Site, to: Site, label: string): Promise<JSHandle<DataConnection>> {
  return from.peer.evaluateHandle((peer, { to, label }) => kit.opened(kit.dial(peer, to, { label })), {
    to: to.id,
    label,
  });
}

function dialOwn(from: JSHandle<Peer>, to: string, label: string): Promise<JSHandle<DataConnection>> {
  const options = { serialization: 'MsgPack', label };
  return from.evaluateHandle((peer, { to, options }) => kit.opened(kit.dial(peer, to, options)), { to, options });
}

async function violations(page: Page): Promise<unknown[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

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
  const heard = await inContentScript<string[]>(
    page,
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

/** Evaluates an expression in the content script's isolated world. */
async function inContentScript<Value>(page: Page, expression: string): Promise<Value> {
  const session = await page.context().newCDPSession(page);
  const found = new Promise<number>((resolve) => {
    session.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name === 'Peerport') resolve(context.id);
    });
  });
  await session.send('Runtime.enable');
  const contextId = await found;
  const { result } = await session.send('Runtime.evaluate', {
    expression,
    contextId,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return result.value as Value;
}
