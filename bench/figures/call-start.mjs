// The time from `call()` to the first frame of the other's picture. Both Peers are open, and the other answers at once.
import { callRows, inVariantTurns, pluck, USUAL, withCallers } from '../calls.mjs';

/** Calls per round. With the default rounds, this makes 20 samples per variant. */
const CALLS_PER_ROUND = 4;

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureCallStart(bench) {
  const results = await inVariantTurns(bench, bench.options.rounds, (variant) =>
    withCallers(variant, { video: USUAL }, async (callers) => {
      // The first call of a page also loads codecs.
      await callUntilFrame(callers);
      const times = [];
      for (let n = 0; n < CALLS_PER_ROUND; n++) times.push(await callUntilFrame(callers));
      return times;
    }),
  );
  return callRows({
    figure: '`call()` to the first frame of the answer',
    unit: 'ms',
    digits: 0,
    samples: pluck(results, (times) => times),
    compare: 'ratio',
    must: { atMost: 1.5 },
    aim: { atMost: 1 },
  });
}

/** @param {import('../calls.mjs').Callers} callers */
async function callUntilFrame(callers) {
  const milliseconds = await callers.startUntilFrame();
  await callers.hangUp();
  return milliseconds;
}
