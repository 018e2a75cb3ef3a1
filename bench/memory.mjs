// The memory of the processes of two connected pages and of their hosts.
import { memoryOf } from '../scripts/process-memory.mjs';
import { chromiumOf } from './browsers.mjs';

/** Two readings that differ by less count as equal, bytes. */
const STEADY_BYTES = 256 * 1024;
const SETTLING_INTERVAL_MS = 500;
const MAX_READINGS = 30;

/** @typedef {{ sendingPage: number, receivingPage: number, sendingHost: number, receivingHost: number }} Memory */

/** The memory of two connected pages and of their hosts. */
export class PairMemory {
  #ends;

  /** @param {Record<'sending' | 'receiving', End>} ends */
  constructor(ends) {
    this.#ends = ends;
  }

  /**
   * @param {import('./side.mjs').Side} side
   * @param {import('./side.mjs').Pair} pair
   */
  static async of(side, pair) {
    return new PairMemory({
      sending: await openEnd(side.browsers.dialling, pair.dialler),
      receiving: await openEnd(side.browsers.answering, pair.answerer),
    });
  }

  /** @returns {Memory} */
  read() {
    const { sending, receiving } = this.#ends;
    return {
      sendingPage: sum(sending.pages),
      receivingPage: sum(receiving.pages),
      sendingHost: sum(sending.hosts),
      receivingHost: sum(receiving.hosts),
    };
  }

  /**
   * The memory after garbage collection, once it no longer changes. Allocators free memory by timers of their own without any
   * event, so this polls until they are done.
   * @returns {Promise<Memory>}
   */
  async settle() {
    let last = await this.#collectAndRead();
    for (let n = 1, steady = 0; n < MAX_READINGS && steady < 3; n++) {
      await new Promise((resolve) => setTimeout(resolve, SETTLING_INTERVAL_MS));
      const now = await this.#collectAndRead();
      steady = isSteady(last, now) ? steady + 1 : 0;
      last = now;
    }
    return last;
  }

  async #collectAndRead() {
    for (const { sessions } of Object.values(this.#ends)) {
      for (const session of sessions) await session.send('HeapProfiler.collectGarbage');
    }
    return this.read();
  }
}

/** @typedef {Awaited<ReturnType<typeof openEnd>>} End */

/**
 * The processes for pages are those of the tab and of the browser's own idle pages, whose memory does not change.
 * @param {import('./browsers.mjs').Browser} measured
 * @param {import('./side.mjs').KitPage} page
 */
async function openEnd(measured, { page }) {
  const browser = chromiumOf(measured);
  const { pages, host } = await browser.rendererProcesses();
  const hostSession = await browser.attachToHost();
  const pageSession = await browser.sessionOf(page);
  /** @type {{ send: (method: 'HeapProfiler.collectGarbage') => Promise<unknown> }[]} */
  const sessions = hostSession ? [pageSession, hostSession] : [pageSession];
  return { pages, hosts: host === undefined ? [] : [host], sessions };
}

/** @param {Memory} a @param {Memory} b */
function isSteady(a, b) {
  return /** @type {(keyof Memory)[]} */ (Object.keys(a)).every((key) => Math.abs(a[key] - b[key]) < STEADY_BYTES);
}

/** @param {number[]} processes */
function sum(processes) {
  return processes.reduce((total, id) => total + memoryOf(id), 0);
}
