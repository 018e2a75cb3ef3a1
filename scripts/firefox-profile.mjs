// A Firefox profile of its own, with the extension or without, driven by WebDriver BiDi, for what is shown and measured.
// Playwright drives only a Firefox of its own build.
import { setTimeout } from 'node:timers/promises';
import { launch } from 'puppeteer-core';

/** The manifest's ID of the extension, under which Firefox keeps an origin for it in each profile. */
const EXTENSION_ID = 'peerport@peerport';
/** Ours to choose, so that the extension's pages can be found. */
const EXTENSION_ORIGIN = 'moz-extension://7d1f6a0e-5f0c-4c39-9d2e-0b6a4b8c1e55';

const WELCOME = '/extension/welcome/index.html';
/** A file, so no script of the extension runs beside what is evaluated there. */
const QUIET_PAGE = '/manifest.json';

/** Longer than any one thing that a page is asked for. */
const ANSWER_DEADLINE_MS = 600_000;
const LOOKING_INTERVAL_MS = 20;

/** Also of the tests' profiles. */
export const PREFERENCES = {
  // Two profiles on one machine must find each other without multicast DNS, also where loopback is the only network.
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.loopback': true,
  'extensions.webextensions.uuids': JSON.stringify({ [EXTENSION_ID]: new URL(EXTENSION_ORIGIN).host }),
  // A viewer would take the place of the quiet page.
  'devtools.jsonview.enabled': false,
};

/** Where nobody sits in front of it; of the tests' profiles, too. */
export const HEADLESS_PREFERENCES = {
  // Nobody is there to click before a page may make sounds.
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  // Without a sound card an AudioContext would never start; this one plays to nobody, at the right pace.
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
   * Starts a fresh profile, which is deleted again when it is closed. The extension's tab of welcome has been closed.
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
      // Ctrl-C is the script's: it closes everything.
      handleSIGINT: false,
      protocolTimeout: ANSWER_DEADLINE_MS,
      // Without system access no page of an extension can be driven.
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

  /** In a window of its own, because a tab behind another draws no frames. */
  async newPage() {
    return this.browser.newPage({ type: 'window' });
  }

  /** Opens a page of the extension, which no link leads to. @param {string} path */
  async extensionPage(path) {
    const page = await this.newPage();
    await showExtensionPage(page, path);
    return page;
  }

  /**
   * Evaluates in a page of the extension, which may do what its background may.
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
 * The page of the extension with this path that is there, or that comes.
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} path
 * @param {AbortSignal} [deadline] of each page that is asked
 * @returns {Promise<Page>}
 */
export async function extensionPage(browser, path, deadline) {
  // To the driver such a page is about:blank for ever, so every page is asked for its address.
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
      // A page that is closed, or is not the one when that has been found, answers no more.
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
 * Has the page show a page of the extension. The driver never hears that such a page has loaded, so the page itself is asked.
 * @param {Page} page
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
export async function showExtensionPage(page, path, signal) {
  page.goto(EXTENSION_ORIGIN + path).catch(() => undefined);
  await untilShown(page, path, signal);
}

/**
 * Throws where the page is closed, or `signal` has ended the waiting; the caller decides when that is too long.
 * @param {Page} page
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function untilShown(page, path, signal) {
  const isShown = (/** @type {string} */ url) => location.href.startsWith(url) && document.readyState === 'complete';
  // Between two documents there may be none with an element in it, and there Firefox's driver fails at any script, which
  // puppeteer's own waiting does not survive.
  while (!(await page.evaluate(isShown, EXTENSION_ORIGIN + path).catch(() => false))) {
    signal?.throwIfAborted();
    if (page.isClosed()) throw new Error(`closed before it showed ${path}`);
    await setTimeout(LOOKING_INTERVAL_MS);
  }
}
