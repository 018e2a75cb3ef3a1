// Chromium with a fresh profile, with or without the extension, and with access that pages do not have.
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
  // Several browsers run, most of them idle. None may be slowed down for being in the background.
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  // Two profiles must connect even on a machine without a network.
  '--allow-loopback-in-peer-connection',
  // Pages must be able to play sound without a click.
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
   * @param {{ executablePath: string, extension?: string }} options `extension`: the folder of the built extension
   */
  static async launch({ executablePath, extension }) {
    const context = await chromium.launchPersistentContext('', {
      executablePath,
      headless: true,
      // The benchmark handles Ctrl-C itself and closes everything.
      handleSIGINT: false,
      args: [
        ...ARGUMENTS,
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...(extension ? [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`] : []),
      ],
    });
    // The browser is ready before its extensions, and a page opened in between would have no content scripts.
    if (extension && context.serviceWorkers().length === 0) await context.waitForEvent('serviceworker');
    // Older builds have no welcome page.
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

  /** Opens a DevTools session for the page. @param {import('./browsers.mjs').Page} page one of this browser's */
  async sessionOf(page) {
    return this.context.newCDPSession(/** @type {import('playwright').Page} */ (/** @type {unknown} */ (page)));
  }

  async processIds() {
    const { processInfo } = await this.cdp.send('SystemInfo.getProcessInfo');
    return processInfo.map(({ id }) => id);
  }

  /** Attaches to the extension's offscreen document; undefined if there is none. @returns {Promise<CdpTarget | undefined>} */
  async attachToHost() {
    const { targetInfos } = await this.cdp.send('Target.getTargets', { filter: [{}] });
    const host = targetInfos.find(({ type, url }) => type === 'background_page' && url.includes('/offscreen/'));
    return host && CdpTarget.attach(this.cdp, host.targetId);
  }

  /** The IDs of the processes for pages, and of the extension's process, which runs the host. */
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
