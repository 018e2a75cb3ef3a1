// Drives a Firefox profile, and its pages, for one person of the demo.
import { extensionPage, FirefoxProfile } from '../firefox-profile.mjs';
import { DEADLINE_MS, WINDOW } from './driver.mjs';

/** @typedef {import('./driver.mjs').DrivenPage} DrivenPage */
/** @typedef {import('./driver.mjs').Driver} Driver */

const PROMPT = '/extension/prompt/index.html';
const LOOKING_INTERVAL_MS = 20;
/** The values of the preference for the pages' color scheme. */
const LIGHT = 1;
/** @implements {Driver} */
export class FirefoxDriver {
  telling = /** @type {const} */ ('pitch');
  cannot = {
    shareScreen: 'Firefox has no screen to share without a display, and with one a person has to choose it',
    showIn: 'the driver of Firefox cannot change the colour scheme',
  };

  /**
   * @param {FirefoxProfile} profile
   * @param {FirefoxPage} page
   * @param {number} pitch
   */
  constructor(profile, page, pitch) {
    this.profile = profile;
    this.page = page;
    this.pitch = pitch;
    this.closed = new Promise((resolve) => profile.browser.once('disconnected', resolve));
  }

  /**
   * Opens a fresh profile, which is deleted when it is closed.
   * @param {import('./driver.mjs').Options & { pitch: number }} options `pitch`: the pitch of its fake microphone, in hertz
   */
  static async open({ executablePath, headless, extension, pitch }) {
    const profile = await FirefoxProfile.launch({
      executablePath,
      headless,
      ...(extension && { extension }),
      args: headless ? [] : ['--width', '900', '--height', '900'],
      preferences: {
        // A fake camera and microphone, for every machine. All cameras show the same colors, but microphones differ in pitch.
        'media.navigator.streams.fake': true,
        'media.navigator.audio.fake_frequency': pitch,
        'media.navigator.permission.disabled': true,
        ...(headless && { 'layout.css.prefers-color-scheme.content-override': LIGHT }),
      },
    });
    const [native] = await profile.browser.pages();
    // The welcome tab had covered the page, and a covered tab draws no frames.
    await native.bringToFront();
    const page = new FirefoxPage(native);
    if (headless) await page.resize(WINDOW);
    return new FirefoxDriver(profile, page, pitch);
  }

  async prompt() {
    const native = await extensionPage(this.profile.browser, PROMPT);
    await native.bringToFront();
    return new FirefoxPage(native);
  }

  /** @param {string} path */
  async extensionPage(path) {
    return new FirefoxPage(await this.profile.extensionPage(path));
  }

  async close() {
    await this.profile.close();
  }
}

/** @implements {DrivenPage} */
class FirefoxPage {
  /** @type {import('./driver.mjs').Size | null} */
  size = null;

  /** @param {import('puppeteer-core').Page} native */
  constructor(native) {
    this.native = native;
    native.setDefaultTimeout(DEADLINE_MS);
  }

  /** @param {string} url */
  async goto(url) {
    await this.native.goto(url);
  }

  /** @param {string} button */
  async press(button) {
    // A prompt accepts clicks only while its window has the focus.
    await this.native.bringToFront();
    await this.native.locator(buttonNamed(button)).click();
  }

  /** @param {string} label */
  async toggle(label) {
    await this.native.locator(`::-p-xpath(//label[normalize-space(.)="${label}"])`).click();
  }

  /** @param {string} field @param {string} text */
  async fill(field, text) {
    await this.native.locator(fieldLabelled(field)).fill(text);
  }

  /** @param {string} selector @param {string} path */
  async chooseFile(selector, path) {
    const input = /** @type {import('puppeteer-core').ElementHandle<HTMLInputElement>} */ (
      await this.native.waitForSelector(selector)
    );
    await input.uploadFile(path);
  }

  /** @type {DrivenPage['evaluate']} */
  async evaluate(script, argument) {
    return /** @type {any} */ (this.native).evaluate(script, argument);
  }

  /** @type {DrivenPage['until']} */
  async until(script, argument, timeout = DEADLINE_MS) {
    // Polls by timer, because a page in the background draws no frames.
    const options = { polling: LOOKING_INTERVAL_MS, timeout };
    const handle = await /** @type {any} */ (this.native).waitForFunction(script, options, argument);
    return handle.jsonValue();
  }

  /** @param {import('./driver.mjs').Size} size */
  async resize(size) {
    await this.native.setViewport(size);
    this.size = size;
  }

  /** @type {DrivenPage['picture']} */
  async picture(path, fullPage) {
    await this.native.screenshot({ path: /** @type {`${string}.png`} */ (path), fullPage });
  }

  async close() {
    await this.native.close();
  }
}

// XPath expressions, which can select only enabled buttons.

/** An enabled button. @param {string} name */
function buttonNamed(name) {
  return `::-p-xpath(//button[normalize-space(.)="${name}" or @aria-label="${name}"][not(@aria-disabled="true")])`;
}

/** @param {string} label */
function fieldLabelled(label) {
  return `::-p-xpath(//input[@id=//label[normalize-space(.)="${label}"]/@for])`;
}
