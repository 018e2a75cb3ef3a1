// What the extension adds to a page: `Peer` and `peerjs` before its first script, and nothing else until the page constructs a
// Peer.
import type { BrowserContext, Page } from '@playwright/test';
import { expect, test as base } from '../support/fixtures';

interface Visit {
  /** Opens a page of this HTML in the browser with the extension. */
  visit: (html: string, headers?: Record<string, string>) => Promise<Page>;
  extendedContext: BrowserContext;
}

const test = base.extend<Visit>({
  extendedContext: async ({ browsers }, use) => use((await browsers.extended()).context),
  visit: async ({ extendedContext, site }, use) => {
    const pages: Page[] = [];
    await use(async (html, headers) => {
      const page = await extendedContext.newPage();
      pages.push(page);
      await page.goto(site.origin + site.page(html, headers));
      return page;
    });
    await Promise.all(pages.map((page) => page.close()));
  },
});

/** An inline script that stores its findings in `found`. */
const LOOK = `<script>found = [typeof Peer, typeof peerjs, Peer === peerjs.Peer, typeof peerjs.util.pack]</script>`;
const FOUND = ['function', 'object', true, 'function'];

test('Peer exists before the first script of the page', async ({ visit }) => {
  const page = await visit(LOOK);
  expect(await page.evaluate('found')).toEqual(FOUND);
});

test('Peer exists in a page whose policy forbids all scripts', async ({ visit }) => {
  const page = await visit('<p>quiet</p>', { 'content-security-policy': "default-src 'none'; script-src 'none'" });
  expect(await page.evaluate('typeof Peer')).toBe('function');
});

test('Peer exists in a frame as soon as a script has added it', async ({ visit }) => {
  const page = await visit(`<body><script>
    const blank = document.body.appendChild(document.createElement('iframe'));
    const named = document.body.appendChild(document.createElement('iframe'));
    named.src = 'about:blank';
    found = [blank, named].map(({ contentWindow }) => [typeof contentWindow.Peer, contentWindow.Peer !== Peer]);
  </script>`);
  expect(await page.evaluate('found')).toEqual([
    ['function', true],
    ['function', true],
  ]);
});

for (const [kind, assign] of [
  ['srcdoc', 'frame.srcdoc = html'],
  ['blob', "frame.src = URL.createObjectURL(new Blob([html], { type: 'text/html' }))"],
] as const) {
  test(`Peer exists before the first script of a ${kind} frame`, async ({ visit }) => {
    const page = await visit(`<body><script>
      const html = '<script>parent.found = [typeof Peer, location.protocol]; parent.done()</' + 'script>';
      ready = new Promise((resolve) => (done = resolve));
      const frame = document.createElement('iframe');
      ${assign};
      document.body.append(frame);
    </script>`);
    await page.evaluate('ready');
    expect(await page.evaluate('found')).toEqual(['function', kind === 'srcdoc' ? 'about:' : 'blob:']);
  });
}

test('a page that loads PeerJS by a script tag uses that PeerJS, which works without the extension', async ({
  visit,
  peerServer,
}) => {
  const page = await visit(`<script>injected = Peer</script><script src="/peerjs.min.js"></script>`);
  const token = 'chosen-by-the-page';
  const result = await page.evaluate(
    async ([options]) => {
      const { injected } = globalThis as unknown as { injected: typeof Peer };
      const Own = Peer as new (id: string, options: unknown) => InstanceType<typeof Peer>;
      const peer = new Own('own-peerjs-of-a-page', options);
      await new Promise<unknown>((resolve) => peer.on('open', resolve));
      return { replaced: Peer !== injected, same: Peer === peerjs.Peer, frames: document.querySelectorAll('*').length };
    },
    [{ ...peerServer.peerOptions, token }],
  );
  expect(result).toMatchObject({ replaced: true, same: true });
  expect(peerServer.socketUrls.some((url) => url.includes(`token=${token}`))).toBe(true);
});

for (const [kind, declaration] of [
  ['let', "let Peer = 'mine'"],
  ['const', "const Peer = 'mine'"],
  ['var', "var Peer = 'mine'"],
  ['class', "class Peer { static toString() { return 'mine' } }"],
  ['function', "function Peer() {}; Peer.toString = () => 'mine'"],
  ['assignment', "Peer = 'mine'"],
  ['window property', "window.Peer = 'mine'"],
  ['defineProperty', "Object.defineProperty(window, 'Peer', { value: 'mine' })"],
  ['delete and var', "delete window.Peer; var Peer = 'mine'"],
] as const) {
  test(`a page may define its own Peer by ${kind}`, async ({ visit }) => {
    const page = await visit(`
      <script>failures = []; onerror = (message) => failures.push(message)</script>
      <script>${declaration}</script>
      <script>found = String(Peer)</script>`);
    expect(await page.evaluate('[found, failures]')).toEqual(['mine', []]);
  });
}

