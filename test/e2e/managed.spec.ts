// Settings of an administrator, in the browser's managed storage. Chromium reads them from a policy file, as in a company.
import { findTurnServer, howToGetTurnServer } from '../../scripts/turn-server.mjs';
import { administrator, whyNoAdministrator, type Administrator, type ManagedSettings } from '../support/administrator';
import { launchExtendedBrowser, type ExtendedBrowser } from '../support/browser';
import { expect, test as base, uniqueId } from '../support/fixtures';
import { PanelPage } from '../support/panel-page';
import { eventsToTheEnd, freshOrigin, freshPublicOrigin, openedId, Prompts, visit } from '../support/prompt-page';
import { openSettings, violations } from '../support/user-pages';
import { startTurnServer } from '../support/turn-server';

interface Fixtures {
  manager: Administrator;
  /** Starts a new browser under these settings. */
  launchUnder: (settings: ManagedSettings) => Promise<ExtendedBrowser>;
}

const test = base.extend<Fixtures>({
  manager: async ({}, use) => {
    test.skip(whyNoAdministrator() !== undefined, whyNoAdministrator());
    const manager = await administrator();
    await use(manager);
    await manager.leave();
  },
  launchUnder: async ({ manager }, use) => {
    const browsers: ExtendedBrowser[] = [];
    await use(async (settings) => {
      await manager.set(settings);
      const browser = await launchExtendedBrowser(undefined, { extension: manager.extension });
      browsers.push(browser);
      return browser;
    });
    await Promise.all(browsers.map(({ context }) => context.close()));
  },
});

const DENIED: unknown[] = [
  expect.stringMatching(/^error .*permission-denied/),
  expect.stringMatching(/^disconnected/),
  'close',
];

test('an administrator’s decisions about sites hold without a prompt, and the user cannot change them', async ({
  launchUnder,
  site,
  peerServer,
}) => {
  const [allowed, blocked, others] = [freshOrigin(site), freshOrigin(site), freshOrigin(site)];
  const browser = await launchUnder({
    // People write addresses with a slash after the origin; Peerport ignores it.
    sites: [
      { origin: `${allowed}/`, decision: 'allow', calls: false },
      { origin: blocked, decision: 'block' },
    ],
  });
  const prompts = new Prompts(browser.context);
  const [inside, outside] = [
    await visit(browser.context, allowed, peerServer),
    await visit(browser.context, blocked, peerServer),
  ];
  await openedId(await inside.construct(undefined));
  const denied = await outside.construct(undefined);
  expect(await eventsToTheEnd(denied)).toEqual(DENIED);
  expect(prompts.seen).toHaveLength(0);
  // Where the administrator has set nothing, the user is asked as usual.
  await (await visit(browser.context, others, peerServer)).construct(undefined);
  await (await prompts.next()).answer('Always allow');

  const settings = await openSettings(browser, 'sites');
  for (const [origin, decision] of [
    [allowed, 'allow'],
    [blocked, 'block'],
  ] as const) {
    const row = settings.getByRole('row').filter({ hasText: origin });
    await expect(row).toContainText('Set by your administrator.');
    await expect(row.getByRole('combobox')).toHaveValue(decision);
    await expect(row.getByRole('combobox')).toBeDisabled();
  }
  const own = settings.getByRole('row').filter({ hasText: others });
  await expect(own.getByRole('combobox')).toBeEnabled();
  await expect(own).not.toContainText('Set by your administrator.');
  const refusal = settings.evaluate(
    (origin) =>
      chrome.runtime.sendMessage<unknown, unknown>({
        ...{ to: 'background', type: 'ui.decide' },
        ...{ site: { origin }, isPrivate: false, decision: 'allow' },
      }),
    blocked,
  );
  await expect(refusal).rejects.toThrow('An administrator has decided');

  const panel = new PanelPage(await browser.openPanel(blocked));
  await expect(panel.site(blocked)).toContainText('Your administrator has decided this.');
  await expect(panel.choice(blocked, 'Block')).toBeChecked();
  await expect(panel.choice(blocked, 'Allow')).toBeDisabled();
});

