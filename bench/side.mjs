// One side of the comparison: PeerJS in the page, or Peerport. A side has two browsers, one that dials and one that answers, whose
// pages run kit functions by name. Call `close()` when done.
/* global bench -- pages/kit.js, inside evaluate() */
import { launch } from './browsers.mjs';

/** The longest wait for an answer of a page. The slowest figure streams 1 GiB. */
const DEADLINE_MS = 300_000;

/** No ICE servers, so that no figure depends on another machine. */
const CONFIG = { iceServers: [] };

/** @typedef {import('./browsers.mjs').Browser} Browser */
/** @typedef {'PeerJS' | 'Peerport'} SideName */
/** @typedef {{ serialization?: string, reliable?: boolean }} ConnectOptions */

export class Side {
  /**
   * @param {SideName} name
   * @param {string} origin of the site
   * @param {{ dialling: Browser, answering: Browser }} browsers
   * @param {number} peerServerPort
   */
  constructor(name, origin, browsers, peerServerPort) {
    this.name = name;
    this.origin = origin;
    this.browsers = browsers;
    this.peerServerPort = peerServerPort;
  }

  /**
   * @param {SideName} name
   * @param {{
   *   browser: import('../scripts/setup.mjs').BrowserName,
   *   executablePath: string,
   *   extension: string,
   *   origin: string,
   *   peerServerPort: number,
   * }} world
   */
  static async open(name, { browser, executablePath, extension, origin, peerServerPort }) {
    const options = name === 'Peerport' ? { executablePath, extension } : { executablePath };
    const [dialling, answering] = await Promise.all([launch(browser, options), launch(browser, options)]);
    if (name === 'Peerport') await Promise.all([dialling.allow(origin), answering.allow(origin)]);
    return new Side(name, origin, { dialling, answering }, peerServerPort);
  }

  /** The URL of a page with this side's `window.Peer`. */
  get url() {
    return `${this.origin}/${this.name.toLowerCase()}.html`;
  }

  /**
   * Opens a tab with the kit.
   * @param {Browser} browser
   */
  async openPage(browser) {
    const page = await browser.newPage();
    await page.goto(this.url);
    return new KitPage(page);
  }

  /** Options of a Peer. @param {number} [port] of the PeerServer or of a proxy in front of it */
  peerOptions(port = this.peerServerPort) {
    return { host: '127.0.0.1', port, path: '/', config: CONFIG, debug: 0 };
  }

  /** Opens two pages with an open Peer each, not connected yet. @returns {Promise<Pair>} */
  async openPair() {
    const [dialler, answerer] = await Promise.all([
      this.openPage(this.browsers.dialling),
      this.openPage(this.browsers.answering),
    ]);
    const [, { id }] = await Promise.all([dialler, answerer].map((page) => page.call('openPeer', this.peerOptions())));
    return new Pair(dialler, answerer, id);
  }

  /** Opens two connected pages. @param {ConnectOptions} options */
  async openConnectedPair(options) {
    const pair = await this.openPair();
    await pair.connect(options);
    return pair;
  }

  async close() {
    await Promise.all([this.browsers.dialling.close(), this.browsers.answering.close()]);
  }
}

export class Pair {
  /**
   * @param {KitPage} dialler
   * @param {KitPage} answerer
   * @param {string} answererId
   */
  constructor(dialler, answerer, answererId) {
    this.dialler = dialler;
    this.answerer = answerer;
    this.answererId = answererId;
  }

  /** @param {ConnectOptions} options @returns {Promise<number>} milliseconds from `connect()` to `open` */
  async connect(options) {
    const milliseconds = await this.dialler.call('connect', this.answererId, options);
    await this.answerer.call('accepted');
    return milliseconds;
  }

  /** Closes the connection; both pages can connect again. */
  async disconnect() {
    await this.dialler.call('closeConnection');
    await this.answerer.call('closed');
  }

  /**
   * Sends all of `load` at once, from the dialler to the answerer.
   * @param {import('./pages/messages.js').Load} load
   * @returns {Promise<{ milliseconds: number, sendingStall: number, receivingStall: number }>}
   */
  async transfer(load) {
    await this.answerer.call('expectMessages', load);
    return this.dialler.call('sendAll', load);
  }

  async close() {
    await Promise.all([this.dialler.page.close(), this.answerer.page.close()]);
  }
}

export class KitPage {
  /** @param {import('./browsers.mjs').Page} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * Calls a function of the page's kit (pages/kit.js).
   * @param {string} name
   * @param {...unknown} parameters
   * @returns {Promise<any>}
   */
  call(name, ...parameters) {
    return this.callWithin(DEADLINE_MS, name, ...parameters);
  }

  /**
   * Like `call`, with a shorter deadline.
   * @param {number} deadlineMs
   * @param {string} name
   * @param {...unknown} parameters
   * @returns {Promise<any>}
   */
  callWithin(deadlineMs, name, ...parameters) {
    const answer = this.page.evaluate(([name, parameters]) => bench[name](...parameters), [name, parameters]);
    return within(deadlineMs, answer, `${name} on ${this.page.url()}`);
  }
}

/**
 * @template T
 * @param {number} deadlineMs
 * @param {Promise<T>} work
 * @param {string} what
 * @returns {Promise<T>}
 */
async function within(deadlineMs, work, what) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${deadlineMs / 1000} s: ${what}`)), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
