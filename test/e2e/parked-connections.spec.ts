// Data connections that outlive their page, where the user allows that: which ones the site's next page adopts, what the remote
// peer notices, and when parked connections end.
import type { JSHandle, Page } from '@playwright/test';
import type { DataConnection, Peer, PeerConnectOption } from 'peerjs';
import type { ExtendedBrowser } from '../support/browser';
import { expect, test as base, uniqueId, type PeerPage } from '../support/fixtures';
import { PanelPage } from '../support/panel-page';
import { eventsToTheEnd, freshOrigin, openedId, visit } from '../support/prompt-page';
import { askFrom } from '../support/user-pages';

interface Remote {
  id: string;
  peer: JSHandle<Peer>;
}

interface Fixtures {
  extended: ExtendedBrowser;
  /** An allowed origin whose connections are kept across reloads. */
  origin: string;
  openTab: (at?: string) => Promise<PeerPage<Page>>;
  /** A PeerJS page in a browser without the extension, and its Peer. */
  remote: Remote;
}

const test = base.extend<Fixtures>({
  extended: async ({ browsers }, use) => use(await browsers.extended()),
  origin: async ({ extended, site }, use) => {
    const origin = freshOrigin(site);
    await extended.allow(origin);
    await extended.setSettings(origin, { keepConnections: true });
    await use(origin);
  },
  openTab: async ({ extended, origin, peerServer }, use) => {
    const tabs: PeerPage<Page>[] = [];
    await use(async (at = origin) => {
      const tab = await visit(extended.context, at, peerServer);
      tabs.push(tab);
      return tab;
    });
    await Promise.all(tabs.map(({ page }) => page.close()));
  },
  remote: async ({ openPage }, use) => {
    const id = uniqueId('remote');
    await use({ id, peer: await (await openPage('peerjs')).open(id) });
  },
});

/** Connects the remote peer to `id`; resolves when the remote end is open. */
function dialFrom({ peer }: Remote, id: string, options: PeerConnectOption = { reliable: true }) {
  return peer.evaluateHandle((peer, { id, options }) => kit.opened(kit.dial(peer, id, options)), { id, options });
}

/** Connects the page to the remote peer; resolves with both ends when they are open. */
async function dialTo({ id, peer }: Remote, from: JSHandle<Peer>, options: PeerConnectOption = {}) {
  const dialled = await from.evaluateHandle((from, { id, options }) => kit.opened(kit.dial(from, id, options)), {
    id,
    options,
  });
  return { dialled, accepted: await peer.evaluateHandle((peer) => kit.incoming(peer)) };
}

function say(connection: JSHandle<DataConnection>, words: string): Promise<void> {
  return connection.evaluate((connection, words) => void connection.send(words), words);
}

function heard(connection: JSHandle<DataConnection>, count: number): Promise<string[]> {
  return connection.evaluate((connection, count) => kit.received(connection, count), count);
}

/** Expects data to arrive on the connection both ways. */
async function expectTalk(
  one: JSHandle<DataConnection>,
  other: JSHandle<DataConnection>,
  words: string,
): Promise<void> {
  await Promise.all([say(one, words), say(other, words)]);
  for (const end of [one, other]) {
    await end.evaluate(async (end, words) => {
      const seen = () => kit.log(end).includes(`data "${words}"`);
      for (let count = 1; !seen(); count++) await kit.happened(end, 'data', count);
    }, words);
  }
}

function ended(connection: JSHandle<DataConnection>): Promise<void> {
  return connection.evaluate((connection) => kit.happened(connection, 'close'));
}

function hasEnded(connection: JSHandle<DataConnection>): Promise<boolean> {
  return connection.evaluate((connection) => kit.log(connection).includes('close'));
}

/** Opens the panel about the tab of `origin`; resolves when it shows the Peer as parked. */
async function panelOfParked(extended: ExtendedBrowser, origin: string, id: string): Promise<PanelPage> {
  const panel = new PanelPage(await extended.openPanel(origin));
  await expect(panel.peer(id)).toContainText('Waiting for the site’s next page');
  return panel;
}

