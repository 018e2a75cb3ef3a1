// The time from drawing a frame in one page to showing it in the other.
import { callRows, inVariantTurns, USUAL, withCall } from '../calls.mjs';
import { median } from '../statistics.mjs';

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureCallLatency(bench) {
  const duration = bench.options.quick ? 4_000 : 10_000;
  const samples = await inVariantTurns(bench, bench.options.rounds, (variant) =>
    withCall(variant, { video: USUAL }, async ({ dialler, answerer }) => {
      const seen = await answerer.call('watchNumbers', duration);
      return median(latencies(await dialler.call('drawnFrames'), seen));
    }),
  );
  return callRows({
    figure: 'glass-to-glass latency, 640 × 360 at 30 frames a second',
    unit: 'ms',
    digits: 1,
    samples,
    compare: 'difference by end',
    must: { atMost: 15 },
    aim: { atMost: 5 },
  });
}

/**
 * @param {import('../pages/video-source.js').Numbered[]} drawn
 * @param {import('../pages/video-source.js').Numbered[]} seen
 * @returns {number[]} milliseconds
 */
function latencies(drawn, seen) {
  const drawnAt = new Map(drawn.map(({ number, at }) => [number, at]));
  return seen.map(({ number, at }) => {
    const since = drawnAt.get(number);
    if (since === undefined) throw new Error(`frame ${number} was seen and never drawn`);
    return at - since;
  });
}
