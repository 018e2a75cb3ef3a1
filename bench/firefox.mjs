// Firefox with a fresh profile, with or without the extension.
/* global chrome -- inside inExtension() */
import { readdirSync, readFileSync } from 'node:fs';
import { FirefoxProfile } from '../scripts/firefox-profile.mjs';

/** @typedef {import('./browsers.mjs').Browser} Browser */

const PREFERENCES = {
  // For privacy, Firefox rounds times to whole milliseconds. A round trip takes little more than one.
  'privacy.reduceTimerPrecision': false,
  // Several browsers run, most of them idle. None may be slowed down for being in the background.
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
};

/** @implements {Browser} */
export class FirefoxBrowser {
  #profile;

  /**
   * @param {FirefoxProfile} profile
   * @param {string} version
   */
  constructor(profile, version) {
    this.#profile = profile;
    this.version = version;
  }

  /** @param {import('./browsers.mjs').LaunchOptions} options */
  static async launch({ executablePath, extension }) {
    const preferences = PREFERENCES;
    const headless = true;
    const profile = await FirefoxProfile.launch({
      executablePath,
      headless,
      preferences,
      ...(extension && { extension }),
    });
    const version = (await profile.browser.version()).replace(/^firefox\//, 'Firefox ');
    return new FirefoxBrowser(profile, version);
  }

  async newPage() {
    return /** @type {import('./browsers.mjs').Page} */ (/** @type {unknown} */ (await this.#profile.newPage()));
  }

  /** @param {string} origin */
  async allow(origin) {
    await this.#profile.inExtension(async (origin) => {
      const grant = { decision: 'allow', servers: [], decidedAt: Date.now() };
      await chrome.storage.local.set({ [`grant:${origin}`]: grant });
    }, origin);
  }

  async processIds() {
    const root = this.#profile.browser.process()?.pid;
    return root === undefined ? [] : withDescendants(root);
  }

  async close() {
    await this.#profile.close();
  }
}

/** @param {number} root @returns {number[]} process IDs; processes that end meanwhile may be missing */
function withDescendants(root) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const family = [root];
  for (const id of family) family.push(...(children.get(id) ?? []));
  return family;
}

/** @param {string} processId @returns {number | undefined} undefined if it has ended */
function parentOf(processId) {
  try {
    // Field 4 of proc(5). The name before it may contain any characters, even brackets.
    return Number(
      readFileSync(`/proc/${processId}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[1],
    );
  } catch {
    return undefined;
  }
}
