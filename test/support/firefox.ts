// Starts Firefox with and without the built extension, and drives it through WebDriver BiDi.
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch, type Browser, type Page } from 'puppeteer-core';
import { findFirefox, howToGetFirefox } from '../../scripts/firefox.mjs';
import { extensionPage, HEADLESS_PREFERENCES, PREFERENCES, showExtensionPage } from '../../scripts/firefox-profile.mjs';
import type { DrivenPage, PageOpener } from './driven-page';
import { drivenPage } from './firefox-page';
import { UserChoices } from './user-choices';

/** The built extension. */
export const DIST = fileURLToPath(new URL('../../dist/firefox', import.meta.url));

/** The most that a browser just started on a busy machine takes to show a page. */
const SHOWN_WITHIN_MS = 200_000;

const PROMPT = '/extension/prompt/index.html';

type Preferences = Record<string, string | number | boolean>;

/** Starts Firefox with a fresh profile, which is deleted when the browser is closed. */
async function launchFirefox(preferences: Preferences = {}): Promise<Browser> {
  const executablePath = findFirefox();
  if (executablePath === undefined) throw new Error(howToGetFirefox());
  return launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    defaultViewport: null,
    // The test's own time limit ends a hang.
    timeout: 0,
    // Without this, the driver has no access to pages of extensions.
    args: ['--remote-allow-system-access'],
    extraPrefsFirefox: { ...PREFERENCES, ...HEADLESS_PREFERENCES, ...preferences },
  });
}

/** Firefox without the extension. */
export class PlainFirefox implements PageOpener {
  private constructor(readonly browser: Browser) {}

  static async launch(): Promise<PlainFirefox> {
    return new PlainFirefox(await launchFirefox());
  }