test('window has Peer and peerjs and nothing else beyond a plain browser’s', async ({ visit, browsers, site }) => {
  const list = `<script>
    names = Reflect.ownKeys(window).map(String);
    document.documentElement.outerHTML.length;
    tree = document.documentElement.outerHTML;
    attributes = document.documentElement.getAttributeNames();
  </script>`;
  const extended = await visit(list);
  const plain = await (await browsers.plain()).newPage();
  await plain.goto(site.origin + site.page(list));
  const names = new Set(await plain.evaluate<string[]>('names'));
  const added = (await extended.evaluate<string[]>('names')).filter((name) => !names.has(name));
  expect(added.sort()).toEqual(['Peer', 'peerjs']);
  expect(await extended.evaluate('[tree, attributes]')).toEqual(await plain.evaluate('[tree, attributes]'));
  await plain.close();
});

test('Peer and peerjs are writable and configurable values, as a script’s own globals are', async ({ visit }) => {
  const page = await visit('');
  const descriptors = await page.evaluate(() =>
    ['Peer', 'peerjs'].map((name) => {
      const descriptor = Object.getOwnPropertyDescriptor(window, name)!;
      return {
        name,
        configurable: descriptor.configurable,
        writable: descriptor.writable,
        hasValue: 'value' in descriptor,
      };
    }),
  );
  expect(descriptors).toEqual(
    ['Peer', 'peerjs'].map((name) => ({ name, configurable: true, writable: true, hasValue: true })),
  );
});

test('before the first Peer there is no message, no frame, no request and no service worker', async ({
  visit,
  browsers,
  peerServer,
}) => {
  const browser = await browsers.extended();
  await browser.serviceWorkerWatchesNothing();
  await browser.killServiceWorker();
  const page = await visit(`<link rel="icon" href="data:,"><script>
    noticed = [];
    addEventListener('message', () => noticed.push('message'), true);
    new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const node of addedNodes) {
        if (!['HEAD', 'BODY', 'P', '#text'].includes(node.nodeName)) noticed.push(node.nodeName);
      }
    }).observe(document, { childList: true, subtree: true });
  </script><body><p>content</p>`);
  const notice = () =>
    page.evaluate<string[]>('noticed.concat(performance.getEntriesByType("resource").map(({ name }) => name))');
  expect(await notice()).toEqual([]);
  expect(await browser.isServiceWorkerRunning(page)).toBe(false);

  // The control: with a Peer, all of these are noticed.
  await page.evaluate(
    ([options]) =>
      new Promise<unknown>((resolve) => {
        new Peer('first-of-the-page', options as never).on('open', resolve);
      }),
    [peerServer.peerOptions],
  );
  expect(await notice()).not.toEqual([]);
  expect(await browser.isServiceWorkerRunning(page)).toBe(true);
});

test('a page that breaks the built-ins does not break Peer', async ({ visit, peerServer }) => {
  const page = await visit(`<script>
    const broken = () => { throw new Error('broken by the page') };
    const targets = [
      [Array.prototype, ['push', 'map', 'forEach', 'filter', 'shift', 'slice', 'indexOf', 'includes', Symbol.iterator]],
      [Map.prototype, ['get', 'set', 'has', 'delete', 'forEach', Symbol.iterator]],
      [EventTarget.prototype, ['dispatchEvent']],
      [MessagePort.prototype, ['postMessage']],
      [Object, ['keys', 'entries', 'assign', 'defineProperty']],
      [Promise.prototype, ['finally']],
    ];
    for (let i = 0; i < targets.length; i++) {
      for (let k = 0; k < targets[i][1].length; k++) targets[i][0][targets[i][1][k]] = broken;
    }
    window.MessageChannel = window.CustomEvent = window.MessageEvent = window.Promise = broken;
    new Peer('among-ruins', ${JSON.stringify(peerServer.peerOptions)}).on('open', (id) => {
      document.title = id;
    });
  </script>`);
  await expect(page).toHaveTitle('among-ruins');
});
