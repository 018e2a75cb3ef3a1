// What the figures of calls share: three ways to have a call, two pages with media that have one, and rows that hold
// each of Peerport's ways against PeerJS.
import { takeTurns } from './turns.mjs';

/** @typedef {import('./bench.mjs').Bench} Bench */
/** @typedef {import('./row.mjs').Row} Row */
/** @typedef {import('./side.mjs').Pair} Pair */

/**
 * Peerport's two ways, by where the connection to the other end is kept: in the host, or in the page as with PeerJS,
 * which knows no other and ignores the option.
 * @typedef {'hosted' | 'direct'} Route
 */
/** @typedef {'PeerJS' | Route} VariantName */
/** @typedef {{ name: VariantName, side: import('./side.mjs').Side, route?: Route }} Variant */
/** @template T @typedef {Record<VariantName, T[]>} ByVariant */
/** @typedef {import('./pages/call.js').Media} Media */

/** The picture of a usual call. */
export const USUAL = { width: 640, height: 360 };

/** Encoders, jitter buffers and the estimate of the bandwidth have settled by then, at the usual size. */
const SETTLING_MS = 3_000;

/**
 * What each end sends of video, bits a second: by the page's own wish, so that all ways carry as much. Without it PeerJS,
 * whose estimate begins low, sends less than half of what the hosted way does in the first ten seconds (measured).
 */
const BITRATE = 500_000;
/** Encoders do not use their limit up. */
const REACHED = 0.8;
const RAMP_MS = 15_000;

/** A call that has brought no picture or sound by then will bring none; one takes a fifth of a second. */
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
 * Two pages with an open Peer and media each; the answerer answers every call. Both are in front in their browsers:
 * pictures are neither drawn nor shown in a tab that nobody sees.
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
 * As `withCallers`, in a call that has settled, at a given bitrate of video.
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
   * The same of both pages, at once.
   * @param {string} name
   * @param {...unknown} parameters
   */
  async both(name, ...parameters) {
    await Promise.all([this.dialler, this.answerer].map((page) => page.call(name, ...parameters)));
  }

  /** Both have the other's stream afterwards. */
  async start() {
    await this.dialler.callWithin(CALL_DEADLINE_MS, 'placeCall', this.#pair.answererId, this.#options);
    await this.answerer.callWithin(CALL_DEADLINE_MS, 'answered');
  }

  /** @returns {Promise<number>} milliseconds from `call()` to the first frame that the dialler sees */
  startUntilFrame() {
    const { answererId } = this.#pair;
    return this.dialler.callWithin(CALL_DEADLINE_MS, 'placeCallUntilFrame', answererId, this.#options);
  }

  /** Both can have another call afterwards. */
  async hangUp() {
    await this.both('hangUpPossible');
    await this.dialler.call('hangUp');
    await this.answerer.callWithin(CALL_DEADLINE_MS, 'hungUp');
  }
}

/**
 * Two rows. Limits are for the hosted way alone: a direct call is PeerJS's own kind of call, so it has only to be within
 * the noise, and no end of it is hosted.
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
 * The one number of each result that a row is about, or its several.
 * @template T
 * @param {ByVariant<T>} results
 * @param {(result: T) => number | number[]} pick
 * @returns {ByVariant<number>}
 */
export function pluck(results, pick) {
  const entries = Object.entries(results).map(([name, list]) => [name, list.flatMap(pick)]);
  return Object.fromEntries(entries);
}
