// Which PeerServers a page can make Peerport talk to, and what it learns from them. The page chooses host, port, path and key
// freely. The attacks here once worked with values that two parts of Peerport read as two different addresses.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { launchExtendedBrowser, type ExtendedBrowser } from '../support/browser';
import { expect, test as base } from '../support/fixtures';
import { eventsToTheEnd, freshOrigin, freshPublicOrigin, openedId, Prompts, visit } from '../support/prompt-page';

/** A local server that answers every request with `body`. Pages cannot read it unless `headers` allow that. */
interface Bystander {
  port: number;
  headers: Record<string, string>;
  body: string;
  /** Paths of all requests so far. */
  asked: string[];
}

interface Servers {
  extended: ExtendedBrowser;
  prompts: Prompts;
  bystander: Bystander;
}

const test = base.extend<Servers>({
  extended: async ({ browsers }, use) => {
    const extended = await browsers.extended();
    const before = new Set(extended.context.pages());
    await use(extended);
    const opened = extended.context.pages().filter((page) => !before.has(page));
    await Promise.all(opened.map((page) => page.close()));
  },
  prompts: async ({ extended }, use) => use(new Prompts(extended.context)),
  bystander: async ({}, use) => {
    const bystander: Bystander = { port: 0, headers: {}, body: '["a secret of this machine"]', asked: [] };
    const http = createServer((request, response) => {
      bystander.asked.push(request.url ?? '');
      response.writeHead(200, { 'content-type': 'application/json', ...bystander.headers }).end(bystander.body);
    });
    http.on('upgrade', (request, socket) => {
      bystander.asked.push(request.url ?? '');
      socket.destroy();
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    bystander.port = (http.address() as AddressInfo).port;
    await use(bystander);
    http.closeAllConnections();
    http.close();
  },
});

const REFUSED_EVENTS: unknown[] = [
  expect.stringMatching(/^error .*server-error/),
  expect.stringMatching(/^disconnected/),
  'close',
];

/** This attack is tried from a local page, which may use the local server without a prompt and tries to read another path of it. */
const OF_A_LOCAL_PAGE = 'in the key, behind dot segments';

for (const [where, options] of Object.entries<(port: number) => object>({
  'in the key, behind an @': (port) => ({
    ...{ host: '', port: '', path: '', secure: false },
    key: `@127.0.0.1:${port}/json#`,
  }),
  [OF_A_LOCAL_PAGE]: (port) => ({
    ...{ host: '127.0.0.1', port, path: '/app/', secure: false },
    key: '../../json#',
  }),
  'in the port': (port) => ({ host: 'trusted.example', port: `80@127.0.0.1:${port}`, path: '/json#/', secure: false }),
  'in the host': (port) => ({ host: `trusted.example@127.0.0.1:${port}/json#`, port: '', secure: false }),
  'in the path': (port) => ({ host: 'x', port: '', path: `@127.0.0.1:${port}/json#`, secure: false }),
})) {
  test(`an allowed page cannot reach another server by an address hidden ${where}`, async ({
    extended,
    prompts,
    site,
    peerServer,
    bystander,
  }) => {
    const isLocal = where === OF_A_LOCAL_PAGE;
    const origin = isLocal ? freshOrigin(site) : await freshPublicOrigin(extended.context, site);
    await extended.allow(origin);
    const { page } = await visit(extended.context, origin, peerServer);
    const learned = await page.evaluate(
      (options) =>
        new Promise<unknown[]>((resolve) => {
          const learned: unknown[] = [];
          const learn = (what: unknown): void => {
            learned.push(what);
            if (learned.length === 2) resolve(learned);
          };
          const peer = new Peer('x', options);
          peer.on('error', (error) => learn(error.type));
          const list = (): void => peer.listAllPeers(learn);
          peer.on('disconnected', list);
          peer.on('open', list);
        }),
      options(bystander.port),
    );
    expect(learned).toEqual(['server-error', 'server-error']);
    expect(bystander.asked).toEqual([]);
    expect(prompts.seen).toHaveLength(0);
  });
}

test('a page with an invalid server option gets an error that names the option, and the user sees no prompt', async ({
  extended,
  prompts,
  site,
  peerServer,
}) => {
  const visitor = await visit(extended.context, freshOrigin(site), peerServer);
  for (const [option, value] of Object.entries({
    host: 'verified. Press Always allow to join',
    port: 'join',
    path: '/a/../../',
    key: 'a&b',
  })) {
    const peer = await visitor.construct(undefined, { [option]: value });
    expect(await eventsToTheEnd(peer)).toEqual(REFUSED_EVENTS);
    const message = await peer.evaluate((peer) => (kit.watch(peer).occurrences[0]!.argument as Error).message);
    expect(message).toContain(`The option "${option}"`);
  }
  expect(prompts.seen).toHaveLength(0);
});

test('the prompt shows the end of a long server name, and the log has the entry', async ({
  extended,
  prompts,
  site,
  peerServer,
}) => {
  const origin = freshOrigin(site);
  const visitor = await visit(extended.context, origin, peerServer);
  const host = `${'press-always-allow-to-join.'.repeat(8)}attacker.example`;
  await visitor.construct(undefined, { host, port: 443, secure: true });
  const prompt = await prompts.next();
  const shown = prompt.page.locator('#server');
  await expect(shown).toHaveText(/^….*\.attacker\.example$/);
  expect((await shown.textContent())!.length).toBeLessThanOrEqual(64);
  await expect(prompt.page.getByRole('dialog')).not.toContainText('not encrypted');
  await prompt.pressEscape();
  const { log } = (await extended.stored()) as { log: { origin: string; what: string; server?: string }[] };
  expect(log.filter((entry) => entry.origin === origin)).toMatchObject([
    { what: 'asked', server: expect.stringContaining('attacker.example') as unknown },
    { what: 'dismissed' },
  ]);
});

test('a private server allowed without encryption is asked about again with encryption', async ({
  extended,
  prompts,
  site,
  peerServer,
}) => {
  const origin = await freshPublicOrigin(extended.context, site);
  await extended.allow(origin);
  const visitor = await visit(extended.context, origin, peerServer);
  const plain = await visitor.construct(undefined);
  const first = await prompts.next();
  await expect(first.page.getByRole('dialog')).toContainText('not encrypted');
  await first.answer('Always allow');
  await openedId(plain);
  const encrypted = await visitor.construct(undefined, { secure: true });
  const second = await prompts.next();
  await expect(second.page.getByRole('dialog')).toContainText(`127.0.0.1:${peerServer.port}`);
  await expect(second.page.getByRole('dialog')).not.toContainText('not encrypted');
  await second.pressEscape();
  expect((await eventsToTheEnd(encrypted))[0]).toContain('permission-denied');
  expect(await extended.grantOf(origin)).toMatchObject({ servers: [`ws://127.0.0.1:${peerServer.port}`] });
  await openedId(await visitor.construct(undefined));
  expect(prompts.seen).toHaveLength(2);
});

test('the prompt’s details explain that the page’s own restrictions do not bind Peerport', async ({
  extended,
  prompts,
  site,
  peerServer,
}) => {
  await (await visit(extended.context, freshOrigin(site), peerServer)).construct(undefined);
  const { page } = await prompts.next();
  await page.getByText('Details').click();
  const text = page.getByText('Content Security Policy');
  await expect(text).toBeVisible();
  await expect(text).toBeInViewport({ ratio: 1 });
  await page.close();
});

test('an https page may not use an unencrypted server on the internet, and an http page may', async ({
  site,
  peerServer,
}) => {
  const host = 'signal.example';
  const browser = await launchExtendedBrowser(undefined, {
    switches: [`--host-resolver-rules=MAP ${host} 127.0.0.1`],
  });
  for (const scheme of ['https', 'http'] as const) {
    const origin = await freshPublicOrigin(browser.context, site, scheme);
    await browser.allow(origin);
    const visitor = await visit(browser.context, origin, peerServer);
    const before = peerServer.socketUrls.length;
    const peer = await visitor.construct(undefined, { host, secure: false });
    if (scheme === 'http') await openedId(peer);
    else {
      expect(await eventsToTheEnd(peer)).toEqual(REFUSED_EVENTS);
      const message = await peer.evaluate((peer) => (kit.watch(peer).occurrences[0]!.argument as Error).message);
      expect(message).toContain('secure: true');
    }
    expect(peerServer.socketUrls.length - before).toBe(scheme === 'http' ? 1 : 0);
  }
  await browser.context.close();
});

test('the page fetches the list of peers itself, under its own CORS and CSP', async ({
  extended,
  site,
  extraPeerServer,
}) => {
  const elsewhere = 'https://elsewhere.example';
  const [open, closed] = [
    await extraPeerServer({ allow_discovery: true }),
    await extraPeerServer({ allow_discovery: true, corsOptions: { origin: elsewhere } }),
  ];
  const { page } = await visit(extended.context, site.origin, open);
  const list = (options: object, isWatched = false): Promise<unknown> =>
    page.evaluate(
      ([options, isWatched]) =>
        new Promise((resolve) => {
          if (isWatched) {
            const original = window.fetch.bind(window);
            window.fetch = (...args) => {
              window.fetch = original;
              resolve('the page’s own fetch');
              return original(...args);
            };
          }
          const peer = new Peer(options);
          peer.on('error', (error) => resolve(error.type));
          peer.on('open', (id) => peer.listAllPeers((ids) => resolve(ids.includes(id))));
        }),
      [options, isWatched] as const,
    );
  expect(await list(open.peerOptions)).toBe(true);
  expect(await list(open.peerOptions, true)).toBe('the page’s own fetch');
  expect(await list(closed.peerOptions)).toBe('server-error');
  // The page's request reached the server, but the browser withholds the answer.
  expect(closed.requestUrls.some((url) => url.startsWith('/peerjs/peers?'))).toBe(true);

  const policy = { 'content-security-policy': "connect-src 'self'" };
  await page.goto(site.origin + site.page('<p>A page</p>', policy));
  const before = open.requestUrls.length;
  expect(await list(open.peerOptions)).toBe('server-error');
  expect(open.requestUrls).toHaveLength(before);
});

test('a page learns the list of IDs from the user’s own server, and nothing else that the server answers', async ({
  extended,
  site,
  peerServer,
  bystander,
}) => {
  const peerServerOfUser = { host: '127.0.0.1', port: bystander.port, path: '/', secure: false, key: 'users-key' };
  await extended.setPolicy({ peerServer: peerServerOfUser });
  bystander.headers = { 'access-control-allow-origin': '*' };
  const { page } = await visit(extended.context, site.origin, peerServer);
  const list = () =>
    page.evaluate(
      () =>
        new Promise<unknown>((resolve) => {
          const peer = new Peer('somebody');
          const end = (outcome: unknown): void => {
            resolve(outcome);
            // The next Peer needs the same ID.
            peer.destroy();
          };
          peer.on('error', (error) => {
            if ((error.type as string) === 'server-error') end(error.message);
          });
          peer.once('disconnected', () => peer.listAllPeers(end));
        }),
    );
  bystander.body = '["one","two"]';
  expect(await list()).toEqual(['one', 'two']);
  for (const body of [
    '{"a":"secret"}',
    '"secret"',
    '[["secret"]]',
    '<p>secret</p>',
    `["${'secret'.repeat(200_000)}"]`,
  ]) {
    bystander.body = body;
    const message = await list();
    expect(message).toContain('something other than a list of IDs');
    expect(message).not.toMatch(/secret|users-key|127\.0\.0\.1/);
  }
  await extended.setPolicy({});
});
