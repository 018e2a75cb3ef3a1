// How a page's Peer reaches its host in the extension: from every kind of document, with one host per browser, and even if the
// service worker is killed meanwhile.
import type { Frame, Page } from '@playwright/test';
import { expect, connectPair, test as base, uniqueId, type PeerPage } from '../support/fixtures';

interface Fixtures {
  /** The ID of a PeerJS peer in another browser that sends back every message. */
  echo: string;
  /** Opens a page of this HTML in the browser with the extension. */
  visit: (html: string, headers?: Record<string, string>, hostname?: string) => Promise<Page>;
}

const test = base.extend<Fixtures>({
  echo: async ({ openPage }, use) => {
    const id = uniqueId('echo');
    const peer = await (await openPage('peerjs')).open(id);
    await peer.evaluate((peer) => {
      peer.on('connection', (connection) => {
        connection.on('data', (data) => void connection.send(data));
      });
    });
    await use(id);
  },
  visit: async ({ browsers, site }, use) => {
    const { context } = await browsers.extended();
    const pages: Page[] = [];
    await use(async (html, headers, hostname) => {
      const page = await context.newPage();
      pages.push(page);
      const origin = hostname === undefined ? site.origin : site.originOf(hostname);
      await page.goto(origin + site.page(html, headers));
      return page;
    });
    await Promise.all(pages.map((page) => page.close()));
  },
});

/** Opens a Peer in the document, sends a word to the echo peer and resolves with the answer. */
async function talk(document: Page | Frame, options: object, echo: string): Promise<unknown> {
  return document.evaluate(
    ([id, options, echo]) =>
      new Promise((resolve, reject) => {
        const peer = new Peer(id, options);
        peer.on('error', (error) => reject(new Error(`${error.type}: ${error.message}`)));
        peer.on('open', () => {
          const connection = peer.connect(echo);
          connection.on('open', () => void connection.send('heard'));
          connection.on('data', (data) => {
            resolve(data);
            peer.destroy();
          });
        });
      }),
    [uniqueId(), options, echo] as const,
  );
}

for (const [kind, headers] of Object.entries<Record<string, string>>({
  'without any policy': {},
  'with CSP default-src none': { 'content-security-policy': "default-src 'none'" },
  'with CSP default-src none and no scripts or frames': {
    'content-security-policy': "default-src 'none'; script-src 'none'; frame-src 'none'; connect-src 'none'",
  },
  'with COEP require-corp': { 'cross-origin-embedder-policy': 'require-corp' },
  'with COEP credentialless': { 'cross-origin-embedder-policy': 'credentialless' },
  'isolated by COOP and COEP': {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  },
  'with a trusted-types policy': { 'content-security-policy': "require-trusted-types-for 'script'; trusted-types" },
})) {
  test(`a page ${kind} reaches another browser`, async ({ visit, echo, peerServer }) => {
    const page = await visit('<p>A page</p>', headers);
    expect(await talk(page, peerServer.peerOptions, echo)).toBe('heard');
  });
}

test('a page without the extension cannot fetch under CSP default-src none, so the policy is in force', async ({
  browsers,
  site,
}) => {
  const page = await (await browsers.plain()).newPage();
  const path = site.page('', { 'content-security-policy': "default-src 'none'" });
  await page.goto(site.origin + path);
  await expect(page.evaluate(() => fetch('/blank.html'))).rejects.toThrow(/Failed to fetch/);
  await page.close();
});

test('the hand-over of the port leaves no trace in the page', async ({ visit, echo, peerServer }) => {
  const page = await visit('<p>A page</p>');
  const before = await page.evaluate(() => document.documentElement.outerHTML);
  expect(await talk(page, peerServer.peerOptions, echo)).toBe('heard');
  expect(await page.evaluate(() => document.documentElement.outerHTML)).toBe(before);
  expect(page.frames()).toHaveLength(1);
});

for (const [kind, html] of [
  ['a srcdoc', '<iframe srcdoc="<p>inside</p>"></iframe>'],
  ['an about:blank', '<iframe></iframe>'],
  ['a same-origin', '<iframe src="/blank.html"></iframe>'],
] as const) {
  test(`${kind} frame reaches another browser`, async ({ visit, echo, peerServer }) => {
    const page = await visit(html);
    expect(await talk(page.frames()[1]!, peerServer.peerOptions, echo)).toBe('heard');
  });
}

