// One person of the demo: drives the demo page in their own profile, in either browser. Acts like a person: reads the page, types
// and clicks.
import { DEADLINE_MS } from './driver.mjs';

/** A picture counts as moving after this number of changes. */
const CHANGES = 8;
/**
 * The minimum change of one color value in one cell, of 255. Encoder noise and refinement change a still picture too, but by
 * less.
 */
const CHANGE_STEP = 50;
/** Generous, because a busy machine takes long to draw that many frames. A frozen picture never does. */
const PICTURE_DEADLINE_MS = 60_000;
/** Longer than the pause between two beeps of the browser's fake microphone. */
const SILENCE_MS = 2_500;

export class Profile {
  /**
   * @param {string} name
   * @param {import('./driver.mjs').Driver} browser
   */
  constructor(name, browser) {
    this.name = name;
    this.browser = browser;
    this.page = browser.page;
  }

  /** @param {string} url */
  async visit(url) {
    await this.page.goto(url);
  }

  /** The consent prompt that a visit brings up. @returns {Promise<import('./driver.mjs').DrivenPage>} */
  async prompt() {
    const prompt = await this.browser.prompt();
    // The prompt ignores answers for a moment, so that a stray click cannot answer it.
    await prompt.until(() => document.querySelector('button')?.getAttribute('aria-disabled') === 'false', undefined);
    return prompt;
  }

  /**
   * Checks “Keep an ID”, so that connections survive a reload. In Firefox the prompt's checkbox is off by default.
   * @param {import('./driver.mjs').DrivenPage} prompt
   */
  async keepId(prompt) {
    const isKept = await prompt.evaluate(() => {
      return /** @type {HTMLInputElement} */ (document.querySelector('#keep-id')).checked;
    }, undefined);
    if (!isKept) await prompt.toggle('Keep an ID for this site');
  }

  /** Turns on “Keep data connections across reloads” on the settings page. */
  async keepConnections() {
    const settings = await this.browser.extensionPage('/extension/settings/index.html#general');
    await settings.toggle('Keep data connections across reloads');
    await settings.until(() => document.body.innerText.includes('Saved'), undefined);
    await settings.close();
  }

  /**
   * Resolves when the page has reached this state.
   * @param {'ready' | 'connected'} state
   * @param {number} [timeout] in milliseconds; 0 waits for a person without limit
   */
  async reaches(state, timeout = DEADLINE_MS) {
    await this.page.until((state) => document.body.dataset.link === state, state, timeout);
  }

  /** @returns {Promise<string>} */
  async id() {
    return this.#read('#own-id');
  }

  /** @param {string} id */
  async connectTo(id) {
    await this.page.fill('ID of the other side', id);
    await this.page.press('Connect');
  }

  /** Sends a chat message. Resolves with the page's delivery notice. @param {string} text */
  async say(text) {
    await this.page.fill('Message', text);
    await this.page.press('Send');
    return this.page.until((text) => {
      const messages = [...document.querySelectorAll('.message.mine')];
      const note = messages.find((message) => message.textContent.includes(text))?.querySelector('.delivery');
      return note?.textContent.includes('delivered') && note.textContent;
    }, text);
  }

  /** Resolves when the page shows the other side's message. @param {string} text */
  async hears(text) {
    await this.page.until((text) => {
      const messages = [...document.querySelectorAll('.message.theirs')];
      return messages.some((message) => message.checkVisibility() && message.textContent.includes(text));
    }, text);
  }

  /** @param {string} path */
  async sendFile(path) {
    await this.page.chooseFile('#file', path);
  }

  /** Resolves when the first file's progress bar is past this share. @param {number} share */
  async isPast(share) {
    await this.page.until((share) => {
      const bar = document.querySelector('.transfer progress');
      return bar instanceof HTMLProgressElement && bar.value >= share;
    }, share);
  }

  /** The page's verdict on the first file, once it shows both hashes. */
  async verdict() {
    return this.page.until(() => {
      const [badge, sent, received] = ['.badge', '.hash-sent dd', '.hash-received dd'].map(
        (part) => document.querySelector(`.transfer ${part}`)?.textContent,
      );
      return badge && sent && received && { badge, sent, received };
    }, undefined);
  }

  async call() {
    await this.page.press('Video call');
  }

  /** Resolves when the page shows the other side's call. */
  async rings() {
    await this.page.until(() => document.querySelector('#answer')?.checkVisibility(), undefined);
  }

  async answer() {
    await this.page.press('Answer with camera');
  }

  /** Clicks one of the buttons below the picture. @param {'Microphone' | 'Camera' | 'Share screen' | 'Hang up'} name */
  async press(name) {
    await this.page.press(name);
  }

  /** Resolves when the page shows this text in place of the other side's picture. @param {string} text */
  async isTold(text) {
    await this.page.until((text) => {
      const notes = [...document.querySelectorAll('.pictures p')];
      return notes.some((note) => note.checkVisibility() && note.textContent === text);
    }, text);
  }

