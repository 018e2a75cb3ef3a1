// Hostile pages against the extension's own pages, messages and prompts. The list of the extension's pages comes from the build,
// so every new page is tested too.
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import type { Frame, Page } from '@playwright/test';
import type { ControlRequest } from '../../src/protocol/control-messages';
import { DIST, launchExtendedBrowser, type ExtendedBrowser } from '../support/browser';
import { ContentScriptWorld } from '../support/content-script';
import { expect, test as base } from '../support/fixtures';
import { PanelPage } from '../support/panel-page';
import type { TestPeerServer } from '../support/peer-server';
import { freshOrigin, openedId, Prompts, visit } from '../support/prompt-page';
import type { SiteServer } from '../support/site-server';

const PAGES = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => path.endsWith('.html'));

/** All requests except `attach`, the only one that content scripts may send. A request missing from `Forged` does not compile. */
type Forbidden = Exclude<ControlRequest, { type: 'attach' }>;
type Forged = { [Type in Forbidden['type']]: Omit<Extract<Forbidden, { type: Type }>, 'type'> };

const test = base.extend<{ extended: ExtendedBrowser; prompts: Prompts }>({
  extended: async ({ browsers }, use) => {
    const browser = await browsers.extended();
    const before = new Set(browser.context.pages());
    await use(browser);
    const opened = browser.context.pages().filter((page) => !before.has(page));
    await Promise.all(opened.map((page) => page.close()));
  },
  prompts: async ({ extended }, use) => {
    await use(new Prompts(extended.context));
  },
});

/** How many prompt windows are open. */
function countPopups(browser: ExtendedBrowser): Promise<number> {
  return browser.context
    .serviceWorkers()[0]!
    .evaluate(async () => (await chrome.windows.getAll({ windowTypes: ['popup'] })).length);
}

/** The path of a document that makes a Peer when it loads and at each click after the first. It posts each outcome to its parent. */
function askingFrame(site: SiteServer, { peerOptions }: TestPeerServer): string {
  return site.page(`<body style="margin: 0; height: 100vh"><script>
    const ask = () => {
      const peer = new Peer(${JSON.stringify(peerOptions)});
      peer.on('error', ({ type, message }) => parent.postMessage(type + ': ' + message, '*'));
      peer.on('open', () => parent.postMessage('open', '*'));
    };
    ask();
    let isFirst = true;
    addEventListener('click', () => (isFirst ? (isFirst = false) : ask()));
  </script>`);
}

/** Opens a page of this origin with one frame for each of these URLs. Its `outcomes` lists how the frames' Peers ended. */
async function visitFrames(
  browser: ExtendedBrowser,
  site: SiteServer,
  origin: string,
  frames: string[],
): Promise<Page> {
  const elements = frames.map((src) => `<iframe src="${src}"></iframe>`).join('');
  const page = await browser.context.newPage();
  await page.goto(
    origin +
      site.page(`<script>
        const outcomes = [];
        addEventListener('message', ({ data }) => outcomes.push(data));
      </script>${elements}`),
  );
  return page;
}

declare const outcomes: string[];

/** Gives the frame the user activation without which nobody is asked. */
async function clickIn(page: Page, frameIndex: number): Promise<void> {
  await page.frames()[1 + frameIndex]!.locator('body').click();
}

const DISMISSED = 'permission-denied: The user has not answered';
const BLOCKED = 'permission-denied: The user has blocked';
const SILENCED = 'permission-denied: Peerport no longer asks';

/** Waits for `count` outcomes and returns them sorted; a known outcome is cut to its beginning. */
async function outcomesOf(page: Page, count: number): Promise<string[]> {
  await page.waitForFunction(`outcomes.length === ${count}`);
  const outcomes = await page.evaluate<string[]>('outcomes');
  const known = [DISMISSED, BLOCKED, SILENCED];
  return outcomes.map((outcome) => known.find((beginning) => outcome.startsWith(beginning)) ?? outcome).sort();
}

