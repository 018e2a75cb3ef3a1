// The fixtures of a browser test. All tests of a worker share one PeerServer, one site and, if needed, one browser with and one
// without the extension. Documents and extra servers belong to one test and end with it.
import { randomUUID } from 'node:crypto';
import { test as base, type BrowserContext, type JSHandle } from '@playwright/test';
import type { DataConnection, Peer, PeerConnectOption } from 'peerjs';
import type { Route } from '../pages/kit/calls';
import type { PeerSettings } from '../pages/kit/kit';
import type { IConfig } from 'peer';
import { launchExtendedBrowser, launchPlainBrowser, type ExtendedBrowser } from './browser';
import { DocumentPool } from './document-pool';
import type { DrivenPage, PageOpener } from './driven-page';
import { ExtendedFirefox, PlainFirefox } from './firefox';
import { PagePool } from './page-pool';
import { startPeerServer, type TestPeerServer } from './peer-server';
import { startSiteServer, type SiteServer } from './site-server';
import { startTcpProxy, type TcpProxy } from './tcp-proxy';

/** PeerJS 1.5.5 by script tag in a plain browser, or the injected `window.Peer` in a browser with the extension. */
export type Implementation = 'peerjs' | 'peerport';

/** The browser that shows a page. Default: the one of the test runner's project. */
export type BrowserName = 'chromium' | 'firefox';

/** A page with a `window.Peer` and the kit. */
export class PeerPage<Shown extends DrivenPage = DrivenPage> {
  constructor(
    readonly page: Shown,
    readonly implementation: Implementation,
    private readonly server: TestPeerServer,
    /** The route for calls of this page. Default: the implementation's own. */
    readonly route?: Route,
  ) {}

  /** Constructs a Peer at the worker's PeerServer, with these options added. Does not wait until it is open. */
  construct(id: string | undefined, options: PeerSettings = {}): Promise<JSHandle<Peer>> {
    const all = { ...this.server.peerOptions, ...options };
    return this.page.evaluateHandle(([id, all]) => kit.peer(id, all), [id, all] as const);
  }

  /** Constructs a Peer and waits until it is open. */
  async open(id: string | undefined = uniqueId(), options: PeerSettings = {}): Promise<JSHandle<Peer>> {
    const peer = await this.construct(id, options);
    return peer.evaluateHandle((peer) => kit.opened(peer));
  }
}

/** Two pages: one dials, the other answers. */
export interface Pair {
  dialler: PeerPage;
  answerer: PeerPage;
}

/** An open data connection: both Peers and both connection objects. */
export interface ConnectedPair {
  dialler: JSHandle<Peer>;
  answerer: JSHandle<Peer>;
  dialled: JSHandle<DataConnection>;
  accepted: JSHandle<DataConnection>;
  ids: { dialler: string; answerer: string };
}

/** An ID that no other test has used at the worker's PeerServer. */
export function uniqueId(role = 'peer'): string {
  return `${role}-${randomUUID()}`;
}

/** Replaces a test's IDs by `<name>`, so that observations can be compared with expectations. */
export function relabel<Value>(value: Value, names: Record<string, string>): Value {
  const text = Object.entries(names).reduce(
    (text, [name, id]) => text.replaceAll(id, `<${name}>`),
    JSON.stringify(value),
  );
  return JSON.parse(text) as Value;
}

/** Opens a Peer in each page and connects the first to the second; resolves when both ends are open. */
export async function connectPair(
  pair: Pair,
  options: PeerConnectOption = {},
  peerOptions: PeerSettings = {},
): Promise<ConnectedPair> {
  const ids = { dialler: uniqueId('dialler'), answerer: uniqueId('answerer') };
  const [dialler, answerer] = await Promise.all([
    pair.dialler.open(ids.dialler, peerOptions),
    pair.answerer.open(ids.answerer, peerOptions),
  ]);
  const [dialled, accepted] = await Promise.all([
    dialler.evaluateHandle((peer, { to, options }) => kit.opened(kit.dial(peer, to, options)), {
      to: ids.answerer,
      options,
    }),
    answerer.evaluateHandle((peer) => kit.incoming(peer)),
  ]);
  return { dialler, answerer, dialled, accepted, ids };
}

