// The time from making a sound in one page to its arrival in the other.
import { callRows, inVariantTurns, withCall } from '../calls.mjs';
import { median } from '../statistics.mjs';

/** @typedef {import('../pages/sound.js').Beep} Beep */

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureCallAudio(bench) {
  const duration = bench.options.quick ? 4_000 : 10_000;
  const samples = await inVariantTurns(bench, bench.options.rounds, (variant) =>
    withCall(variant, { audio: true }, async ({ dialler, answerer }) => {
      const heard = await answerer.call('listen', duration);
      return median(latencies(await dialler.call('madeBeeps'), heard));
    }),
  );
  return callRows({
    figure: 'mouth-to-ear latency',
    unit: 'ms',
    digits: 1,
    samples,
    compare: 'difference by end',
    must: { atMost: 20 },
    aim: { atMost: 8 },
  });
}

/**
 * Matches each heard beep with the latest earlier beep of its pitch. The pitches take turns.
 * @param {Beep[]} made
 * @param {Beep[]} heard
 * @returns {number[]} milliseconds
 */
function latencies(made, heard) {
  return heard.map(({ pitch, at }) => {
    const beep = made.findLast((beep) => beep.pitch === pitch && beep.at <= at);
    if (!beep) throw new Error(`a beep of pitch ${pitch} was heard and never made`);
    return at - beep.at;
  });
}
