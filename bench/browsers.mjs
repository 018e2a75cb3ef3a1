// Launches the measured browsers by name, and defines what the benchmark needs of each.
import { ChromiumBrowser } from './chromium.mjs';
import { FirefoxBrowser } from './firefox.mjs';

/**
 * A browser with a fresh profile, with or without the extension.
 * @typedef {object} Browser
 * @property {string} version name and version
 * @property {() => Promise<Page>} newPage
 * @property {(origin: string) => Promise<void>} allow stands in for a user who once chose "Always allow" for this origin
 * @property {() => Promise<number[]>} processIds all processes of the browser; Linux only
 * @property {() => Promise<void>} close
 */

/**
 * The page interface that Playwright and puppeteer share.
 * @typedef {object} Page
 * @property {(url: string) => Promise<unknown>} goto
 * @property {<A, R>(script: (argument: A) => R, argument: A) => Promise<Awaited<R>>} evaluate
 * @property {() => Promise<void>} bringToFront
 * @property {() => string} url
 * @property {() => Promise<void>} close
 */

/** @typedef {{ executablePath: string, extension?: string }} LaunchOptions `extension`: the folder of the built extension */

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
 * The browser as Chromium, for instruments that only Chromium has. Throws if it is another browser.
 * @param {Browser} browser
 * @returns {ChromiumBrowser}
 */
export function chromiumOf(browser) {
  const chromium = asChromium(browser);
  if (!chromium) throw new Error(`${browser.version} has no instruments of Chromium`);
  return chromium;
}

/**
 * The browser as Chromium, whose own instruments measure more than a page can; undefined if it is another browser.
 * @param {Browser} browser
 * @returns {ChromiumBrowser | undefined}
 */
export function asChromium(browser) {
  return browser instanceof ChromiumBrowser ? browser : undefined;
}