test('fifty frames of fifty sites get no prompt before the user acts in one, then one at a time, and none after three dismissals', async ({
  extended: browser,
  prompts,
  site,
  peerServer,
}) => {
  const origin = freshOrigin(site);
  const frame = askingFrame(site, peerServer);
  const frames = Array.from({ length: 50 }, () => freshOrigin(site) + frame);
  const page = await visitFrames(browser, site, origin, frames);
  // The background remembers at most 32 askers of a tab. By now all 32 have asked.
  await expect.poll(async () => (await browser.embeddedIn(origin))?.length).toBe(32);
  expect([prompts.seen.length, await countPopups(browser)]).toEqual([0, 0]);
  for (const index of [0, 1, 2, 3, 4]) await clickIn(page, index);
  for (let dismissed = 0; dismissed < 3; dismissed++) {
    const prompt = await prompts.next();
    await prompt.page.getByRole('dialog').waitFor();
    expect(await countPopups(browser)).toBe(1);
    await prompt.pressEscape();
  }
  expect(await outcomesOf(page, 5)).toEqual([DISMISSED, DISMISSED, DISMISSED, SILENCED, SILENCED].sort());
  await clickIn(page, 49);
  expect(await outcomesOf(page, 6)).toContain(SILENCED);
  expect(prompts.seen).toHaveLength(3);
});

test('after three blocked subdomains in its frames a page gets no prompt until the user lets it ask again', async ({
  extended: browser,
  prompts,
  site,
  peerServer,
}) => {
  const around = freshOrigin(site);
  const evil = new URL(freshOrigin(site)).hostname;
  const frame = askingFrame(site, peerServer);
  const frames = [0, 1, 2, 3].map((n) => site.originOf(`a${n}.${evil}`) + frame);
  const page = await visitFrames(browser, site, around, frames);
  for (const index of [0, 1, 2]) {
    await clickIn(page, index);
    await (await prompts.next()).answer('Block');
    // Count blocked outcomes alone: after the third, the remaining frame may already be silenced.
    await page.waitForFunction(
      ([beginning, count]) => outcomes.filter((outcome) => outcome.startsWith(beginning)).length === count,
      [BLOCKED, index + 1] as const,
    );
  }
  await clickIn(page, 3);
  expect(await outcomesOf(page, 4)).toContain(SILENCED);
  // The page itself and other pages of its domain get no prompt either.
  const sibling = await visit(browser.context, around.replace('//', '//sibling.'), peerServer);
  for (const silenced of [page, sibling.page]) {
    await silenced.bringToFront();
    const message = await silenced.evaluate(
      (options) =>
        new Promise<string>((resolve) => new Peer(options as never).on('error', (error) => resolve(error.message))),
      peerServer.peerOptions,
    );
    expect(message).toContain('no longer asks');
  }
  expect(prompts.seen).toHaveLength(3);

  const panel = new PanelPage(await browser.openPanel(around));
  await expect(panel.site(around)).toContainText('no longer asks about this site');
  await panel.site(around).getByRole('button', { name: 'Let it ask again' }).click();
  await expect(panel.site(around)).not.toContainText('no longer asks');
  await panel.page.close();
  await page.bringToFront();
  await page.evaluate((options) => typeof new Peer(options as never), peerServer.peerOptions);
  await (await prompts.next()).answer('Always allow');
});

/** Where the only prompt window is, by the browser's record: the page's own `screenX` is emulated by the test driver. */
function placeOfPopup(browser: ExtendedBrowser): Promise<{ left: number; right: number }> {
  return browser.context.serviceWorkers()[0]!.evaluate(async () => {
    const [popup] = await chrome.windows.getAll({ windowTypes: ['popup'] });
    const { left = 0, width = 0 } = popup!;
    return { left, right: left + width };
  });
}

test('the build has the prompt’s page and the host’s page', () => {
  expect(PAGES).toEqual(expect.arrayContaining(['extension/prompt/index.html', 'extension/offscreen/index.html']));
});

for (const path of PAGES) {
  test(`a page cannot frame, open, read or message ${path}`, async ({ extended: browser, site }) => {
    const url = `chrome-extension://${browser.extensionId}/${path}`;
    const page = await browser.context.newPage();
    await page.goto(`${freshOrigin(site)}/blank.html`);
    const opening = browser.context.waitForEvent('page');
    const read = await page.evaluate(async (url) => {
      const frame = document.createElement('iframe');
      const framed = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
      frame.src = url;
      document.body.append(frame);
      await framed;
      const opened = window.open(url, 'extension-page');
      for (const target of [frame.contentWindow, opened]) {
        target?.postMessage({ ticket: 'ticket', to: 'background', type: 'prompt.answer' }, '*', [
          new MessageChannel().port2,
        ]);
      }
      return fetch(url).then(
        () => 'read',
        () => 'refused',
      );
    }, url);
    expect(read).toBe('refused');
    const opened = await opening;
    await opened.waitForLoadState();
    expect([...page.frames(), ...opened.frames()].filter(isOfExtension)).toEqual([]);
  });
}

