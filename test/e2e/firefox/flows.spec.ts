// The main flows of user and page in Firefox: consent, the panel, the settings, and how event page and host start and end, which
// differs from Chromium.
import { ExtendedFirefox } from '../../support/firefox';
import { choose, press, tickKeepId, untilReady, untilSays, untilSilentOn } from '../../support/firefox-user';
import { test } from '../../support/firefox-visits';
import { expect, PeerPage, uniqueId } from '../../support/fixtures';
import { eventsToTheEnd, freshOrigin, openedId } from '../../support/prompt-page';
import { startRecorder } from '../../support/request-recorder';

const DENIED_EVENTS: unknown[] = [
  expect.stringMatching(/^error .*permission-denied/),
  expect.stringMatching(/^disconnected/),
  'close',
];

test('“Always allow” lets the site connect now and after a reload, with the same ID if the user keeps it', async ({
  firefox,
  site,
  visit,
}) => {
  const origin = freshOrigin(site);
  const visitor = await visit(origin);
  const peer = await visitor.construct(undefined);
  const prompt = await firefox.nextPrompt();
  await untilSays(prompt, new URL(origin).host);
  await tickKeepId(prompt);
  await press(prompt, 'Always allow');
  const id = await openedId(peer);
  await expect.poll(() => firefox.promptCount()).toBe(0);
  await visitor.page.reload();
  expect(await openedId(await visitor.construct(undefined))).toBe(id);
  expect(await firefox.grantOf(origin)).toMatchObject({ decision: 'allow' });
});

test('“Block” ends this Peer, and ends the next one without another prompt', async ({ firefox, site, visit }) => {
  const origin = freshOrigin(site);
  const visitor = await visit(origin);
  const peer = await visitor.construct(undefined);
  const prompt = await firefox.nextPrompt();
  await press(prompt, 'Block');
  expect(await eventsToTheEnd(peer)).toEqual(DENIED_EVENTS);
  await expect.poll(() => firefox.promptCount()).toBe(0);
  expect(await eventsToTheEnd(await visitor.construct(undefined))).toEqual(DENIED_EVENTS);
  expect(await firefox.grantOf(origin)).toMatchObject({ decision: 'block' });
});

test('dismissing the prompt denies once, and the site may ask again', async ({ firefox, site, visit }) => {
  const origin = freshOrigin(site);
  const visitor = await visit(origin);
  const peer = await visitor.construct(undefined);
  const prompt = await firefox.nextPrompt();
  await untilReady(prompt, 'Always allow');
  await prompt.keyboard.press('Escape');
  expect(await eventsToTheEnd(peer)).toEqual(DENIED_EVENTS);
  expect(await firefox.grantOf(origin)).toBeUndefined();
  await expect.poll(() => firefox.promptCount()).toBe(0);
  const next = await visitor.construct(undefined);
  const again = await firefox.nextPrompt();
  await press(again, 'Always allow');
  await openedId(next);
});

test('the panel shows a live connection and closes it', async ({ firefox, site, visit, openPage }) => {
  const origin = freshOrigin(site);
  await firefox.allow(origin);
  const peer = await (await visit(origin)).open();
  const there = uniqueId('there');
  await (await openPage('peerjs')).open(there);
  const connection = await peer.evaluateHandle(
    (peer, to) => kit.opened(kit.dial(peer, to, { label: 'letters' })),
    there,
  );
  const panel = await firefox.openPanel(origin);
  await untilSays(panel, 'letters');
  await press(panel, `Close the connection to ${there}`);
  await connection.evaluate((connection) => kit.happened(connection, 'close'));
  await untilSilentOn(panel, 'letters');
  await panel.close();
});

test('the reloaded page adopts a connection, where the user allows that', async ({
  firefox,
  site,
  visit,
  openPage,
}) => {
  const origin = freshOrigin(site);
  await firefox.allow(origin);
  await firefox.setSettings(origin, { keepId: true, keepConnections: true });
  const visitor = await visit(origin);
  const id = await openedId(await visitor.construct(undefined));
  const there = await (await openPage('peerjs')).open(uniqueId('there'));
  const dialled = await there.evaluateHandle((peer, id) => kit.opened(kit.dial(peer, id, { reliable: true })), id);

  await visitor.page.reload();
  await dialled.evaluate((connection) => void connection.send('while nobody was there'));
  const peer = await visitor.construct(undefined);
  expect(await openedId(peer)).toBe(id);
  const kept = await peer.evaluateHandle((peer) => kit.incoming(peer));
  expect(await kept.evaluate((connection) => kit.received(connection, 1))).toEqual(['"while nobody was there"']);
  await kept.evaluate((connection) => void connection.send('from the reloaded page'));
  expect(await dialled.evaluate((connection) => kit.received(connection, 1))).toEqual(['"from the reloaded page"']);

  await visitor.page.goto(`${freshOrigin(site)}/blank.html`);
  await dialled.evaluate((connection) => kit.happened(connection, 'close'));
});

test('blocking a site in the panel ends its Peer', async ({ firefox, site, visit }) => {
  const origin = freshOrigin(site);
  await firefox.allow(origin);
  const peer = await (await visit(origin)).open();
  const panel = await firefox.openPanel(origin);
  await choose(panel, 'Block');
  expect((await eventsToTheEnd(peer)).slice(1)).toEqual(DENIED_EVENTS);
  await panel.close();
});

