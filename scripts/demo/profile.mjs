// One person of the demo: a Chromium profile of their own, with the extension or without, and the demo page in it.
// Does what a person does: reads the page, types, clicks.
import { join } from 'node:path';
import { chromium } from 'playwright';
import { ROOT } from '../npm.mjs';
import { welcomeTab } from '../welcome-tab.mjs';

const EXTENSION = join(ROOT, 'dist', 'chrome');
const PROMPT = '**/extension/prompt/index.html*';
/** Longest wait for any one thing; a 64 MiB file takes seconds even on a slow machine. */
const DEADLINE_MS = 60_000;
const WINDOW = { width: 1180, height: 860 };
/** A picture counts as moving when it has changed this often. */
const CHANGES = 8;
/**
 * What a change is: that of one colour in one of its cells, of 255. A still picture changes as well, by the encoder's
 * noise and when it is refined, but by less.
 */
const CHANGE_STEP = 50;
/** A machine that is busy with other things takes long to draw that many pictures; a frozen picture takes for ever. */
const PICTURE_DEADLINE_MS = 60_000;
/** Longer than the pause between two beeps of the browser's false microphone. */
const SILENCE_MS = 2_500;

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
   * @param {{ name: string, executablePath: string, headless: boolean, withExtension: boolean, left: number, camera: string }} options
   *   `camera`: a film in Y4M, which the profile takes for what its camera sees
   */
  static async open({ name, executablePath, headless, withExtension, left, camera }) {
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
        // A camera and a microphone on every machine. Not --use-fake-ui-for-media-stream, which makes shared screens false.
        '--use-fake-device-for-media-stream',
        '--auto-accept-camera-and-microphone-capture',
        `--use-file-for-fake-video-capture=${camera}`,
        '--auto-select-tab-capture-source-by-title=Peerport demo',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...(headless ? [] : [`--window-position=${left},40`, '--window-size=900,900']),
        ...(withExtension ? [`--disable-extensions-except=${EXTENSION}`, `--load-extension=${EXTENSION}`] : []),
      ],
    });
    context.setDefaultTimeout(DEADLINE_MS);
    // The browser is up before its extensions are; a page that is opened in between has no content scripts.
    if (withExtension && context.serviceWorkers().length === 0) await context.waitForEvent('serviceworker');
    if (withExtension) await (await welcomeTab(context)).close();
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

  async call() {
    await this.page.getByRole('button', { name: 'Video call' }).click();
  }

  /** Resolves when the other side's call is on the page. */
  async rings() {
    await this.page.getByRole('button', { name: 'Answer with camera' }).waitFor();
  }

  async answer() {
    await this.page.getByRole('button', { name: 'Answer with camera' }).click();
  }

  /** Clicks one of the buttons below the picture. @param {'Microphone' | 'Camera' | 'Share screen' | 'Hang up'} name */
  async press(name) {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Resolves when the page says this where the other side's picture is. @param {string} text */
  async isTold(text) {
    await this.page.locator('.pictures').getByText(text).waitFor();
  }

  /**
   * Watches the other side's picture until its pixels have changed often enough; rejects if they do not.
   * @returns {Promise<{ width: number, height: number, frames: number, colour: number[] }>}
   *   `frames`: how many have been decoded since the call began; `colour`: the mean, as red, green and blue
   */
  async watch() {
    const watched = await this.page.locator('#remote-picture').evaluate(watchPicture, {
      changes: CHANGES,
      step: CHANGE_STEP,
      deadlineMs: PICTURE_DEADLINE_MS,
    });
    if (watched.changes < CHANGES) throw new Error(`${this.name}'s picture is frozen: ${JSON.stringify(watched)}`);
    return watched;
  }

  /**
   * Resolves when the other side's picture has another shape; its size alone also changes with the bandwidth.
   * @param {{ width: number, height: number }} picture
   */
  async seesOtherShapeThan({ width, height }) {
    await this.page.waitForFunction(
      (shape) => {
        const video = document.querySelector('#remote-picture');
        return video instanceof HTMLVideoElement && Math.abs(video.videoWidth / video.videoHeight - shape) > 0.05;
      },
      width / height,
      { timeout: PICTURE_DEADLINE_MS },
    );
  }

  /** Resolves when the other side's sound is heard, or when there is none for long enough. @param {boolean} isSound */
  async hearsSound(isSound) {
    await this.page.locator('#remote-picture').evaluate(listen, { isSound, silenceMs: SILENCE_MS });
  }

  /** What the page says of the call: size and rate of the picture, and the route. @returns {Promise<string>} */
  async callFigures() {
    const parts = ['#picture-size', '#route'].map((part) =>
      this.page.locator(part).filter({ hasText: /\d/ }).innerText(),
    );
    return (await Promise.all(parts)).join(' · ');
  }

  /** Resolves when there is no call and no picture on the page. */
  async isIdle() {
    await this.page.locator('body[data-call="idle"]').waitFor();
    await this.page.locator('#stage').waitFor({ state: 'hidden' });
  }

  /** How long the page itself measured something to take, in milliseconds. @param {string} name */
  async measured(name) {
    return this.page.evaluate((name) => performance.getEntriesByName(name, 'measure').at(-1)?.duration ?? NaN, name);
  }

  async close() {
    await this.context.close();
  }
}

/**
 * In the page: looks at every frame of `video`, in miniature.
 * @param {SVGElement | HTMLElement} video
 * @param {{ changes: number, step: number, deadlineMs: number }} options
 * @returns {Promise<{ width: number, height: number, frames: number, changes: number, colour: number[] }>}
 */
function watchPicture(video, { changes, step, deadlineMs }) {
  if (!(video instanceof HTMLVideoElement)) throw new Error('No video');
  const canvas = new OffscreenCanvas(32, 18);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext('2d', { willReadFrequently: true })
  );
  /** The picture at the last change. @type {Uint8ClampedArray | undefined} */
  let last;
  let changed = 0;
  /** @type {number[]} */
  let colour = [];

  function look() {
    context.drawImage(/** @type {HTMLVideoElement} */ (video), 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    if (last?.some((value, index) => Math.abs(value - data[index]) >= step)) changed++;
    else if (last) return;
    last = data;
    colour = [0, 1, 2].map((channel) => {
      let sum = 0;
      for (let index = channel; index < data.length; index += 4) sum += data[index];
      return Math.round(sum / (data.length / 4));
    });
  }

  return new Promise((resolve) => {
    const settle = () =>
      resolve({
        width: video.videoWidth,
        height: video.videoHeight,
        frames: video.getVideoPlaybackQuality().totalVideoFrames,
        changes: changed,
        colour,
      });
    const timer = setTimeout(settle, deadlineMs);
    video.requestVideoFrameCallback(function next() {
      look();
      if (changed < changes) {
        video.requestVideoFrameCallback(next);
        return;
      }
      clearTimeout(timer);
      settle();
    });
  });
}

/**
 * In the page: listens to `video` until there is sound, or no sound for `silenceMs`.
 * @param {SVGElement | HTMLElement} video
 * @param {{ isSound: boolean, silenceMs: number }} options
 */
async function listen(video, { isSound, silenceMs }) {
  const stream = /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (video).srcObject);
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let lastSound = performance.now();
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    analyser.getFloatTimeDomainData(samples);
    const isLoud = samples.some((sample) => Math.abs(sample) > 0.01);
    if (isLoud) lastSound = performance.now();
    if (isSound ? isLoud : performance.now() - lastSound > silenceMs) break;
  }
  await context.close();
}