  /** Opens a page in a new window, because a background tab draws no frames. */
  async newPage(): Promise<DrivenPage> {
    return drivenPage(await this.browser.newPage({ type: 'window' }));
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

/** Firefox with the extension from dist/firefox, in a fresh profile. */
export class ExtendedFirefox extends UserChoices implements PageOpener {
  /** Stays open, because each page opens a window, which takes more than a second of processor time. */
  #lastingPage: Promise<Page> | undefined;

  private constructor(readonly browser: Browser) {
    super();
  }

  static async launch(preferences: Preferences = {}): Promise<ExtendedFirefox> {
    const extended = await ExtendedFirefox.launchWelcoming(preferences);
    await (await extended.welcomePage()).close();
    return extended;
  }

  /** The same, and leaves the welcome tab open. */
  static async launchWelcoming(preferences: Preferences = {}): Promise<ExtendedFirefox> {
    const extended = await ExtendedFirefox.start(preferences);
    await extended.browser.installExtension(DIST);
    return extended;
  }

  /** Starts the browser without installing the extension yet. */
  private static async start(preferences: Preferences): Promise<ExtendedFirefox> {
    await access(DIST).catch(() => {
      throw new Error(`${DIST} is missing: build the extension first (npm run build)`);
    });
    return new ExtendedFirefox(await launchFirefox(preferences));
  }

  /** Starts with "Run in Private Windows" chosen. There is no welcome tab, because this choice restarts the extension. */
  static async launchForPrivateWindows(): Promise<ExtendedFirefox> {
    const extended = await ExtendedFirefox.start({});
    await installForPrivateWindows(extended.browser);
    return extended;
  }

  /** Opens a page in a new window, because a background tab draws no frames. `container`: one made by the driver. */
  async newPage(container = this.browser.defaultBrowserContext()): Promise<DrivenPage> {
    return drivenPage(await container.newPage({ type: 'window' }));
  }

  /** Opens this address in a private window. */
  async openPrivateWindow(url: string): Promise<DrivenPage> {
    const others = new Set(this.browser.targets());
    await this.inExtension(async (url) => {
      await chrome.windows.create({ incognito: true, url });
    }, url);
    const target = await this.browser.waitForTarget((target) => !others.has(target) && target.url() === url);
    return drivenPage((await target.page())!);
  }

  /** Resolves with the origin that the extension's pages have in this profile. */
  extensionOrigin(): Promise<string> {
    return this.inExtension(async () => location.origin, '');
  }

  /** Opens a window with one tab in front and one in the background; resolves with the background tab. */
  async openBehind(behind: string, inFront: string): Promise<Page> {
    const others = new Set(this.browser.targets());
    await this.inExtension(
      async (urls) => {
        await chrome.windows.create({ url: JSON.parse(urls) as string[] });
      },
      JSON.stringify([inFront, behind]),
    );
    const target = await this.browser.waitForTarget((target) => !others.has(target) && target.url() === behind);
    return (await target.page())!;
  }

  /**
   * Resolves with the embedded sites that have asked in the only tab that shows this origin, once there are `embedded` of them and
   * a record of the tab. Waits in one page of the extension, because each page opens a window.
   */
  untilAsked(origin: string, embedded: number): Promise<string[]> {
    return this.inExtension(async (sought) => {
      const { origin, embedded } = JSON.parse(sought) as { origin: string; embedded: number };
      for (;;) {
        const changed = new Promise((resolve) => chrome.storage.session.onChanged.addListener(resolve));
        const tab = (await chrome.tabs.query({})).find(({ url }) => url?.startsWith(`${origin}/`));
        const key = `tab:${tab?.id ?? ''}`;
        const record = (await chrome.storage.session.get(key))[key] as { embedded: string[] } | undefined;
        if (record && record.embedded.length >= embedded) return record.embedded;
        await changed;
      }
    }, JSON.stringify({ origin, embedded }));
  }

  /** Resolves with the welcome tab of the fresh profile. */
  welcomePage(): Promise<Page> {
    return this.pageOf('/extension/welcome/index.html');
  }

  /** Opens the extension's page at this path. */
  async openUserPage(path: string): Promise<Page> {
    const page = await this.browser.newPage({ type: 'window' });
    await showExtensionPage(page, path, AbortSignal.timeout(SHOWN_WITHIN_MS));
    return page;
  }

  /** Opens the panel in a window, about the tab that shows this origin. */
  async openPanel(origin: string): Promise<Page> {
    // `tabs.query` does not accept a port in Firefox.
    const tabId = await this.inExtension(
      async (origin) => (await chrome.tabs.query({})).find(({ url }) => url?.startsWith(`${origin}/`))!.id,
      origin,
    );
    return this.openUserPage(`/extension/panel/index.html?tab=${tabId ?? ''}`);
  }

  /** How many prompt windows are open. */
  promptCount(): Promise<number> {
    // Asks the extension: the driver sees its windows without an address, and does not learn when the extension closes one.
    return this.inExtension(
      async (path) => (await chrome.tabs.query({})).filter(({ url }) => url?.includes(path)).length,
      PROMPT,
    );
  }

  /** Waits for a prompt and brings it to the front: its buttons work only while its window has the focus. */
  async nextPrompt(): Promise<Page> {
    const prompt = await this.pageOf(PROMPT);
    await prompt.bringToFront();
    return prompt;
  }

  /** The closed windows that the browser offers to reopen and saves in the profile, as JSON. */
  async closedWindows(): Promise<string> {
    const { value } = await this.inBrowser<{ value: string }>(`JSON.stringify(
      ChromeUtils.importESModule('resource:///modules/sessionstore/SessionStore.sys.mjs').SessionStore.getClosedWindowData()
    )`);
    return value;
  }

  /** Clears the site's data as the button “Clear cookies and site data” in Firefox's page information does. */
  async clearSiteData(host: string): Promise<void> {
    await this.inBrowser(`new Promise((resolve) =>
      Services.clearData.deleteDataFromSite(${JSON.stringify(host)}, {}, true,
        Ci.nsIClearDataService.CLEAR_COOKIES_AND_SITE_DATA, { onDataDeleted: resolve }))`);
  }

  /** Asks every process to collect garbage, as the browser itself does about every half minute. Does not wait for the end. */
  async collectGarbage(): Promise<void> {
    await this.inBrowser(`for (const request of ['child-gc-request', 'child-cc-request'])
      Services.obs.notifyObservers(null, request)`);
  }

  /** Stands in for a user who withdraws the extension's access to all pages in the browser's add-on settings. */
  async withholdSiteAccess(): Promise<void> {
    await this.inExtension(
      async (origins) => {
        await chrome.permissions.remove({ origins: JSON.parse(origins) as string[] });
      },
      JSON.stringify(['http://*/*', 'https://*/*']),
    );
  }

  /** Waits for the extension's page with this path. */
  pageOf(path: string): Promise<Page> {
    return extensionPage(this.browser, path, AbortSignal.timeout(SHOWN_WITHIN_MS));
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  /** Evaluates an expression with the browser's own privileges. Awaits a promise. */
  private async inBrowser<Result>(expression: string): Promise<Result> {
    const { contexts } = await command<{ contexts: { context: string }[] }>(this.browser, 'browsingContext.getTree', {
      'moz:scope': 'chrome',
    });
    const { result } = await command<{ result: Result }>(this.browser, 'script.evaluate', {
      expression,
      target: { context: contexts[0]!.context },
      awaitPromise: true,
    });
    return result;
  }

  protected override async inExtension<Value>(
    script: (argument: string) => Promise<Value>,
    argument: string,
  ): Promise<Value> {
    const page = await (this.#lastingPage ??= this.openUserPage('/manifest.json'));
    return page.evaluate(script, argument);
  }

  protected override async inNewPage<Value>(
    script: (argument: string) => Promise<Value>,
    argument: string,
  ): Promise<Value> {
    const page = await this.openUserPage('/manifest.json');
    const value = await page.evaluate(script, argument);
    await page.close();
    return value;
  }
}

async function installForPrivateWindows(browser: Browser): Promise<void> {
  const extensionData = { type: 'path', path: DIST };
  await command(browser, 'webExtension.install', { extensionData, 'moz:allowPrivateBrowsing': true });
}

/** Sends a protocol command with Firefox's own parameters, which puppeteer does not support. */
async function command<Result>(browser: Browser, method: string, parameters: object): Promise<Result> {
  const { connection } = browser as unknown as {
    connection: { send(method: string, parameters: object): Promise<{ result: Result }> };
  };
  return (await connection.send(method, parameters)).result;
}