test('a cross-origin frame that is allowed in this page reaches another browser', async ({
  visit,
  echo,
  peerServer,
  browsers,
  site,
}) => {
  const origin = site.originOf('a.localhost');
  await (await browsers.extended()).allow(`${origin} ${site.origin}`);
  const page = await visit(`<iframe src="${origin}/blank.html"></iframe>`);
  expect(await talk(page.frames()[1]!, peerServer.peerOptions, echo)).toBe('heard');
});

test('a frame sandboxed by its parent is refused with a clear error', async ({ visit, echo, peerServer }) => {
  const page = await visit('<iframe sandbox="allow-scripts" srcdoc="<p>inside</p>"></iframe>');
  const refusal = /permission-denied: .*allow-same-origin/;
  await expect(talk(page.frames()[1]!, peerServer.peerOptions, echo)).rejects.toThrow(refusal);
});

test('many tabs that construct their first Peer at once share one offscreen document', async ({
  browsers,
  openPage,
}) => {
  const browser = await browsers.extended();
  const pages = await Promise.all(Array.from({ length: 8 }, () => openPage('peerport')));
  const ids = await Promise.all(
    pages.map(async (page) => {
      const peer = await page.open(uniqueId());
      return peer.evaluate(({ id }) => id);
    }),
  );
  expect(new Set(ids).size).toBe(8);
  expect(await browser.hostCount()).toBe(1);
});

const MIB = 1_048_576;

/** Sends `count` numbered messages of 1 MiB without awaiting any. */
async function pour(from: Awaited<ReturnType<typeof connectPair>>['dialled'], count: number): Promise<void> {
  await from.evaluate(
    (connection, [count, size]) => {
      for (let index = 0; index < count; index++) void connection.send(new Uint8Array(size).fill(index));
    },
    [count, MIB] as const,
  );
}

async function linkAcross(openPage: (implementation: 'peerjs' | 'peerport') => Promise<PeerPage>) {
  const [dialler, answerer] = await Promise.all([openPage('peerport'), openPage('peerjs')]);
  return { page: dialler.page, ...(await connectPair({ dialler, answerer }, { reliable: true })) };
}

test('killing the service worker in mid-transfer loses no message, and a later Peer attaches as before', async ({
  browsers,
  openPage,
}) => {
  const browser = await browsers.extended();
  const { dialled, accepted } = await linkAcross(openPage);
  const order = accepted.evaluate(
    (connection) =>
      new Promise<string[]>((resolve) => {
        const order: string[] = [];
        connection.on('data', (data) => {
          const bytes = new Uint8Array(data as ArrayBuffer);
          const isWhole = bytes.every((byte) => byte === bytes[0]);
          order.push(`${bytes[0]!}: ${bytes.length} ${isWhole ? 'whole' : 'torn'}`);
          if (order.length === 24) resolve(order);
        });
      }),
  );
  await pour(dialled, 24);
  await accepted.evaluate((connection) => kit.happened(connection, 'data', 2));
  await browser.killServiceWorker();
  const before = await accepted.evaluate((connection) => kit.watch(connection).count('data'));
  expect(before).toBeLessThan(24);
  expect(await order).toEqual(Array.from({ length: 24 }, (_, index) => `${index}: ${MIB} whole`));
  const later = await (await openPage('peerport')).open();
  expect(await later.evaluate(({ open }) => open)).toBe(true);
});

test('a page closed in mid-transfer ends its connection and frees what the host held for it', async ({
  browsers,
  openPage,
  peerServer,
}) => {
  const browser = await browsers.extended();
  // Another page stays attached, so that the host stays alive and can be measured.
  await (await openPage('peerport')).open();
  const before = await browser.hostMemoryBytes();
  const { page, dialled, accepted, ids } = await linkAcross(openPage);
  await pour(dialled, 128);
  await accepted.evaluate((connection) => kit.happened(connection, 'data', 2));
  await page.close();
  await accepted.evaluate((connection) => kit.happened(connection, 'close'));
  await peerServer.registered(ids.dialler, false);
  // No event reports that the memory is free.
  await expect.poll(async () => (await browser.hostMemoryBytes()) - before).toBeLessThan(4 * MIB);
});

test('a page that navigates away frees its ID at once', async ({ openPage, peerServer, site }) => {
  const page = await openPage('peerport');
  const id = uniqueId();
  await page.open(id);
  await page.page.goto(`${site.origin}/blank.html?next`);
  await peerServer.registered(id, false);
  const again = await page.open(id);
  expect(await again.evaluate(({ id }) => id)).toBe(id);
});
