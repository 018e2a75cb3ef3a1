// The time that a small message takes to the other page and back.
import { median } from '../statistics.mjs';

const WARM_UP = 100;

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureRoundTrip(bench) {
  const count = bench.options.quick ? 100 : 400;
  const open = (/** @type {import('../side.mjs').Side} */ side) => side.openConnectedPair({ reliable: true });
  const samples = await bench.withEach(open, async (pairs) => {
    for (const { name } of bench.sides) {
      await pairs[name].answerer.call('answerPings');
      await pairs[name].dialler.call('ping', WARM_UP);
    }
    return bench.inTurns(bench.options.rounds, async (side) =>
      median(await pairs[side.name].dialler.call('ping', count)),
    );
  });
  return [
    {
      figure: 'round trip of a small message',
      unit: 'ms',
      digits: 2,
      samples,
      compare: 'difference',
      must: { atMost: 1 },
      aim: { atMost: 0.4 },
    },
  ];
}
