// Chromium profiles with and without the built extension, and the doors into the extension that a page has not.
import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, expect, type BrowserContext, type CDPSession, type Page } from '@playwright/test';
import { findChromium, howToGetChromium } from '../../scripts/chromium.mjs';
import { welcomeTab } from '../../scripts/welcome-tab.mjs';
import { UserChoices } from './user-choices';

/** The built extension. */
export const DIST = fileURLToPath(new URL('../../dist/chrome', import.meta.url));

const ARGUMENTS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Two profiles on one machine must find each other without multicast DNS, also where loopback is the only network.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
];

/** What a test may want of a browser that is its own. */
interface OwnBrowser {
  switches?: string[];
  /** Null: pages are as large as their windows. */
  viewport?: null;
  /** Another folder than dist/chrome that holds the extension. */
  extension?: string;
}

async function launch(
  extra: string[],
  profile = '',
  options: Pick<OwnBrowser, 'viewport'> = {},
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
  // The test's own time limit ends what hangs; a busy machine may take long for any part of it.
  context.setDefaultTimeout(0);
  return context;
}

/** A fresh profile without the extension. */
export function launchPlainBrowser(): Promise<BrowserContext> {
  return launch([]);
}

/** A profile with dist/chrome: a fresh one, or the one in this folder, to play a restart. */
export async function launchExtendedBrowser(profile?: string, own: OwnBrowser = {}): Promise<ExtendedBrowser> {
  const isFresh = profile === undefined || !existsSync(profile);
  const browser = await launchWelcomingBrowser(profile, own);
  if (isFresh) await (await welcomeTab(browser.context)).close();
  return browser;
}

/** The same, with the tab that welcomes the user to a fresh profile. */
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
  return new ExtendedBrowser(context, new URL(worker.url()).host);
}

interface TargetInfo {
  targetId: string;
  type: string;
  url: string;
}

export class ExtendedBrowser extends UserChoices {
  constructor(
    readonly context: BrowserContext,
    readonly extensionId: string,
  ) {
    super();
  }

  /** Ends the service worker as the browser does after 30 idle seconds; resolves when it has stopped. */
  async killServiceWorker(): Promise<void> {
    const page = await this.openExtensionPage();
    const session = await this.context.newCDPSession(page);
    const stopped = this.workerStatus(session, (status) => status === 'stopped');
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    await stopped;
    await page.close();
  }

  /**
   * Resolves when the service worker, just started, listens to no tabs and windows any more: one that is ended before that
   * is woken once by the next tab, because the browser remembers what it listened to.
   */
  async serviceWorkerWatchesNothing(): Promise<void> {
    const isWatching = async () =>
      this.context.serviceWorkers()[0]?.evaluate(() => chrome.tabs.onUpdated.hasListeners()) ?? false;
    await expect.poll(isWatching).toBe(false);
  }

  /** The panel as a page of its own, about the tab that shows this origin. */
  async openPanel(origin: string): Promise<Page> {
    return this.openPanelOf(await this.tabIdOf(origin));
  }

  async openPanelOf(tabId: number): Promise<Page> {
    const panel = await this.context.newPage();
    await panel.goto(`chrome-extension://${this.extensionId}/extension/panel/index.html?tab=${tabId}`);
    return panel;
  }

  /**
   * The embedded sites that have asked in the only tab that shows this origin; undefined where nothing is kept of the tab.
   * By the service worker, because a page of the extension would come before the tab.
   */
  embeddedIn(origin: string): Promise<string[] | undefined> {
    return this.context.serviceWorkers()[0]!.evaluate(async (url) => {
      const key = `tab:${(await chrome.tabs.query({ url }))[0]!.id!}`;
      const record = (await chrome.storage.session.get(key))[key] as { embedded: string[] } | undefined;
      return record?.embedded;
    }, `${origin}/*`);
  }

  /** Of the only tab that shows this origin. */
  tabIdOf(origin: string): Promise<number> {
    return this.inExtension(async (url) => (await chrome.tabs.query({ url }))[0]!.id!, `${origin}/*`);
  }

  /** What the toolbar button says over the tab that shows this origin. */
  async badgeOf(origin: string): Promise<{ text: string; title: string }> {
    const badge = await this.inExtension(async (url) => {
      const tabId = (await chrome.tabs.query({ url }))[0]!.id!;
      return { text: await chrome.action.getBadgeText({ tabId }), title: await chrome.action.getTitle({ tabId }) };
    }, `${origin}/*`);
    return badge;
  }

  /** How many offscreen documents exist: 0 or 1, if the product is right. */
  async hostCount(): Promise<number> {
    const session = await this.browserSession();
    const hosts = await this.hosts(session);
    await session.detach();
    return hosts.length;
  }

  /** Whether the service worker runs right now; `witness`: any page of the profile. */
  async isServiceWorkerRunning(witness: Page): Promise<boolean> {
    const session = await this.context.newCDPSession(witness);
    const status = this.workerStatus(session, () => true);
    await session.send('ServiceWorker.enable');
    const isRunning = (await status) !== 'stopped';
    await session.detach();
    return isRunning;
  }

  /**
   * The first status of the service worker that `isWanted`; the session has yet to enable the domain. The worker's target
   * is no witness: it outlives the worker, and whoever waited for an answer wakes the next at once.
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

  /** Evaluates an expression in the offscreen document; a promise is awaited, the value comes back as JSON. */
  async evaluateInHost<Value>(expression: string): Promise<Value> {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.askHost<{
      result: { value: Value };
      exceptionDetails?: { text: string };
    }>('Runtime.evaluate', params);
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value;
  }

  /** Bytes that the offscreen document's JavaScript holds after a collection, ArrayBuffers included. */
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
      return await askTarget<Result>(session, host.targetId, method, params);
    } finally {
      await session.detach();
    }
  }

  protected override async inExtension<Value>(
    script: (argument: string) => Promise<Value>,
    argument: string,
  ): Promise<Value> {
    const page = await this.openExtensionPage();
    // Playwright's type unwraps what is awaited, TypeScript cannot see that it stays the same.
    const value = (await page.evaluate(script as (argument: string) => unknown, argument)) as Value;
    await page.close();
    return value;
  }

  private async openExtensionPage(): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`chrome-extension://${this.extensionId}/manifest.json`);
    return page;
  }

  private async browserSession(): Promise<CDPSession> {
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

/** Playwright does not list offscreen documents, so the session is spoken to by hand. */
async function askTarget<Result>(
  session: CDPSession,
  targetId: string,
  method: string,
  params: object,
): Promise<Result> {
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  interface Answer {
    id?: number;
    result?: Result;
    error?: { message: string };
  }
  const answered = new Promise<Answer>((resolve) => {
    session.on('Target.receivedMessageFromTarget', (event) => {
      const message = JSON.parse(event.message) as Answer;
      if (event.sessionId === sessionId && message.id === 1) resolve(message);
    });
  });
  await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: 1, method, params }) });
  const { result, error } = await answered;
  if (!result) throw new Error(error?.message ?? 'no result');
  return result;
}