/** Without a frame that shows the extension, a page has nothing that it could message. */
function isOfExtension(frame: Frame): boolean {
  return frame.url().startsWith('chrome-extension:');
}

test('the check for framed pages of the extension notices the bridge frame', async ({
  extended: browser,
  site,
  peerServer,
}) => {
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const { page } = await visit(browser.context, origin, peerServer);
  const bridge = page.waitForEvent('framenavigated', isOfExtension);
  await page.evaluate((options) => void kit.peer(undefined, options), peerServer.peerOptions);
  expect(new URL((await bridge).url()).pathname).toBe('/extension/bridge/index.html');
});

test('a page has no API to send the extension messages', async ({ extended: browser, site }) => {
  const page = await browser.context.newPage();
  await page.goto(`${freshOrigin(site)}/blank.html`);
  const found = await page.evaluate(() => [
    typeof (globalThis as { chrome?: { runtime?: unknown } }).chrome?.runtime,
    typeof (globalThis as { browser?: unknown }).browser,
  ]);
  expect(found).toEqual(['undefined', 'undefined']);
});

/** The world of the page's content script, as an attacker who has taken over the renderer controls it. */
async function takeOver(browser: ExtendedBrowser, page: Page): Promise<ContentScriptWorld> {
  return ContentScriptWorld.of(page, browser.extensionId);
}

