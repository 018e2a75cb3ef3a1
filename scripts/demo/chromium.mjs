// Drives a Chromium profile, and its pages, for one person of the demo.
import { chromium } from 'playwright';
import { welcomeTab } from '../welcome-tab.mjs';
import { DEADLINE_MS, WINDOW } from './driver.mjs';

/** @typedef {import('./driver.mjs').DrivenPage} DrivenPage */
/** @typedef {import('./driver.mjs').Driver} Driver */

const PROMPT = '**/extension/prompt/index.html*';

/** @implements {Driver} */
export class ChromiumDriver {
  telling = /** @type {const} */ ('colour');
  cannot = {};

  /** @param {import('playwright').BrowserContext} context */
  constructor(context) {
    this.context = context;
    this.page = new ChromiumPage(/** @type {import('playwright').Page} */ (context.pages()[0]));
    this.closed = new Promise((resolve) => context.once('close', resolve));
  }

  /**
   * Opens a fresh profile, which is deleted when it is closed.
   * @param {import('./driver.mjs').Options & { film: string }} options
   *   `film`: a Y4M file, which the profile uses as its camera
   */
  static async open({ executablePath, headless, extension, left, film }) {
    const context = await chromium.launchPersistentContext('', {
      executablePath,
      headless,
      // The script handles Ctrl-C and closes both profiles and both servers.
      handleSIGINT: false,
      viewport: headless ? WINDOW : null,
      colorScheme: headless ? 'light' : null,
      args: [
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        // Lets the two profiles find each other on a machine without a network.
        '--allow-loopback-in-peer-connection',
        // A fake camera and microphone, for every machine. Not --use-fake-ui-for-media-stream, which also fakes shared screens.
        '--use-fake-device-for-media-stream',
        '--auto-accept-camera-and-microphone-capture',
        `--use-file-for-fake-video-capture=${film}`,
        '--auto-select-tab-capture-source-by-title=Peerport demo',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...(headless ? [] : [`--window-position=${left},40`, '--window-size=900,900']),
        ...(extension ? [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`] : []),
      ],
    });
    context.setDefaultTimeout(DEADLINE_MS);
    // The browser starts before its extensions. A page that opens in between has no content scripts.
    if (extension && context.serviceWorkers().length === 0) await context.waitForEvent('serviceworker');
    if (extension) await (await welcomeTab(context)).close();
    return new ChromiumDriver(context);
  }

  async prompt() {
    const prompt = await this.context.waitForEvent('page');
    await prompt.waitForURL(PROMPT);
    return new ChromiumPage(prompt);
  }

  /** @param {string} path */
  async extensionPage(path) {
    const [worker] = this.context.serviceWorkers();
    const page = await this.context.newPage();
    await page.goto(new URL(path, worker?.url()).href);
    return new ChromiumPage(page);
  }

  async close() {
    await this.context.close();
  }
}

/** @implements {DrivenPage} */
class ChromiumPage {
  /** @param {import('playwright').Page} native */
  constructor(native) {
    this.native = native;
  }

  get size() {
    return this.native.viewportSize();
  }

  /** @param {string} url */
  async goto(url) {
    await this.native.goto(url);
  }

  /** @param {string} button */
  async press(button) {
    await this.native.getByRole('button', { name: button, exact: true, disabled: false }).click();
  }

  /** @param {string} label */
  async toggle(label) {
    await this.native.getByRole('switch', { name: label, exact: true }).click();
  }

  /** @param {string} field @param {string} text */
  async fill(field, text) {
    await this.native.getByRole('textbox', { name: field, exact: true }).fill(text);
  }

  /** @param {string} selector @param {string} path */
  async chooseFile(selector, path) {
    await this.native.locator(selector).setInputFiles(path);
  }

  /** @type {DrivenPage['evaluate']} */
  async evaluate(script, argument) {
    return /** @type {any} */ (this.native).evaluate(script, argument);
  }

  /** @type {DrivenPage['until']} */
  async until(script, argument, timeout = DEADLINE_MS) {
    const handle = await /** @type {any} */ (this.native).waitForFunction(script, argument, { timeout });
    return handle.jsonValue();
  }

  /** @param {{ width: number, height: number }} size */
  async resize(size) {
    await this.native.setViewportSize(size);
  }

  /** @param {'light' | 'dark'} colorScheme */
  async showIn(colorScheme) {
    await this.native.emulateMedia({ colorScheme });
  }

  /** @type {DrivenPage['picture']} */
  async picture(path, fullPage) {
    // Finishes the page's transitions, so that no picture shows an intermediate state.
    await this.native.screenshot({ path, animations: 'disabled', fullPage });
  }

  async close() {
    await this.native.close();
  }
}
