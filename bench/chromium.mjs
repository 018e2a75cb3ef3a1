// A Chromium of its own profile, with the extension or without, and the doors into it that a page has not.
/* global chrome -- inside evaluate() */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { welcomeTab } from '../scripts/welcome-tab.mjs';
import { CdpTarget } from './cdp-target.mjs';

/** @typedef {import('./browsers.mjs').Browser} Browser */

const ARGUMENTS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Several browsers run, most of them idle; none may be slowed down for not being in front.
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  // So that two profiles find each other also on a machine without any network.
  '--allow-loopback-in-peer-connection',
  // Nobody is there to click before a page may make sounds.
  '--autoplay-policy=no-user-gesture-required',
];

/** @implements {Browser} */
export class ChromiumBrowser {
  /**
   * @param {import('playwright').BrowserContext} context
   * @param {import('playwright').CDPSession} cdp
   */
  constructor(context, cdp) {
    this.context = context;
    this.cdp = cdp;
  }

  /**
   * @param {{ executablePath: string, extension?: string }} options `extension`: the folder of the built one
   */
  static async launch({ executablePath, extension }) {
    const context = await chromium.launchPersistentContext('', {
      executablePath,
      headless: true,
      // Ctrl-C is the benchmark's: it closes everything.
      handleSIGINT: false,
      args: [
        ...ARGUMENTS,
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...(extension ? [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`] : []),
      ],
    });
    // The browser is up before its extensions are; a page that is opened in between has no content scripts.
    if (extension && context.serviceWorkers().length === 0) await context.waitForEvent('serviceworker');
    // Not there in builds from before it.
    if (extension && existsSync(join(extension, 'extension', 'welcome'))) await (await welcomeTab(context)).close();
    const cdp = await /** @type {import('playwright').Browser} */ (context.browser()).newBrowserCDPSession();
    return new ChromiumBrowser(context, cdp);
  }

  /** Stands in for a user who once chose "Always allow" for this origin. @param {string} origin */
  async allow(origin) {
    const [worker] = this.context.serviceWorkers();
    await worker.evaluate(
      /** @param {string} origin */ async (origin) => {
        const grant = { decision: 'allow', servers: [], decidedAt: Date.now() };
        await chrome.storage.local.set({ [`grant:${origin}`]: grant });
      },
      origin,
    );
  }

  get version() {
    return `Chromium ${this.context.browser()?.version() ?? ''}`;
  }

  async newPage() {
    return this.context.newPage();
  }

  /** A session with the page's own instruments. @param {import('./browsers.mjs').Page} page one of this browser's */
  async sessionOf(page) {
    return this.context.newCDPSession(/** @type {import('playwright').Page} */ (/** @type {unknown} */ (page)));
  }

  async processIds() {
    const { processInfo } = await this.cdp.send('SystemInfo.getProcessInfo');
    return processInfo.map(({ id }) => id);
  }

  /** The extension's offscreen document; undefined in a browser without one. @returns {Promise<CdpTarget | undefined>} */
  async attachToHost() {
    const { targetInfos } = await this.cdp.send('Target.getTargets', { filter: [{}] });
    const host = targetInfos.find(({ type, url }) => type === 'background_page' && url.includes('/offscreen/'));
    return host && CdpTarget.attach(this.cdp, host.targetId);
  }

  /** The processes that run pages, and the one that runs the extension with its host. */
  async rendererProcesses() {
    const { processInfo } = await this.cdp.send('SystemInfo.getProcessInfo');
    const ids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    const isExtension = (/** @type {number} */ id) =>
      readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('--extension-process');
    return { pages: ids.filter((id) => !isExtension(id)), host: ids.find(isExtension) };
  }

  async close() {
    await this.context.close();
  }
}