test('the reloaded page adopts a connection that the remote peer opened', async ({ openTab, remote }) => {
  const { page, ...tab } = await openTab().then((tab) => ({ page: tab.page, construct: tab.construct.bind(tab) }));
  const id = await openedId(await tab.construct(undefined));
  const dialled = await dialFrom(remote, id, { label: 'talk', metadata: { topic: 'news' }, reliable: true });

  // Twice, because an adopted connection must be adoptable again.
  for (const run of ['first', 'second']) {
    await page.reload();
    await say(dialled, `before the ${run}`);
    const peer = await tab.construct(undefined);
    expect(await openedId(peer)).toBe(id);
    const kept = await peer.evaluateHandle((peer) => kit.incoming(peer));
    expect(await heard(kept, 1)).toEqual([`"before the ${run}"`]);
    const describe = ({ label, metadata, connectionId, reliable }: DataConnection) => {
      return { label, connectionId, reliable, metadata: metadata as unknown };
    };
    expect(await kept.evaluate(describe)).toEqual(await dialled.evaluate(describe));
    await expectTalk(kept, dialled, `in the ${run}`);
  }
  expect(await hasEnded(dialled)).toBe(false);
});

test('a page that connects on load adopts the connection it had before the reload', async ({ openTab, remote }) => {
  const tab = await openTab();
  const id = uniqueId();
  const options = { label: 'mine', metadata: [1], reliable: true };
  const { accepted } = await dialTo(remote, await tab.open(id), options);

  for (const moment of ['when it is open', 'before it is open']) {
    await tab.page.reload();
    await say(accepted, moment);
    const peer = moment === 'when it is open' ? await tab.open(id) : await tab.construct(id);
    const { dialled } = await dialTo(remote, peer, options);
    expect(await heard(dialled, 1)).toEqual([`"${moment}"`]);
    await expectTalk(dialled, accepted, `${moment}, too`);
    const idOf = ({ connectionId }: DataConnection) => connectionId;
    expect(await dialled.evaluate(idOf)).toBe(await accepted.evaluate(idOf));
  }
  expect(await remote.peer.evaluate((peer) => kit.log(peer).filter((text) => text === 'connection').length)).toBe(1);
});

test('a page that connects with other options gets a new connection, and the old one as incoming', async ({
  openTab,
  remote,
}) => {
  const tab = await openTab();
  const id = uniqueId();
  await dialTo(remote, await tab.open(id), { label: 'one' });
  await tab.page.reload();
  const peer = await tab.open(id);
  const other = await peer.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to, { label: 'other' })), remote.id);
  const accepted = await remote.peer.evaluateHandle((peer) => kit.incoming(peer, 1));
  await expectTalk(other, accepted, 'anew');
  const kept = await peer.evaluateHandle((peer) => kit.incoming(peer));
  expect(await kept.evaluate(({ label }) => label)).toBe('one');
});

test('a page that does not connect again gets its old connection as incoming', async ({ openTab, remote }) => {
  const tab = await openTab();
  const { accepted } = await dialTo(remote, await tab.construct(undefined));
  await tab.page.reload();
  const peer = await tab.construct(undefined);
  const kept = await peer.evaluateHandle((peer) => kit.incoming(peer));
  await expectTalk(kept, accepted, 'again');
});

test('another page of the site adopts the connections, each with its own Peer', async ({
  openTab,
  remote,
  site,
  origin,
}) => {
  const tab = await openTab();
  const ids: string[] = [];
  for (const _peer of [1, 2]) ids.push(await openedId(await tab.construct(undefined)));
  const dialled = await Promise.all(ids.map((id) => dialFrom(remote, id)));
  await tab.page.goto(origin + site.page('<script src="/kit.js"></script>'));
  for (const [index, id] of ids.entries()) {
    const peer = await tab.construct(undefined);
    expect(await openedId(peer)).toBe(id);
    const kept = await peer.evaluateHandle((peer) => kit.incoming(peer));
    await expectTalk(kept, dialled[index]!, `to Peer ${index}`);
  }
});

