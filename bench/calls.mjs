// What the figures of calls share: the three variants of a call, two pages with media that call each other, and rows that compare
// each of Peerport's routes with PeerJS.
import { takeTurns } from './turns.mjs';

/** @typedef {import('./bench.mjs').Bench} Bench */
/** @typedef {import('./row.mjs').Row} Row */
/** @typedef {import('./side.mjs').Pair} Pair */

/**
 * Peerport's two routes: the connection to the other end is in the host, or in the page as with PeerJS. PeerJS ignores the
 * option.
 * @typedef {'hosted' | 'direct'} Route
 */
/** @typedef {'PeerJS' | Route} VariantName */
/** @typedef {{ name: VariantName, side: import('./side.mjs').Side, route?: Route }} Variant */
/** @template T @typedef {Record<VariantName, T[]>} ByVariant */
/** @typedef {import('./pages/call.js').Media} Media */

/** The picture of a usual call. */
export const USUAL = { width: 640, height: 360 };

/** By then, encoders, jitter buffers and the bandwidth estimate have settled, at the usual size. */
const SETTLING_MS = 3_000;

/**
 * The limit that the page sets for each end's video, bits a second, so that all variants carry the same. Without it PeerJS, whose
 * bandwidth estimate starts low, sends less than half of what a hosted call sends in the first ten seconds (measured).
 */
const BITRATE = 500_000;
/** The share of the limit that encoders reach. */
const REACHED = 0.8;
const RAMP_MS = 15_000;

/** A call without picture and sound by then has failed; usually a call takes a fifth of a second. */
const CALL_DEADLINE_MS = 20_000;

/**
 * @template T
 * @param {Bench} bench
 * @param {number} count
 * @param {(variant: Variant) => Promise<T>} measure
 * @returns {Promise<ByVariant<T>>}
 */
export function inVariantTurns(bench, count, measure) {
  return takeTurns(bench.sides.flatMap(variantsOf), count, measure);
}

/** @param {import('./side.mjs').Side} side @returns {Variant[]} */
function variantsOf(side) {
  if (side.name === 'PeerJS') return [{ name: 'PeerJS', side }];
  return [
    { name: 'hosted', side, route: 'hosted' },
    { name: 'direct', side, route: 'direct' },
  ];
}

/**
 * Opens two pages with an open Peer and media each; the answerer answers every call. Both come to the front of their browsers,
 * because background tabs neither draw nor show pictures.
 * @template T
 * @param {Variant} variant
 * @param {Media} media
 * @param {(callers: Callers) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withCallers({ side, route }, media, use) {
  const pair = await side.openPair();
  try {
    for (const { page } of [pair.dialler, pair.answerer]) await page.bringToFront();
    await Promise.all([pair.dialler.call('openMedia', media), pair.answerer.call('openMedia', media)]);
    await pair.answerer.call('answerCalls', { route });
    return await use(new Callers(pair, route));
  } finally {
    await pair.close();
  }
}

/**
 * Like `withCallers`, but in a call that has settled at a fixed video bitrate.
 * @template T
 * @param {Variant} variant
 * @param {Media} media
 * @param {(callers: Callers) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function withCall(variant, media, use) {
  return withCallers(variant, media, async (callers) => {
    await callers.start();
    await callers.both('limitBitrate', BITRATE);
    if (media.video) await callers.both('bitrateReached', REACHED * BITRATE, RAMP_MS);
    await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
    return use(callers);
  });
}

export class Callers {
  #pair;
  #options;

  /**
   * @param {Pair} pair
   * @param {Route | undefined} route
   */
  constructor(pair, route) {
    this.#pair = pair;
    this.#options = { route };
  }

  get dialler() {
    return this.#pair.dialler;
  }

  get answerer() {
    return this.#pair.answerer;
  }

  /**
   * Calls the same kit function of both pages, at the same time.
   * @param {string} name
   * @param {...unknown} parameters
   */
  async both(name, ...parameters) {
    await Promise.all([this.dialler, this.answerer].map((page) => page.call(name, ...parameters)));
  }

  /** Resolves when both ends have the other's stream. */
  async start() {
    await this.dialler.callWithin(CALL_DEADLINE_MS, 'placeCall', this.#pair.answererId, this.#options);
    await this.answerer.callWithin(CALL_DEADLINE_MS, 'answered');
  }

  /** @returns {Promise<number>} milliseconds from `call()` to the first frame that the dialler sees */
  startUntilFrame() {
    const { answererId } = this.#pair;
    return this.dialler.callWithin(CALL_DEADLINE_MS, 'placeCallUntilFrame', answererId, this.#options);
  }

  /** Resolves when both ends can call again. */
  async hangUp() {
    await this.both('hangUpPossible');
    await this.dialler.call('hangUp');
    await this.answerer.callWithin(CALL_DEADLINE_MS, 'hungUp');
  }
}

/**
 * Makes two rows, one per route. Only the hosted row has limits: a direct call is the same kind of call as PeerJS's, so its
 * difference should be noise.
 * @param {Omit<Row, 'samples'> & { samples: ByVariant<number> }} row
 * @returns {Row[]}
 */
export function callRows({ samples: { PeerJS, hosted, direct }, must, aim, ...row }) {
  return [
    { ...row, figure: `${row.figure}, hosted`, samples: { PeerJS, Peerport: hosted }, must, aim },
    { ...row, figure: `${row.figure}, direct`, samples: { PeerJS, Peerport: direct }, compare: directly(row.compare) },
  ];
}

/** @param {Row['compare']} compare @returns {Row['compare']} */
function directly(compare) {
  return compare === 'difference by end' ? 'difference' : compare;
}

/**
 * Picks from each result the number, or the numbers, for a row.
 * @template T
 * @param {ByVariant<T>} results
 * @param {(result: T) => number | number[]} pick
 * @returns {ByVariant<number>}
 */
export function pluck(results, pick) {
  const entries = Object.entries(results).map(([name, list]) => [name, list.flatMap(pick)]);
  return Object.fromEntries(entries);
}
