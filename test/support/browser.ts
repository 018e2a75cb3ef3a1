// Starts Chromium with and without the built extension, and gives tests access to the extension that pages do not have.
import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, expect, type BrowserContext, type CDPSession, type Page, type Worker } from '@playwright/test';
import { findChromium, howToGetChromium } from '../../scripts/chromium.mjs';
import { welcomeTab } from '../../scripts/welcome-tab.mjs';
import { CdpTarget } from './cdp-target';
import { UserChoices } from './user-choices';

/** The built extension. */
export const DIST = fileURLToPath(new URL('../../dist/chrome', import.meta.url));

const ARGUMENTS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Two profiles on one machine must connect without multicast DNS, even if loopback is the only network.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
];

/** Options for a browser that a test does not share. */
interface OwnBrowser {
  switches?: string[];
  /** Null makes pages as large as their windows. */
  viewport?: null;
  /** Switches that Playwright adds unless they are named here. */
  ignoreDefaultArgs?: string[];
  /** The extension's folder. Default: dist/chrome. */
  extension?: string;
}

async function launch(
  extra: string[],
  profile = '',
  options: Pick<OwnBrowser, 'viewport' | 'ignoreDefaultArgs'> = {},
): Promise<BrowserContext> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(howToGetChromium());
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    ...options,
    args: [...ARGUMENTS, ...sandbox, ...extra],
  });
  // No time limit per step: a busy machine may be slow at any of them, and the test's own limit ends a hang.
  context.setDefaultTimeout(0);
  return context;
}

/** Starts a fresh profile without the extension. */
export function launchPlainBrowser(switches: string[] = []): Promise<BrowserContext> {
  return launch(switches);
}

/** Starts a profile with the extension. `profile`: the folder of an existing one, for restarts. Default: a fresh one. */
export async function launchExtendedBrowser(profile?: string, own: OwnBrowser = {}): Promise<ExtendedBrowser> {
  const isFresh = profile === undefined || !existsSync(profile);
  const browser = await launchWelcomingBrowser(profile, own);
  if (isFresh) await (await welcomeTab(browser.context)).close();
  return browser;
}

