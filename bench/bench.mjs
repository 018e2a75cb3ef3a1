// One run of the benchmark, with what all figures share: the two sides, which are measured in turns, and the list of what was
// left out.
import { openProfiler } from './profiler.mjs';
import { accountFor } from './thread-times.mjs';
import { takeTurns } from './turns.mjs';

/** @typedef {import('./side.mjs').Side} Side */
/** @typedef {import('./side.mjs').SideName} SideName */
/** @typedef {{ figure: string, reason: string }} LeftOut */
/** @template T @typedef {Record<SideName, T>} BySide */

/**
 * @typedef {object} World
 * @property {string} extension the folder of the built extension
 * @property {{ port: number, hangUp: () => void }} distance a proxy to the PeerServer that simulates a slow network
 * @property {string} profileFolder
 */

export class Bench {
  /**
   * @param {Side[]} sides
   * @param {import('./options.mjs').Options} options
   * @param {World} world
   * @param {(line: string) => void} report
   */
  constructor(sides, options, world, report) {
    this.sides = sides;
    this.options = options;
    this.world = world;
    this.report = report;
    /** @type {LeftOut[]} */
    this.leftOut = [];
  }

  /**
   * Records in the result that a figure was not measured, and why.
   * @param {string} figure
   * @param {string} reason
   */
  leaveOut(figure, reason) {
    this.leftOut.push({ figure, reason });
  }

  /**
   * Measures both sides `count` times in turns.
   * @template T
   * @param {number} count
   * @param {(side: Side) => Promise<T>} measure
   * @returns {Promise<BySide<T[]>>}
   */
  inTurns(count, measure) {
    return takeTurns(this.sides, count, measure);
  }

  /**
   * Makes a resource on each side, uses both, and closes them.
   * @template {{ close: () => Promise<unknown> }} T
   * @template R
   * @param {(side: Side) => Promise<T>} make
   * @param {(made: BySide<T>) => Promise<R>} use
   * @returns {Promise<R>}
   */
  async withEach(make, use) {
    /** @type {[SideName, T][]} */
    const made = [];
    try {
      for (const side of this.sides) made.push([side.name, await make(side)]);
      return await use(/** @type {BySide<T>} */ (Object.fromEntries(made)));
    } finally {
      for (const [, thing] of made) await thing.close();
    }
  }

  /**
   * With --profile, repeats `work` twice on each side and reports the processor time by thread and by function.
   * @param {string} label
   * @param {BySide<import('./side.mjs').Pair>} pairs
   * @param {(pair: import('./side.mjs').Pair) => Promise<unknown>} work
   */
  async profile(label, pairs, work) {
    if (!this.options.profile) return;
    for (const side of this.sides) {
      const lines = await accountFor(side, () => work(pairs[side.name]));
      this.report([`processor time: ${label}, ${side.name}`, ...lines].join('\n  '));
      const profiler = await openProfiler(side, pairs[side.name]);
      await work(pairs[side.name]);
      await profiler.finish(`${label}, ${side.name}`, this.world.profileFolder, this.report);
    }
  }
}