/** The browsers of a worker, each started when the first test needs it. */
class Browsers {
  #plain: Promise<BrowserContext> | undefined;
  #extended: Promise<ExtendedBrowser> | undefined;
  #plainFirefox: Promise<PlainFirefox> | undefined;
  #extendedFirefox: Promise<ExtendedFirefox> | undefined;
  readonly #pools = new Map<string, Promise<PagePool>>();
  readonly #documents = new Map<string, Promise<DocumentPool>>();

  constructor(private readonly site: SiteServer) {}

  /** Chromium without the extension. */
  plain(): Promise<BrowserContext> {
    return (this.#plain ??= launchPlainBrowser());
  }

  /** Chromium with the extension, where the user has allowed the test site's main origin. */
  extended(): Promise<ExtendedBrowser> {
    return (this.#extended ??= launchExtendedBrowser().then(async (browser) => {
      await browser.allow(this.site.origin);
      return browser;
    }));
  }

  /** Firefox without the extension. */
  plainFirefox(): Promise<PlainFirefox> {
    return (this.#plainFirefox ??= PlainFirefox.launch());
  }

  /** Firefox with the extension, where the user has allowed the test site's main origin. */
  extendedFirefox(): Promise<ExtendedFirefox> {
    return (this.#extendedFirefox ??= ExtendedFirefox.launch().then(async (browser) => {
      await browser.allow(this.site.origin);
      return browser;
    }));
  }

  /** The pool of pages for this implementation. */
  pages(browserName: BrowserName, implementation: Implementation): Promise<PagePool> {
    const profile = `${browserName} ${implementation}`;
    const known =
      this.#pools.get(profile) ?? this.opener(browserName, implementation).then((opener) => new PagePool(opener));
    this.#pools.set(profile, known);
    return known;
  }

  /** The pool of documents at this URL, which have the kit. */
  documents(browserName: BrowserName, implementation: Implementation, url: string): Promise<DocumentPool> {
    const key = `${browserName} ${implementation} ${url}`;
    const known =
      this.#documents.get(key) ?? this.pages(browserName, implementation).then((pages) => new DocumentPool(pages, url));
    this.#documents.set(key, known);
    return known;
  }

  /** The browser whose pages have this implementation. */
  private async opener(browserName: BrowserName, implementation: Implementation): Promise<PageOpener> {
    if (browserName === 'firefox') return implementation === 'peerjs' ? this.plainFirefox() : this.extendedFirefox();
    return implementation === 'peerjs' ? this.plain() : (await this.extended()).context;
  }

  async close(): Promise<void> {
    const [plain, extended] = await Promise.all([this.#plain, this.#extended]);
    const [plainFirefox, extendedFirefox] = await Promise.all([this.#plainFirefox, this.#extendedFirefox]);
    await Promise.all([plain?.close(), extended?.context.close(), plainFirefox?.close(), extendedFirefox?.close()]);
  }
}

function kitUrl(site: SiteServer, implementation: Implementation): string {
  return `${site.origin}/${implementation === 'peerjs' ? 'peerjs' : 'blank'}.html`;
}

export interface WorkerOptions {
  /** The browser of pages for which a test names no browser. */
  mainBrowser: BrowserName;
}

export interface WorkerFixtures extends WorkerOptions {
  peerServer: TestPeerServer;
  site: SiteServer;
  browsers: Browsers;
  /** Returns the result of `produce`, which runs once per key and worker; for results of the reference. */
  recall: <Value>(key: string, produce: () => Promise<Value>) => Promise<Value>;
}

export interface TestFixtures {
  /** Opens a page with this implementation and the kit. `route`: for its calls. */
  openPage: (implementation: Implementation, route?: Route, browserName?: BrowserName) => Promise<PeerPage>;
  /** The same, but earlier tests may have used the document. It has no Peer and no connection. */
  reusePage: (implementation: Implementation, route?: Route) => Promise<PeerPage>;
  /** Opens a page without any Peer, for taps and bystanders. */
  openBlankPage: () => Promise<DrivenPage>;
  /** The same, but earlier tests may have used the document. */
  reuseBlankPage: () => Promise<DrivenPage>;
  /** Takes a document from the pool until the test ends. */
  takeDocument: (implementation: Implementation, url: string) => Promise<DrivenPage>;
  /** Takes a page from the pool until the test ends. */
  takePage: (browserName: BrowserName, implementation: Implementation) => Promise<DrivenPage>;
  /** Starts another PeerServer with these options, which is closed after the test. */
  extraPeerServer: (options?: Partial<IConfig>) => Promise<TestPeerServer>;
  /** Starts a proxy in front of `target`, which is closed after the test. Default: the worker's PeerServer. */
  tcpProxy: (target?: { host: string; port: number }) => Promise<TcpProxy>;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  mainBrowser: ['chromium', { option: true, scope: 'worker' }],
  peerServer: [
    async ({}, use) => {
      const server = await startPeerServer({ allow_discovery: true });
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  site: [
    async ({}, use) => {
      const site = await startSiteServer();
      await use(site);
      await site.close();
    },
    { scope: 'worker' },
  ],
  browsers: [
    async ({ site }, use) => {
      const browsers = new Browsers(site);
      await use(browsers);
      await browsers.close();
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  recall: [
    async ({}, use) => {
      const known = new Map<string, Promise<unknown>>();
      await use(<Value>(key: string, produce: () => Promise<Value>) => {
        if (!known.has(key)) known.set(key, produce());
        return known.get(key) as Promise<Value>;
      });
    },
    { scope: 'worker' },
  ],
  openPage: async ({ takePage, site, peerServer, mainBrowser }, use) => {
    await use(async (implementation, route, browserName = mainBrowser) => {
      const page = await takePage(browserName, implementation);
      await page.goto(kitUrl(site, implementation));
      return new PeerPage(page, implementation, peerServer, route);
    });
  },
  reusePage: async ({ takeDocument, site, peerServer }, use) => {
    await use(async (implementation, route) => {
      const page = await takeDocument(implementation, kitUrl(site, implementation));
      return new PeerPage(page, implementation, peerServer, route);
    });
  },
  openBlankPage: async ({ takePage, site, mainBrowser }, use) => {
    await use(async () => {
      const page = await takePage(mainBrowser, 'peerjs');
      await page.goto(`${site.origin}/blank.html`);
      return page;
    });
  },
  reuseBlankPage: async ({ takeDocument, site }, use) => {
    await use(() => takeDocument('peerjs', `${site.origin}/blank.html`));
  },
  takeDocument: async ({ browsers, mainBrowser }, use, testInfo) => {
    const taken: { page: DrivenPage; pool: DocumentPool }[] = [];
    await use(async (implementation, url) => {
      const pool = await browsers.documents(mainBrowser, implementation, url);
      const page = await pool.take();
      taken.push({ page, pool });
      return page;
    });
    const hasPassed = testInfo.status === testInfo.expectedStatus;
    await Promise.all(taken.map(({ page, pool }) => pool.giveBack(page, hasPassed)));
  },
  takePage: async ({ browsers }, use) => {
    const taken: { page: DrivenPage; pool: PagePool }[] = [];
    await use(async (browserName, implementation) => {
      const pool = await browsers.pages(browserName, implementation);
      const page = await pool.take();
      taken.push({ page, pool });
      return page;
    });
    await Promise.all(taken.map(({ page, pool }) => pool.giveBack(page)));
  },
  extraPeerServer: async ({}, use) => {
    const servers: TestPeerServer[] = [];
    await use(async (options) => {
      const server = await startPeerServer(options);
      servers.push(server);
      return server;
    });
    await Promise.all(servers.map((server) => server.close()));
  },
  tcpProxy: async ({ peerServer }, use) => {
    const proxies: TcpProxy[] = [];
    await use(async (target = peerServer) => {
      const proxy = await startTcpProxy({ host: target.host, port: target.port });
      proxies.push(proxy);
      return proxy;
    });
    await Promise.all(proxies.map((proxy) => proxy.close()));
  },
});

export { expect } from '@playwright/test';
