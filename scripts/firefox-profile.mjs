// Drives a fresh Firefox profile, with or without the extension, through WebDriver BiDi, for the demo and the benchmark. Not
// Playwright, which drives only its own build of Firefox.
import { setTimeout } from 'node:timers/promises';
import { launch } from 'puppeteer-core';

/** The extension's ID in the manifest. Firefox assigns it an origin in each profile. */
const EXTENSION_ID = 'peerport@peerport';
/** The extension's origin, preset so that the extension's pages have known addresses. */
const EXTENSION_ORIGIN = 'moz-extension://7d1f6a0e-5f0c-4c39-9d2e-0b6a4b8c1e55';

const WELCOME = '/extension/welcome/index.html';
/** A file of the extension that runs no script, so that evaluated code is undisturbed. */
const QUIET_PAGE = '/manifest.json';

/** Longer than any single operation of a page takes. */
const ANSWER_DEADLINE_MS = 600_000;
const LOOKING_INTERVAL_MS = 20;

/** Preferences that the tests' profiles share. */
export const PREFERENCES = {
  // Two profiles on one machine must find each other without multicast DNS, even if loopback is the only network.
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.loopback': true,
  'extensions.webextensions.uuids': JSON.stringify({ [EXTENSION_ID]: new URL(EXTENSION_ORIGIN).host }),
  // Otherwise Firefox's viewer would replace the quiet page.
  'devtools.jsonview.enabled': false,
};

/** Preferences for unattended profiles, which the tests' profiles share. */
export const HEADLESS_PREFERENCES = {
  // A page may play sounds without a click.
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  // Without a sound card an AudioContext would never start. The dummy output plays at the right pace.
  'media.cubeb.force_mock_context': true,
};

/** @typedef {import('puppeteer-core').Page} Page */
/** @typedef {Record<string, string | number | boolean>} Preferences */

export class FirefoxProfile {
  /** @param {import('puppeteer-core').Browser} browser */
  constructor(browser) {
    this.browser = browser;
  }

  /**
   * Starts a fresh profile, which is deleted when it is closed. Closes the extension's welcome tab.
   * @param {{
   *   executablePath: string,
   *   headless: boolean,
   *   extension?: string,
   *   preferences?: Preferences,
   *   args?: string[],
   * }} options `extension`: the folder of the built one
   */
  static async launch({ executablePath, headless, extension, preferences = {}, args = [] }) {
    const browser = await launch({
      browser: 'firefox',
      executablePath,
      headless,
      defaultViewport: null,
      // The script handles Ctrl-C and closes everything.
      handleSIGINT: false,
      protocolTimeout: ANSWER_DEADLINE_MS,
      // Without system access the driver cannot control an extension's pages.
      args: ['--remote-allow-system-access', ...args],
      extraPrefsFirefox: { ...PREFERENCES, ...(headless && HEADLESS_PREFERENCES), ...preferences },
    });
    const profile = new FirefoxProfile(browser);
    if (extension) {
      const welcomed = extensionPage(browser, WELCOME);
      await browser.installExtension(extension);
      await (await welcomed).close();
    }
    return profile;
  }

  /** Opens a page in its own window, because a background tab draws no frames. */
  async newPage() {
    return this.browser.newPage({ type: 'window' });
  }

  /** Opens a page of the extension. @param {string} path */
  async extensionPage(path) {
    const page = await this.newPage();
    await showExtensionPage(page, path);
    return page;
  }

  /**
   * Evaluates a script in a page of the extension, which has the same permissions as its background.
   * @param {(argument: string) => Promise<void>} script
   * @param {string} argument
   */
  async inExtension(script, argument) {
    const page = await this.extensionPage(QUIET_PAGE);
    await page.evaluate(script, argument);
    await page.close();
  }

  async close() {
    await this.browser.close();
  }
}

/**
 * Finds the extension's page with this path, or waits for it.
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} path
 * @param {AbortSignal} [deadline] for the look at each page
 * @returns {Promise<Page>}
 */
export async function extensionPage(browser, path, deadline) {
  // The driver takes such a page for about:blank for ever, so ask every page for its address.
  const found = new AbortController();
  /** @type {(target: import('puppeteer-core').Target) => void} */
  let ask = () => undefined;
  const page = await new Promise((resolve) => {
    ask = (target) => {
      const shown = target.page().then(async (page) => {
        if (!page) return;
        await untilShown(page, path, deadline ? AbortSignal.any([found.signal, deadline]) : found.signal);
        resolve(page);
      });
      // Ignore pages that have closed, and other pages once the right one has been found.
      shown.catch(() => undefined);
    };
    browser.on('targetcreated', ask);
    browser.targets().forEach(ask);
  });
  browser.off('targetcreated', ask);
  found.abort();
  return page;
}

/**
 * Navigates to a page of the extension. The driver never learns that such a page has loaded, so this asks the page itself.
 * @param {Page} page
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
export async function showExtensionPage(page, path, signal) {
  page.goto(EXTENSION_ORIGIN + path).catch(() => undefined);
  await untilShown(page, path, signal);
}

/**
 * Waits for the page. Throws if the page is closed or `signal` aborts: the caller sets the time limit.
 * @param {Page} page
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function untilShown(page, path, signal) {
  const isShown = (/** @type {string} */ url) => location.href.startsWith(url) && document.readyState === 'complete';
  // Between two documents there may be a moment without a root element. Firefox's driver then fails at any script, and
  // puppeteer's own waiting functions do not handle that.
  while (!(await page.evaluate(isShown, EXTENSION_ORIGIN + path).catch(() => false))) {
    signal?.throwIfAborted();
    if (page.isClosed()) throw new Error(`The page was closed before it showed ${path}`);
    await setTimeout(LOOKING_INTERVAL_MS);
  }
}