test('a message that the reload cuts off never arrives, and later messages do', async ({ openTab, remote }) => {
  const tab = await openTab();
  const { dialled, accepted } = await dialTo(remote, await tab.construct(undefined), { reliable: true });
  await dialled.evaluate((connection) => {
    for (let n = 0; n < 64; n++) void connection.send(new Uint8Array(1024 * 1024));
  });
  await accepted.evaluate((connection) => kit.happened(connection, 'data'));
  await tab.page.reload();
  const peer = await tab.construct(undefined);
  const kept = await peer.evaluateHandle((peer) => kit.incoming(peer));
  await expectTalk(kept, accepted, 'after the flood');
  // The only messages are complete ones and the later text.
  const sizes = await accepted.evaluate((connection) => kit.log(connection).map((text) => text.slice(0, 40)));
  expect(new Set(sizes.filter((text) => text.startsWith('data'))).size).toBe(2);
});

test('reloads in quick succession lose no message', async ({ openTab, remote }) => {
  const tab = await openTab();
  const id = uniqueId();
  await tab.open(id);
  const dialled = await dialFrom(remote, id);
  for (const n of [1, 2, 3, 4]) {
    await tab.page.reload();
    await say(dialled, `before page ${n}`);
    // The next reload does not wait for this Peer to open.
    await tab.construct(id);
  }
  await tab.page.reload();
  const kept = await (await tab.open(id)).evaluateHandle((peer) => kit.incoming(peer));
  await expectTalk(kept, dialled, 'to the last page');
  const messages = await heard(kept, 1);
  const last = messages.indexOf('"to the last page"');
  // An earlier page may have received the first messages. All later ones are here.
  const expected = [1, 2, 3, 4].map((n) => `"before page ${n}"`);
  expect(messages.slice(0, last)).toEqual(expected.slice(expected.length - last));
});

test('the next page gets messages that the remote peer sent before closing the connection', async ({
  openTab,
  remote,
}) => {
  const tab = await openTab();
  const id = uniqueId();
  await tab.open(id);
  const dialled = await dialFrom(remote, id);
  await tab.page.reload();
  await dialled.evaluate((connection) => {
    void connection.send('last words');
    connection.close({ flush: true });
  });
  const kept = await (await tab.open(id)).evaluateHandle((peer) => kit.incoming(peer));
  await ended(kept);
  expect(await heard(kept, 1)).toEqual(['"last words"']);
  await ended(dialled);
});

test('a call that arrives while there is no page rings in the next page', async ({ openTab, remote }) => {
  const tab = await openTab();
  const id = await openedId(await tab.construct(undefined));
  await dialFrom(remote, id);
  await tab.page.reload();
  const call = await remote.peer.evaluateHandle(
    async (peer, id) => kit.call(peer, id, await kit.media({ tone: 440 })),
    id,
  );
  const peer = await tab.construct(undefined);
  await peer.evaluate(async (peer) => kit.answer(await kit.incomingCall(peer)));
  await call.evaluate(
    (call) =>
      new Promise<void>((resolve) => {
        const { peerConnection } = call;
        const look = () => peerConnection.iceConnectionState === 'connected' && resolve();
        peerConnection.addEventListener('iceconnectionstatechange', look);
        look();
      }),
  );
});

test('connections stay parked while the service worker is gone', async ({ extended, openTab, remote }) => {
  const tab = await openTab();
  const id = uniqueId();
  await tab.open(id);
  const dialled = await dialFrom(remote, id);
  await tab.page.reload();
  await extended.killServiceWorker();
  await say(dialled, 'to nobody');
  const kept = await (await tab.open(id)).evaluateHandle((peer) => kit.incoming(peer));
  expect(await heard(kept, 1)).toEqual(['"to nobody"']);
});