/** The same, and leaves the welcome tab of a fresh profile open. */
export async function launchWelcomingBrowser(
  profile?: string,
  { switches = [], extension = DIST, ...options }: OwnBrowser = {},
): Promise<ExtendedBrowser> {
  await access(extension).catch(() => {
    throw new Error(`${extension} is missing: build the extension first (npm run build)`);
  });
  const context = await launch(
    [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`, ...switches],
    profile,
    options,
  );
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  return new ExtendedBrowser(context, worker);
}

interface TargetInfo {
  targetId: string;
  type: string;
  url: string;
}

export class ExtendedBrowser extends UserChoices {
  readonly extensionId: string;
  /** The service worker while it runs. Playwright's own list keeps a stopped one. */
  #runningWorker: Worker | undefined;

  constructor(
    readonly context: BrowserContext,
    worker: Worker,
  ) {
    super();
    this.extensionId = new URL(worker.url()).host;
    this.#runningWorker = worker;
    context.on('serviceworker', (next) => (this.#runningWorker = next));
  }

  /** Stops the service worker as the browser does after 30 idle seconds; resolves when it has stopped. */
  async killServiceWorker(): Promise<void> {
    this.#runningWorker = undefined;
    const page = await this.openExtensionPage();
    const session = await this.context.newCDPSession(page);
    const stopped = this.workerStatus(session, (status) => status === 'stopped');
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    await stopped;
    await page.close();
  }

  /**
   * Resolves when a service worker that has just started no longer listens to tab events. A worker stopped earlier would be woken
   * once more by the next tab, because the browser remembers its listeners.
   */
  async serviceWorkerWatchesNothing(): Promise<void> {
    const isWatching = async () =>
      this.context.serviceWorkers()[0]?.evaluate(() => chrome.tabs.onUpdated.hasListeners()) ?? false;
    await expect.poll(isWatching).toBe(false);
  }

  /** Opens the panel in a tab, about the only tab that shows this origin. */
  async openPanel(origin: string): Promise<Page> {
    return this.openPanelOf(await this.tabIdOf(origin));
  }

  async openPanelOf(tabId: number): Promise<Page> {
    const panel = await this.context.newPage();
    await panel.goto(`chrome-extension://${this.extensionId}/extension/panel/index.html?tab=${tabId}`);
    return panel;
  }

  /**
   * The embedded sites that have asked in the only tab that shows this origin; undefined if there is no record of the tab.
   * Evaluates in the service worker, because opening a page of the extension would cover the tab.
   */
  embeddedIn(origin: string): Promise<string[] | undefined> {
    return this.context.serviceWorkers()[0]!.evaluate(async (url) => {
      const key = `tab:${(await chrome.tabs.query({ url }))[0]!.id!}`;
      const record = (await chrome.storage.session.get(key))[key] as { embedded: string[] } | undefined;
      return record?.embedded;
    }, `${origin}/*`);
  }

  /** The ID of the only tab that shows this origin. */
  tabIdOf(origin: string): Promise<number> {
    return this.inExtension(async (url) => (await chrome.tabs.query({ url }))[0]!.id!, `${origin}/*`);
  }

  /** Text and tooltip of the toolbar button for the tab that shows this origin. */
  async badgeOf(origin: string): Promise<{ text: string; title: string }> {
    const badge = await this.inExtension(async (url) => {
      const tabId = (await chrome.tabs.query({ url }))[0]!.id!;
      return { text: await chrome.action.getBadgeText({ tabId }), title: await chrome.action.getTitle({ tabId }) };
    }, `${origin}/*`);
    return badge;
  }

  /** How many offscreen documents exist. More than one is a bug. */
  async hostCount(): Promise<number> {
    const session = await this.browserSession();
    const hosts = await this.hosts(session);
    await session.detach();
    return hosts.length;
  }

  /** Whether the service worker is running. `witness`: any page of the profile. */
  async isServiceWorkerRunning(witness: Page): Promise<boolean> {
    const session = await this.context.newCDPSession(witness);
    const status = this.workerStatus(session, () => true);
    await session.send('ServiceWorker.enable');
    const isRunning = (await status) !== 'stopped';
    await session.detach();
    return isRunning;
  }

  /**
   * Resolves with the first status of the service worker that `isWanted`. Enable the session's `ServiceWorker` domain afterwards.
   * The worker's target shows nothing: it outlives the worker, and a message to it starts the next one.
   */
  private workerStatus(session: CDPSession, isWanted: (status: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
        for (const { scriptURL, runningStatus } of versions) {
          if (scriptURL.includes(`${this.extensionId}/`) && isWanted(runningStatus)) resolve(runningStatus);
        }
      });
    });
  }

  /** Evaluates an expression in the offscreen document. Awaits a promise; the value has to be JSON. */
  async evaluateInHost<Value>(expression: string): Promise<Value> {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.askHost<{
      result: { value: Value };
      exceptionDetails?: { text: string };
    }>('Runtime.evaluate', params);
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value;
  }

  /** Bytes held by the offscreen document's JavaScript, including ArrayBuffers, after a garbage collection. */
  async hostMemoryBytes(): Promise<number> {
    await this.askHost('HeapProfiler.collectGarbage');
    const usage = await this.askHost<{ usedSize: number; backingStorageSize?: number }>('Runtime.getHeapUsage');
    return usage.usedSize + (usage.backingStorageSize ?? 0);
  }

  private async askHost<Result>(method: string, params: object = {}): Promise<Result> {
    const session = await this.browserSession();
    try {
      const [host] = await this.hosts(session);
      if (!host) throw new Error('there is no offscreen document');
      return await (await CdpTarget.attach(session, host.targetId)).send<Result>(method, params);
    } finally {
      await session.detach();
    }
  }

  /** Evaluates in the service worker if it runs, because opening a page takes almost a second of processor time. */
  protected override inExtension<Value>(
    script: (argument: string) => Promise<Value>,
    argument: string,
  ): Promise<Value> {
    const worker = this.#runningWorker;
    return worker ? evaluateIn(worker, script, argument) : this.inNewPage(script, argument);
  }

  protected override async inNewPage<Value>(
    script: (argument: string) => Promise<Value>,
    argument: string,
  ): Promise<Value> {
    const page = await this.openExtensionPage();
    const value = await evaluateIn(page, script, argument);
    await page.close();
    return value;
  }

  private async openExtensionPage(): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`chrome-extension://${this.extensionId}/manifest.json`);
    return page;
  }

  /** With the browser itself; it has to be detached. */
  async browserSession(): Promise<CDPSession> {
    const browser = this.context.browser();
    if (!browser) throw new Error('a persistent context without its browser');
    return browser.newBrowserCDPSession();
  }

  private async targets(session: CDPSession): Promise<TargetInfo[]> {
    const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] });
    return targetInfos;
  }

  private async hosts(session: CDPSession): Promise<TargetInfo[]> {
    const targets = await this.targets(session);
    return targets.filter((info) => info.type === 'background_page' && info.url.includes(`${this.extensionId}/`));
  }
}

/** Playwright's type unwraps promises; TypeScript cannot see that Value is not a promise. */
function evaluateIn<Value>(
  place: Pick<Page | Worker, 'evaluate'>,
  script: (argument: string) => Promise<Value>,
  argument: string,
): Promise<Value> {
  return (place as Pick<Page, 'evaluate'>).evaluate(
    script as (argument: string) => unknown,
    argument,
  ) as Promise<Value>;
}
