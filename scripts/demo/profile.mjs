// One person of the demo: a Chromium profile of their own, with the extension or without, and the demo page in it.
// Does what a person does: reads the page, types, clicks.
import { join } from 'node:path';
import { chromium } from 'playwright';
import { ROOT } from '../npm.mjs';

const EXTENSION = join(ROOT, 'dist', 'chrome');
const PROMPT = '**/extension/prompt/index.html*';
/** Longest wait for any one thing; a 64 MiB file takes seconds even on a slow machine. */
const DEADLINE_MS = 60_000;
const WINDOW = { width: 1180, height: 860 };

export class Profile {
  /**
   * @param {string} name
   * @param {import('playwright').BrowserContext} context
   */
  constructor(name, context) {
    this.name = name;
    this.context = context;
    this.page = /** @type {import('playwright').Page} */ (context.pages()[0]);
  }

  /**
   * Opens a fresh profile, which is deleted again when it is closed.
   * @param {{ name: string, executablePath: string, headless: boolean, withExtension: boolean, left: number }} options
   */
  static async open({ name, executablePath, headless, withExtension, left }) {
    const context = await chromium.launchPersistentContext('', {
      executablePath,
      headless,
      // Ctrl-C is ours: it closes both profiles and both servers.
      handleSIGINT: false,
      viewport: headless ? WINDOW : null,
      colorScheme: headless ? 'light' : null,
      args: [
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        // So that the two find each other also on a machine without any network.
        '--allow-loopback-in-peer-connection',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...(headless ? [] : [`--window-position=${left},40`, '--window-size=900,900']),
        ...(withExtension ? [`--disable-extensions-except=${EXTENSION}`, `--load-extension=${EXTENSION}`] : []),
      ],
    });
    context.setDefaultTimeout(DEADLINE_MS);
    // The browser is up before its extensions are; a page that is opened in between has no content scripts.
    if (withExtension && context.serviceWorkers().length === 0) await context.waitForEvent('serviceworker');
    return new Profile(name, context);
  }

  /** @param {string} url */
  async visit(url) {
    await this.page.goto(url);
  }

  /** The consent prompt that a visit brings up. @returns {Promise<import('playwright').Page>} */
  async prompt() {
    const prompt = await this.context.waitForEvent('page');
    await prompt.waitForURL(PROMPT);
    // For a moment it takes no answer, so that nobody gives one by a click that was meant for something else.
    await prompt.getByRole('button', { name: 'Always allow', disabled: false }).waitFor();
    return prompt;
  }

  /**
   * Resolves when the page is in this state.
   * @param {'ready' | 'connected'} state
   * @param {number} [timeout] milliseconds; 0 for as long as a person takes
   */
  async reaches(state, timeout = DEADLINE_MS) {
    await this.page.locator(`body[data-link="${state}"]`).waitFor({ timeout });
  }

  /** @returns {Promise<string>} */
  async id() {
    return this.page.locator('#own-id').innerText();
  }

  /** @param {string} id */
  async connectTo(id) {
    await this.page.getByRole('textbox', { name: 'ID of the other side' }).fill(id);
    await this.page.getByRole('button', { name: 'Connect', exact: true }).click();
  }

  /** Sends a chat message; resolves with the page's own note on its delivery. @param {string} text */
  async say(text) {
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
    const message = this.page.locator('.message.mine').filter({ hasText: text });
    return message.locator('.delivery', { hasText: 'delivered' }).innerText();
  }

  /** Resolves when the other side's message is on the page. @param {string} text */
  async hears(text) {
    await this.page.locator('.message.theirs').filter({ hasText: text }).waitFor();
  }

  /** @param {string} path */
  async sendFile(path) {
    await this.page.locator('#file').setInputFiles(path);
  }

  /** Resolves when the first file's progress bar is past this share. @param {number} share */
  async isPast(share) {
    await this.page.waitForFunction((share) => {
      const bar = document.querySelector('.transfer progress');
      return bar instanceof HTMLProgressElement && bar.value >= share;
    }, share);
  }

  /** Resolves with the two hashes on the page when it has called the first file verified; rejects if it has not. */
  async verdict() {
    const settled = this.page.locator('.transfer').filter({ has: this.page.locator('.hash-received dd:not(:empty)') });
    const [badge, sent, received] = await Promise.all(
      ['.badge', '.hash-sent dd', '.hash-received dd'].map((part) => settled.locator(part).textContent()),
    );
    return { badge, sent, received };
  }

  /** How long the page itself measured something to take, in milliseconds. @param {string} name */
  async measured(name) {
    return this.page.evaluate((name) => performance.getEntriesByName(name, 'measure').at(-1)?.duration ?? NaN, name);
  }

  async close() {
    await this.context.close();
  }
}