test('connections stay parked until the next page’s Peer reaches the server', async ({ openTab, remote, tcpProxy }) => {
  const tab = await openTab();
  const id = uniqueId();
  const proxy = await tcpProxy();
  const server = { host: proxy.host, port: proxy.port };
  await tab.open(id, server);
  const dialled = await dialFrom(remote, id);
  await tab.page.reload();
  proxy.refuse();
  const peer = await tab.construct(id, server);
  await peer.evaluate((peer) => kit.happened(peer, 'disconnected'));
  proxy.accept();
  await peer.evaluate((peer) => peer.reconnect());
  const kept = await peer.evaluateHandle((peer) => kit.incoming(peer));
  await expectTalk(kept, dialled, 'at last');
});

test.describe('connections end', () => {
  test('with their page, unless the user lets them outlive it', async ({ extended, openTab, remote, origin }) => {
    await extended.setSettings(origin, {});
    const tab = await openTab();
    const dialled = await dialFrom(remote, await openedId(await tab.construct(undefined)));
    await tab.page.reload();
    await ended(dialled);
  });

  test('when their tab is closed', async ({ openTab, remote }) => {
    const tab = await openTab();
    const dialled = await dialFrom(remote, await openedId(await tab.construct(undefined)));
    await tab.page.close();
    await ended(dialled);
  });

  test('when their tab shows another site, directly or after a reload', async ({
    extended,
    openTab,
    remote,
    site,
    origin,
  }) => {
    for (const isReloadedBefore of [false, true]) {
      const tab = await openTab();
      const id = uniqueId();
      await tab.open(id);
      const dialled = await dialFrom(remote, id);
      if (isReloadedBefore) {
        await tab.page.reload();
        await (await panelOfParked(extended, origin, id)).page.close();
      }
      await tab.page.goto(`${freshOrigin(site)}/blank.html`);
      await ended(dialled);
      await tab.page.close();
    }
  });

  test('while parked, when the user withdraws the setting or closes them in the panel', async ({
    extended,
    openTab,
    remote,
    origin,
  }) => {
    const tab = await openTab();
    const id = uniqueId();
    await tab.open(id);
    const [first, second] = [await dialFrom(remote, id), await dialFrom(remote, id)];
    await tab.page.reload();
    const panel = await panelOfParked(extended, origin, id);
    await expect(panel.connections(id)).toHaveCount(2);
    await panel.connections(id).first().getByRole('button').click();
    await expect.poll(async () => [await hasEnded(first), await hasEnded(second)].filter(Boolean)).toHaveLength(1);
    const change = { keepConnections: null };
    await askFrom(panel.page)({ type: 'ui.changeSettings', site: { origin }, isPrivate: false, change });
    await Promise.all([ended(first), ended(second)]);
    await panel.page.close();
  });

  test('while parked, when the user blocks the site', async ({ extended, openTab, remote, origin }) => {
    const tab = await openTab();
    const id = uniqueId();
    await tab.open(id);
    const dialled = await dialFrom(remote, id);
    await tab.page.reload();
    const panel = await panelOfParked(extended, origin, id);
    await askFrom(panel.page)({ type: 'ui.decide', site: { origin }, isPrivate: false, decision: 'block' });
    await ended(dialled);
    await panel.page.close();
  });

  test('while parked, when the next page’s Peer has another ID', async ({ openTab, remote }) => {
    const tab = await openTab();
    const id = uniqueId();
    await tab.open(id);
    const dialled = await dialFrom(remote, id);
    await tab.page.reload();
    await tab.open();
    await ended(dialled);
  });
});

test('a connection parked for one tab is not adopted by another tab', async ({ extended, openTab, remote, origin }) => {
  const tab = await openTab();
  const id = uniqueId();
  await tab.open(id);
  const dialled = await dialFrom(remote, id);
  await tab.page.reload();
  await (await panelOfParked(extended, origin, id)).page.close();
  const other = await openTab();
  expect((await eventsToTheEnd(await other.construct(id)))[0]).toMatch(/^error .*unavailable-id/);
  const kept = await (await tab.open(id)).evaluateHandle((peer) => kit.incoming(peer));
  await expectTalk(kept, dialled, 'to its owner');
});
