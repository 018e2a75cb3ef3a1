// The browsers that are measured, by name, and what the benchmark needs of each.
import { ChromiumBrowser } from './chromium.mjs';
import { FirefoxBrowser } from './firefox.mjs';

/**
 * A browser of its own profile, with the extension or without.
 * @typedef {object} Browser
 * @property {string} version with its name
 * @property {() => Promise<Page>} newPage
 * @property {(origin: string) => Promise<void>} allow stands in for a user who once chose "Always allow" for this origin
 * @property {() => Promise<number[]>} processIds all processes of the browser, on Linux
 * @property {() => Promise<void>} close
 */

/**
 * What the pages of Playwright and of puppeteer have in common.
 * @typedef {object} Page
 * @property {(url: string) => Promise<unknown>} goto
 * @property {<A, R>(script: (argument: A) => R, argument: A) => Promise<Awaited<R>>} evaluate
 * @property {() => Promise<void>} bringToFront
 * @property {() => string} url
 * @property {() => Promise<void>} close
 */

/** @typedef {{ executablePath: string, extension?: string }} LaunchOptions `extension`: the folder of the built one */

const LAUNCHERS = {
  chromium: (/** @type {LaunchOptions} */ options) => ChromiumBrowser.launch(options),
  firefox: (/** @type {LaunchOptions} */ options) => FirefoxBrowser.launch(options),
};

/**
 * @param {import('../scripts/setup.mjs').BrowserName} name
 * @param {LaunchOptions} options
 * @returns {Promise<Browser>}
 */
export async function launch(name, options) {
  return LAUNCHERS[name](options);
}

/**
 * The same, for instruments that are used in no other browser.
 * @param {Browser} browser
 * @returns {ChromiumBrowser}
 */
export function chromiumOf(browser) {
  const chromium = asChromium(browser);
  if (!chromium) throw new Error(`${browser.version} has no instruments of Chromium`);
  return chromium;
}

/**
 * The browser itself, where it is a Chromium: its own instruments measure more than a page can.
 * @param {Browser} browser
 * @returns {ChromiumBrowser | undefined}
 */
export function asChromium(browser) {
  return browser instanceof ChromiumBrowser ? browser : undefined;
}