test('a site’s settings set by an administrator are shown and fixed, and the user can change the others', async ({
  launchUnder,
  site,
  peerServer,
}) => {
  const [partly, decided] = [freshOrigin(site), freshOrigin(site)];
  const browser = await launchUnder({
    relayedOnly: true,
    sites: [
      { origin: partly, calls: false, callRoute: 'direct', keepConnections: true },
      { origin: decided, decision: 'allow', relayedOnly: false },
    ],
  });
  for (const origin of [partly, decided]) await visit(browser.context, origin, peerServer);
  const settings = await openSettings(browser, 'sites');
  await expect(settings.getByLabel(`Decision about ${partly}`)).toBeEnabled();
  await settings.getByRole('button', { name: `Details of ${partly}` }).click();
  const details = settings.locator('.site-details');
  await expect(details.getByRole('switch', { name: 'Calls' })).not.toBeChecked();
  await expect(details.getByRole('switch', { name: 'Calls' })).toBeDisabled();
  await expect(details.getByRole('switch', { name: 'Calls' })).toHaveAccessibleDescription(
    'Set by your administrator.',
  );
  await expect(details.getByLabel('Call routing')).toHaveValue('direct');
  await expect(details.getByLabel('Call routing')).toBeDisabled();
  await expect(details.getByLabel('Hide my address')).toHaveValue('yes');
  await expect(details.getByLabel('Hide my address')).toBeDisabled();
  await expect(details.getByLabel('Keep connections across reloads')).toHaveValue('yes');
  await expect(details.getByLabel('Keep connections across reloads')).toBeDisabled();
  await expect(details.getByText('Set by your administrator.')).toHaveCount(4);
  expect(await violations(settings)).toEqual([]);
  await details.getByRole('switch', { name: 'Data connections' }).uncheck();
  await expect(details.getByText('✓ Saved')).toBeVisible();
  const refusal = settings.evaluate(
    (origin) =>
      chrome.runtime.sendMessage<unknown, unknown>({
        ...{ to: 'background', type: 'ui.changeSettings' },
        ...{ site: { origin }, isPrivate: false, change: { calls: true } },
      }),
    partly,
  );
  await expect(refusal).rejects.toThrow(`calls: set by an administrator for ${partly}`);

  const panel = new PanelPage(await browser.openPanel(partly));
  await panel.openScope(partly);
  await expect(panel.scope(partly, 'Calls')).not.toBeChecked();
  await expect(panel.scope(partly, 'Calls')).toBeDisabled();
  await expect(panel.scope(partly, 'Calls')).toHaveAccessibleDescription('Set by your administrator.');
  await expect(panel.scope(partly, 'Keep connections across reloads')).toBeChecked();
  await expect(panel.scope(partly, 'Keep connections across reloads')).toBeDisabled();
  await expect(panel.choice(partly, 'Allow')).toBeEnabled();
  expect(await violations(panel.page)).toEqual([]);
  await panel.scope(partly, 'Data connections').check();
  await expect(details.getByRole('switch', { name: 'Data connections' })).toBeChecked();

  // A decision about a site does not fix the site's other settings.
  const ofDecided = new PanelPage(await browser.openPanel(decided));
  await ofDecided.openScope(decided);
  await expect(ofDecided.choice(decided, 'Allow')).toBeDisabled();
  await ofDecided.scope(decided, 'Calls').uncheck();
  await settings.getByRole('button', { name: `Details of ${decided}` }).click();
  await expect(details.getByRole('switch', { name: 'Calls' })).not.toBeChecked();
  await expect(details.getByLabel('Hide my address')).toHaveValue('no');
  await expect(details.getByLabel('Hide my address')).toBeDisabled();
});

test('limits and servers set by an administrator apply, and the settings page shows them as fixed', async ({
  launchUnder,
  site,
  peerServer,
}) => {
  const browser = await launchUnder({
    defaultDecision: 'allow',
    relayedOnly: true,
    keepConnections: false,
    limits: { peers: 1, connections: 2, queuedBytes: 1024 * 1024 },
    iceServers: [{ urls: ['turn:relay.example:3478'], username: 'company', credential: 'known-to-few' }],
    iceServersMode: 'replace',
    peerServer: { host: peerServer.host, port: peerServer.port, path: '/', secure: false, key: 'peerjs' },
  });
  const prompts = new Prompts(browser.context);
  // A page on the internet that names no server is connected to the administrator's without a prompt, though that one is private.
  const origin = await freshPublicOrigin(browser.context, site);
  const visitor = await visit(browser.context, origin, peerServer);
  const id = await visitor.page.evaluate(async () => (await kit.opened(kit.peer())).id);
  await peerServer.registered(id);
  expect(prompts.seen).toHaveLength(0);
  const second = await visitor.page.evaluateHandle(() => kit.peer());
  await second.evaluate((peer) => kit.happened(peer, 'error'));
  expect(await second.evaluate((peer) => kit.log(peer)[0])).toMatch(/limit-reached/);

  const general = await openSettings(browser, 'general');
  await expect(general.getByRole('radio', { name: 'Allow without asking' })).toBeChecked();
  await expect(general.getByRole('radio', { name: 'Allow without asking' })).toBeDisabled();
  await expect(general.getByRole('switch', { name: /Hide my address/ })).toBeChecked();
  await expect(general.getByRole('switch', { name: /Hide my address/ })).toBeDisabled();
  await expect(general.getByRole('switch', { name: 'Keep data connections' })).not.toBeChecked();
  await expect(general.getByRole('switch', { name: 'Keep data connections' })).toBeDisabled();
  await expect(general.getByLabel('Peers at once')).toHaveValue('1');
  await expect(general.getByLabel('Peers at once')).toBeDisabled();
  await expect(general.getByText('Set by your administrator.')).toHaveCount(4);
  const servers = await openSettings(browser, 'servers');
  await expect(servers.getByLabel('Address', { exact: true })).toBeDisabled();
  await expect(servers.getByLabel('Addresses')).toHaveValue('turn:relay.example:3478');
  await expect(servers.getByLabel('Addresses')).toBeDisabled();
  await expect(servers.getByRole('button', { name: 'Add a server' })).toHaveCount(0);
  await expect(servers.getByText('Set by your administrator.')).toHaveCount(3);
  const refusal = servers.evaluate(() =>
    chrome.runtime.sendMessage<unknown, unknown>({
      ...{ to: 'background', type: 'ui.changePolicy' },
      change: { relayedOnly: false },
    }),
  );
  await expect(refusal).rejects.toThrow('relayedOnly: set by an administrator');
});

