// Chromium profiles with and without the built extension, and the doors into the extension that a page has not.
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type CDPSession, type Worker } from '@playwright/test';
import { findChromium, howToGetChromium } from '../../scripts/chromium.mjs';

const DIST = fileURLToPath(new URL('../../dist/chrome', import.meta.url));

const ARGUMENTS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Two profiles on one machine must find each other without multicast DNS, also where loopback is the only network.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--allow-loopback-in-peer-connection',
];

async function launch(extra: string[]): Promise<BrowserContext> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(howToGetChromium());
  return chromium.launchPersistentContext('', {
    executablePath,
    headless: true,
    args: [...ARGUMENTS, ...sandbox, ...extra],
  });
}

/** A fresh profile without the extension. */
export function launchPlainBrowser(): Promise<BrowserContext> {
  return launch([]);
}

/** A fresh profile with dist/chrome. */
export async function launchExtendedBrowser(): Promise<ExtendedBrowser> {
  await access(DIST).catch(() => {
    throw new Error(`${DIST} is missing: build the extension first (npm run build)`);
  });
  const context = await launch([`--disable-extensions-except=${DIST}`, `--load-extension=${DIST}`]);
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  return new ExtendedBrowser(context, new URL(worker.url()).host);
}

interface TargetInfo {
  targetId: string;
  type: string;
  url: string;
}

export class ExtendedBrowser {
  constructor(
    readonly context: BrowserContext,
    readonly extensionId: string,
  ) {}

  /** The running service worker; waits for one to start where it is stopped. */
  async serviceWorker(): Promise<Worker> {
    return this.context.serviceWorkers()[0] ?? (await this.context.waitForEvent('serviceworker'));
  }

  /** Stands in for a user who once chose "Always allow" for this origin. */
  async allow(origin: string): Promise<void> {
    const worker = await this.serviceWorker();
    await worker.evaluate(async (origin) => {
      const grant = { decision: 'allow', servers: [], decidedAt: Date.now() };
      await chrome.storage.local.set({ [`grant:${origin}`]: grant });
    }, origin);
  }

  /** Takes the origin back to "never asked". */
  async forget(origin: string): Promise<void> {
    const worker = await this.serviceWorker();
    await worker.evaluate((origin) => chrome.storage.local.remove(`grant:${origin}`), origin);
  }

  /** Ends the service worker as the browser does after 30 idle seconds; resolves when it is gone. */
  async killServiceWorker(): Promise<void> {
    const worker = this.context.serviceWorkers()[0];
    if (!worker) throw new Error('no service worker is running');
    const gone = new Promise<void>((resolve) => worker.once('close', () => resolve()));
    const session = await this.browserSession();
    const target = (await this.targets(session)).find((info) => info.url === worker.url());
    if (!target) throw new Error('the service worker has no target');
    await session.send('Target.closeTarget', { targetId: target.targetId });
    await gone;
    await session.detach();
  }

  /** How many offscreen documents exist: 0 or 1, if the product is right. */
  async hostCount(): Promise<number> {
    const session = await this.browserSession();
    const hosts = await this.hosts(session);
    await session.detach();
    return hosts.length;
  }

  /** Evaluates an expression in the offscreen document; a promise is awaited, the value comes back as JSON. */
  async evaluateInHost<Value>(expression: string): Promise<Value> {
    const session = await this.browserSession();
    try {
      const [host] = await this.hosts(session);
      if (!host) throw new Error('there is no offscreen document');
      return await evaluateInTarget<Value>(session, host.targetId, expression);
    } finally {
      await session.detach();
    }
  }

  /** Bytes of the offscreen document's JavaScript heap, after a collection. */
  async hostHeapBytes(): Promise<number> {
    return this.evaluateInHost<number>('(globalThis.gc?.(), performance.memory.usedJSHeapSize)');
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
async function evaluateInTarget<Value>(session: CDPSession, targetId: string, expression: string): Promise<Value> {
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  const answered = new Promise<{ result?: { result: { value: Value }; exceptionDetails?: { text: string } } }>(
    (resolve) => {
      session.on('Target.receivedMessageFromTarget', (event) => {
        const message = JSON.parse(event.message) as { id?: number };
        if (event.sessionId === sessionId && message.id === 1) resolve(message as never);
      });
    },
  );
  const params = { expression, awaitPromise: true, returnByValue: true };
  await session.send('Target.sendMessageToTarget', {
    sessionId,
    message: JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }),
  });
  const { result } = await answered;
  if (!result || result.exceptionDetails) throw new Error(result?.exceptionDetails?.text ?? 'no result');
  return result.result.value;
}
