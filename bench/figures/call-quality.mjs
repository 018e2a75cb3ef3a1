// How much of 1280 × 720 at 30 frames a second arrives, once the bandwidth estimate allows it or RAMP_MS are over.
import { asChromium } from '../browsers.mjs';
import { callRows, inVariantTurns, pluck, withCallers } from '../calls.mjs';

const SIZE = { width: 1280, height: 720 };
/** The bandwidth estimate starts at 300 kbit/s. PeerJS reaches the full size after about 20 s. */
const RAMP_MS = 45_000;
/** Time after the last change of size, because the encoder restarts at each. */
const SETTLING_MS = 2_000;
/** These calls are long and vary little, so more rounds would show nothing new. */
const MAX_ROUNDS = 3;

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureCallQuality(bench) {
  if (!asChromium(bench.sides[0].browsers.dialling)) {
    bench.leaveOut('frames of 1280 × 720 that are delivered', 'only Chromium lets a page count the frames of a track');
    return [];
  }
  const rounds = Math.min(bench.options.rounds, MAX_ROUNDS);
  const results = await inVariantTurns(bench, rounds, (variant) =>
    withCallers(variant, { video: SIZE }, async (callers) => {
      await callers.start();
      const rampMs = await callers.answerer.call('grown', SIZE.height, RAMP_MS);
      await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
      return { rampMs, ...(await callers.answerer.call('countFrames', bench.options.quick ? 5_000 : 8_000)) };
    }),
  );
  const limits = /** @type {const} */ ({ compare: 'ratio', must: { atLeast: 0.95 }, aim: { atLeast: 1 } });
  return [
    ...callRows({
      figure: 'frames a second delivered of 1280 × 720 at 30',
      unit: '/s',
      digits: 1,
      samples: pluck(results, ({ framesPerSecond }) => framesPerSecond),
      ...limits,
    }),
    ...callRows({
      figure: 'height of these frames, of 720',
      unit: 'px',
      digits: 0,
      samples: pluck(results, ({ height }) => height),
      ...limits,
    }),
    ...callRows({
      figure: `time until they had it, ${RAMP_MS / 1000} s at most`,
      unit: 's',
      digits: 1,
      samples: pluck(results, ({ rampMs }) => rampMs / 1000),
      compare: 'difference',
    }),
  ];
}