test('a taken-over content script may attach its document and send no other request', async ({
  extended: browser,
  prompts,
  site,
  peerServer,
}) => {
  const origin = freshOrigin(site);
  const victim = freshOrigin(site);
  await browser.allow(victim);
  const visitor = await visit(browser.context, victim, peerServer);
  await openedId(await visitor.construct(undefined));
  const hostile = await visit(browser.context, origin, peerServer);
  await hostile.construct(undefined);
  const prompt = await prompts.next();
  const promptId = new URL(prompt.page.url()).searchParams.get('id') ?? '';

  const world = await takeOver(browser, hostile.page);
  const document = {
    site: { origin: victim, isOpaque: false, isPrivate: false },
    tabId: 1,
    frameId: 0,
    documentId: 'd',
  };
  const server = { host: '127.0.0.1', port: peerServer.port, path: '/', key: 'peerjs', secure: false };
  const start = { type: 'peer.start' as const, peerKey: 1, epoch: 1, server, pingInterval: 5000, config: {} };
  const limits = { peers: 1, connections: 1, queuedBytes: 1 };
  const admission = { identities: [], server, isOwnServer: false, allows: { data: true, calls: true }, limits };
  const ui = { to: 'background' as const, site: { origin }, isPrivate: false };
  const forged: Forged = {
    admit: { to: 'background', document, start },
    'identity.leased': { to: 'background', document, identity: { id: 'mine', secret: '0'.repeat(32) }, named: true },
    'host.idle': { to: 'background' },
    'host.connections': { to: 'background', tabs: [{ tabId: 1, count: 99 }] },
    'host.parked': { to: 'background', document },
    'prompt.describe': { to: 'background', promptId },
    'prompt.answer': { to: 'background', promptId, answer: 'always' },
    expect: { to: 'host', ticket: 'ticket', document, start, admission },
    documents: { to: 'host' },
    enforce: { to: 'host', verdicts: [{ documentId: 'd', revoked: 'gone' }] },
    testRelay: { to: 'host', server: { urls: ['turn:127.0.0.1'] } },
    leaveTab: { to: 'host', tabId: 1 },
    release: { to: 'host' },
    diagnostics: { to: 'host' },
    'ui.tab': { to: 'background', tabId: 1 },
    'ui.sites': { to: 'background' },
    'ui.decide': { ...ui, decision: 'allow' },
    'ui.allowForTab': { ...ui, tabId: 1 },
    'ui.changeSettings': { ...ui, change: {} },
    'ui.forgetSite': { ...ui, site: { origin: victim } },
    'ui.forgetIdentity': { to: 'background', site: { origin: victim }, id: 'mine' },
    'ui.resetIdentity': { to: 'background', site: { origin: victim }, id: 'mine' },
    'ui.hostTrouble': { to: 'background' },
    'ui.policy': { to: 'background' },
    'ui.changePolicy': { to: 'background', change: { defaultDecision: 'allow' } },
    'ui.testRelay': { to: 'background', server: { urls: ['turn:127.0.0.1'] } },
    'ui.log': { to: 'background' },
    'ui.diagnostics': { to: 'background' },
    'ui.export': { to: 'background' },
    'ui.previewImport': { to: 'background', text: '{}' },
    'ui.import': { to: 'background', text: '{}' },
    'ui.showPrompt': { to: 'background', site: { origin: 'https://chat.example' }, isPrivate: false },
    'ui.erase': { to: 'background' },
  };
  const messages = Object.entries(forged).map(([type, members]) => ({ type, ...members }));
  const replies = await world.evaluate<Record<string, string>>(`(async () => {
    const replies = {};
    for (const message of ${JSON.stringify(messages)}) {
      replies[message.type] = await chrome.runtime.sendMessage(message).then(
        (reply) => 'answered ' + JSON.stringify(reply),
        ({ message }) => message,
      );
    }
    return replies;
  })()`);
  const refused: unknown = expect.stringMatching(/^Only .+ may send this request\.$/);
  expect(replies).toEqual(Object.fromEntries(Object.keys(forged).map((type) => [type, refused])));

  // One port shows a forged ticket, the other asks for the live view. Both are closed without any message.
  const heard = await world.evaluate<unknown[]>(`(async () => {
    const heard = [];
    const refused = (name, message) => new Promise((resolve) => {
      const port = chrome.runtime.connect({ name });
      port.onMessage.addListener((message) => heard.push(message));
      port.onDisconnect.addListener(resolve);
      port.postMessage(message);
    });
    const closeAll = { type: 'closeAll', origin: ${JSON.stringify(victim)}, isPrivate: false };
    await Promise.all([refused('live', closeAll), refused('document', 'a ticket')]);
    return heard;
  })()`);
  expect(heard).toEqual([]);

  expect(prompt.page.isClosed()).toBe(false);
  expect(await browser.grantOf(origin)).toBeUndefined();
  expect(await browser.grantOf(victim)).toMatchObject({ decision: 'allow' });
  await openedId(await visitor.construct(undefined));
  await prompt.pressEscape();
});

/** Two screens side by side. No emulated viewport, because windows would not keep the size that the extension gives them. */
const TWO_SCREENS = { switches: ['--screen-info={0,0 1600x1200}{1600,0 1600x1200}'], viewport: null };

test('the prompt opens over the window that asked, on that window’s screen', async ({ site, peerServer }) => {
  const browser = await launchExtendedBrowser(undefined, TWO_SCREENS);
  try {
    const prompts = new Prompts(browser.context);
    const origin = freshOrigin(site);
    // The window that asks is opened first, so it does not have the focus.
    for (const [left, shows] of [
      [1900, origin],
      [100, 'about:blank'],
    ] as const) {
      const opened = browser.context.waitForEvent('page');
      await browser.context
        .serviceWorkers()[0]!
        .evaluate(([left, url]) => chrome.windows.create({ url, left, top: 150, width: 900, height: 800 }), [
          left,
          shows === origin ? `${origin}/blank.html` : shows,
        ] as const);
      await (await opened).waitForLoadState();
    }
    const asking = browser.context.pages().find((page) => page.url().startsWith(origin))!;
    await asking.waitForFunction(() => typeof kit === 'object');
    await asking.evaluate((options) => void kit.peer(undefined, options), peerServer.peerOptions);
    const { page } = await prompts.next();
    await page.getByRole('dialog').waitFor();
    const place = await placeOfPopup(browser);
    expect(place.left).toBeGreaterThan(1900);
    expect(place.right).toBeLessThan(1900 + 900);
    // Centred, apart from rounding by the window manager.
    expect(Math.abs((place.left + place.right) / 2 - (1900 + 450))).toBeLessThan(20);
  } finally {
    await browser.context.close();
  }
});