test('with an administrator’s relay and “relayed only”, connections go through that relay alone', async ({
  launchUnder,
  site,
  peerServer,
}) => {
  test.skip(findTurnServer() === undefined, howToGetTurnServer());
  const turn = await startTurnServer();
  const { urls, username, credential } = turn;
  const origin = freshOrigin(site);
  const browser = await launchUnder({
    defaultDecision: 'allow',
    relayedOnly: true,
    iceServers: [{ urls, username, credential }],
  });
  const visitors = [await visit(browser.context, origin, peerServer), await visit(browser.context, origin, peerServer)];
  const [dialler, answerer] = [await visitors[0]!.open(uniqueId()), await visitors[1]!.open(uniqueId())];
  const incoming = answerer.evaluateHandle((peer) => kit.incoming(peer));
  const to = await answerer.evaluate((peer) => peer.id);
  const dialled = await dialler.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to)), to);
  await dialled.evaluate((connection) => connection.send('by the company’s relay'));
  expect(await (await incoming).evaluate((connection) => kit.received(connection, 1))).toEqual([
    '"by the company’s relay"',
  ]);
  const from = await dialler.evaluate((peer) => peer.id);
  const signalled = JSON.stringify(peerServer.messages.filter(({ src }) => src === from || src === to));
  const candidates = signalled.match(/candidate:[^"\\]*/g) ?? [];
  expect(candidates.length).toBeGreaterThan(0);
  expect(candidates.filter((candidate) => !candidate.includes(' typ relay '))).toEqual([]);
  await turn.close();
});

test('an administrator’s change reaches open pages, prompts and settings pages', async ({
  launchUnder,
  manager,
  site,
  peerServer,
}) => {
  const [open, waiting] = [freshOrigin(site), freshOrigin(site)];
  const browser = await launchUnder({ relayedOnly: true });
  await browser.allow(open);
  const prompts = new Prompts(browser.context);
  const alive = await (await visit(browser.context, open, peerServer)).construct(undefined);
  await openedId(alive);
  const message = alive.evaluate(
    (peer) => new Promise<string>((resolve) => peer.on('error', (error) => resolve(error.message))),
  );
  const asking = await (await visit(browser.context, waiting, peerServer)).construct(undefined);
  const prompt = (await prompts.next()).page;
  const closed = prompt.waitForEvent('close');
  // The change itself has to wake the worker. The browser reads the file once it has been unchanged for five seconds.
  await browser.killServiceWorker();
  await manager.set({
    sites: [
      { origin: open, decision: 'block' },
      { origin: waiting, decision: 'allow' },
    ],
  });
  await closed;
  await openedId(asking);
  expect((await eventsToTheEnd(alive)).slice(-3)).toEqual(DENIED);
  expect(await message).toContain('administrator');
  const settings = await openSettings(browser, 'sites');
  await expect(settings.getByLabel(`Decision about ${open}`)).toHaveValue('block');
  await expect(settings.getByLabel(`Decision about ${open}`)).toBeDisabled();

  // Without the administrator's settings, the user's own apply again.
  await manager.set({});
  await expect(settings.getByLabel(`Decision about ${open}`)).toHaveValue('allow');
  await expect(settings.getByLabel(`Decision about ${open}`)).toBeEnabled();
  expect((await eventsToTheEnd(asking)).slice(-3)).toEqual(DENIED);
});