test('the settings page decides about unknown sites', async ({ firefox, site, visit }) => {
  const settings = await firefox.openUserPage('/extension/settings/index.html#general');
  await choose(settings, 'Block without asking');
  await untilSays(settings, 'Saved');
  const peer = await (await visit(freshOrigin(site))).construct(undefined);
  expect(await eventsToTheEnd(peer)).toEqual(DENIED_EVENTS);
  await firefox.setPolicy({});
  await settings.close();
});

test('the self-test of the welcome page passes', async ({ firefox, peerServer }) => {
  const { host, port, path } = peerServer.peerOptions;
  await firefox.setPolicy({
    peerServer: { host, port, path, secure: false, key: 'peerjs' },
    iceServers: [],
    iceServersMode: 'replace',
  });
  const before = peerServer.socketUrls.length;
  const page = await firefox.openUserPage('/extension/welcome/index.html');
  await press(page, 'Start the test');
  await untilSays(page, 'The test passed.');
  expect(peerServer.socketUrls.length - before).toBe(2);
  await page.close();
  await firefox.setPolicy({});
});

for (const [kind, headers] of Object.entries<Record<string, string>>({
  'with CSP default-src none and no scripts or frames': {
    'content-security-policy': "default-src 'none'; script-src 'none'; frame-src 'none'; connect-src 'none'",
  },
  'isolated by COOP and COEP': {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  },
})) {
  test(`a page ${kind} reaches another page`, async ({ site, visit, openPage, peerServer }) => {
    const there = uniqueId('echo');
    const echo = await (await openPage('peerjs')).open(there);
    await echo.evaluate((peer) => {
      peer.on('connection', (connection) => {
        connection.on('data', (data) => void connection.send(data));
      });
    });
    const { page } = await visit(site.origin, site.page('<p>A page</p>', headers));
    const heard = await page.evaluate(
      ([options, to]) =>
        new Promise((resolve, reject) => {
          const peer = new Peer(options);
          peer.on('error', (error) => reject(new Error(`${error.type}: ${error.message}`)));
          peer.on('open', () => {
            const connection = peer.connect(to);
            connection.on('open', () => void connection.send('heard'));
            connection.on('data', resolve);
          });
        }),
      [peerServer.peerOptions as object, there] as const,
    );
    expect(heard).toBe('heard');
  });
}

test('no cookie goes to a PeerServer with its socket', async ({ site, visit }) => {
  const recorder = await startRecorder();
  const visitor = await visit(site.origin);
  await visitor.page.evaluate(
    (url) => fetch(url, { mode: 'no-cors', credentials: 'include' }).then(() => undefined),
    `http://127.0.0.1:${recorder.port}/sign-in`,
  );
  await visitor.open(undefined, { host: '127.0.0.1', port: recorder.port, path: '/extension/' });
  // The control: a socket of the page itself carries the cookies.
  await visitor.page.evaluate((url) => {
    const socket = new WebSocket(url);
    return new Promise<void>((resolve) => socket.addEventListener('message', () => resolve(), { once: true }));
  }, `ws://127.0.0.1:${recorder.port}/page`);
  expect(recorder.headers['/page']!.cookie).toContain('own=secret');
  const { '/extension/peerjs': ofSocket } = recorder.headers;
  for (const header of ['cookie', 'authorization', 'referer']) expect(ofSocket).not.toHaveProperty(header);
  await recorder.close();
});

test('suspending the event page ends its connections, and reconnect() starts it again', async ({
  site,
  peerServer,
}) => {
  // Shorter than the interval of the host's keep-alive calls, so that Firefox suspends an event page in use.
  const firefox = await ExtendedFirefox.launch({ 'extensions.background.idle.timeout': 2_000 });
  await firefox.allow(site.origin);
  const page = await firefox.newPage();
  await page.goto(`${site.origin}/blank.html`);
  const id = uniqueId();
  const peer = await new PeerPage(page, 'peerport', peerServer).open(id);
  const log = await peer.evaluate(async (peer) => {
    await kit.happened(peer, 'disconnected');
    const before = kit.log(peer).map((text) => text.split(' ').slice(0, 2).join(' '));
    peer.reconnect();
    await kit.happened(peer, 'open', 2);
    return { before, id: peer.id, open: peer.open };
  });
  expect(log).toEqual({
    before: [`open "${id}"`, 'error network', `disconnected "${id}"`],
    id,
    open: true,
  });
  await firefox.close();
});

test('pages have no Peer while the user withholds site access, and the panel restores it', async ({ site }) => {
  // The test cannot answer the browser's own question after the click; this preference accepts it.
  const firefox = await ExtendedFirefox.launch({ 'extensions.webextOptionalPermissionPrompts': false });
  const page = await firefox.newPage();
  const hasPeer = () => page.evaluate(() => 'Peer' in window);
  await page.goto(`${site.origin}/blank.html`);
  expect(await hasPeer()).toBe(true);
  await firefox.withholdSiteAccess();
  await page.reload();
  expect(await hasPeer()).toBe(false);
  const panel = await firefox.openUserPage('/extension/panel/index.html');
  await untilSays(panel, 'The browser withholds access');
  await press(panel, 'Grant access');
  await untilSilentOn(panel, 'The browser withholds access');
  await page.reload();
  expect(await hasPeer()).toBe(true);
  await firefox.close();
});