  /**
   * Watches the other side's picture until its pixels have changed often enough; rejects if they do not.
   * @returns {Promise<{ width: number, height: number, frames: number, colour: number[] }>}
   *   `frames`: the number of frames shown since the call began; `colour`: the mean color, as red, green and blue
   */
  async watch() {
    const watched = await this.page.evaluate(watchPicture, {
      changes: CHANGES,
      step: CHANGE_STEP,
      deadlineMs: PICTURE_DEADLINE_MS,
    });
    if (watched.changes < CHANGES) throw new Error(`${this.name}'s picture is frozen: ${JSON.stringify(watched)}`);
    return watched;
  }

  /**
   * Resolves when the aspect ratio of the other side's picture has changed. Its size also changes with the bandwidth.
   * @param {{ width: number, height: number }} picture
   */
  async seesOtherShapeThan({ width, height }) {
    await this.page.until(
      (shape) => {
        const video = document.querySelector('#remote-picture');
        return video instanceof HTMLVideoElement && Math.abs(video.videoWidth / video.videoHeight - shape) > 0.05;
      },
      width / height,
      PICTURE_DEADLINE_MS,
    );
  }

  /** Resolves when the other side can be heard or, if not `isSound`, has been silent long enough. @param {boolean} isSound */
  async hearsSound(isSound) {
    await this.page.evaluate(listen, { isSound, silenceMs: SILENCE_MS });
  }

  /** The pitch of the other side's sound. */
  async hearsPitch() {
    return this.page.evaluate(hearPitch, undefined);
  }

  /** The page's facts about the call: the picture's size and rate, and the route. @returns {Promise<string>} */
  async callFigures() {
    return this.page.until(() => {
      const parts = ['#picture-size', '#route'].map((part) => document.querySelector(part)?.textContent ?? '');
      return parts.every((part) => /\d/.test(part)) && parts.join(' · ');
    }, undefined);
  }

  /** Resolves when the page shows no call and no picture. */
  async isIdle() {
    await this.page.until(
      () => document.body.dataset.call === 'idle' && !document.querySelector('#stage')?.checkVisibility(),
      undefined,
    );
  }

  /** A duration that the page itself has measured, in milliseconds. @param {string} name */
  async measured(name) {
    return this.page.evaluate((name) => performance.getEntriesByName(name, 'measure').at(-1)?.duration ?? NaN, name);
  }

  /** Whether the page has had the same connection all the time. @returns {Promise<boolean>} */
  async hasStayed() {
    return this.page.evaluate(() => {
      const made = performance.getEntriesByName('connected', 'measure').length;
      return made === 1 && document.body.dataset.link === 'connected';
    }, undefined);
  }

  async close() {
    await this.browser.close();
  }

  /** @param {string} selector @returns {Promise<string>} */
  async #read(selector) {
    return this.page.evaluate((selector) => document.querySelector(selector)?.textContent ?? '', selector);
  }
}

/**
 * Runs in the page: watches every frame of the other side's picture, scaled down.
 * @param {{ changes: number, step: number, deadlineMs: number }} options
 * @returns {Promise<{ width: number, height: number, frames: number, changes: number, colour: number[] }>}
 */
function watchPicture({ changes, step, deadlineMs }) {
  const video = document.querySelector('#remote-picture');
  if (!(video instanceof HTMLVideoElement)) throw new Error('No video');
  const canvas = new OffscreenCanvas(32, 18);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext('2d', { willReadFrequently: true })
  );
  /** The picture at the last change. @type {Uint8ClampedArray | undefined} */
  let last;
  let changed = 0;
  let frames = 0;
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
        frames,
        changes: changed,
        colour,
      });
    const timer = setTimeout(settle, deadlineMs);
    video.requestVideoFrameCallback(function next(_, { presentedFrames }) {
      frames = presentedFrames;
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
 * Runs in the page: listens to the other side until it hears sound, or no sound for `silenceMs`.
 * @param {{ isSound: boolean, silenceMs: number }} options
 */
async function listen({ isSound, silenceMs }) {
  const video = document.querySelector('#remote-picture');
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

/**
 * Runs in the page: measures the loudest frequency of the other side's sound, once it is audible.
 * @returns {Promise<{ hertz: number, resolution: number }>} both in hertz; `hertz` is accurate to `resolution`
 */
async function hearPitch() {
  const video = document.querySelector('#remote-picture');
  const stream = /** @type {MediaStream} */ (/** @type {HTMLVideoElement} */ (video).srcObject);
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  // No smoothing, so that earlier sound does not count.
  analyser.smoothingTimeConstant = 0;
  context.createMediaStreamSource(stream).connect(analyser);
  const decibels = new Float32Array(analyser.frequencyBinCount);
  let loudest;
  do {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    analyser.getFloatFrequencyData(decibels);
    loudest = decibels.indexOf(Math.max(...decibels));
  } while (!(decibels[loudest] > -40));
  const resolution = context.sampleRate / analyser.fftSize;
  await context.close();
  return { hertz: loudest * resolution, resolution };
}
