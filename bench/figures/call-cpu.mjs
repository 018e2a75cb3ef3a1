// The processor time of a two-way call, in all processes of both browsers.
import { callRows, inVariantTurns, pluck, USUAL, withCall } from '../calls.mjs';
import { accountFor, canMeasureTime, timeDuring } from '../thread-times.mjs';

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureCallCpu(bench) {
  if (!canMeasureTime) {
    bench.leaveOut('processor time of calls', 'only Linux reports the processor time of a process');
    return [];
  }
  const duration = bench.options.quick ? 4_000 : 8_000;
  const results = await inVariantTurns(bench, bench.options.rounds, (variant) =>
    withCall(variant, { video: USUAL }, async ({ dialler, answerer }) => {
      /** @type {number[]} */
      let rates = [];
      const letItRun = async () => {
        rates = await Promise.all([dialler, answerer].map((page) => page.call('shownFrameRate', duration)));
      };
      const used = await timeDuring(variant.side, letItRun);
      if (bench.options.profile) {
        const lines = await accountFor(variant.side, letItRun);
        bench.report([`processor time: two-way call, ${variant.name}`, ...lines].join('\n  '));
      }
      return { usage: (100 * used) / duration, framesPerSecond: Math.min(...rates) };
    }),
  );
  return [
    ...callRows({
      figure: 'processor time of a two-way call, 640 × 360 at 30 frames a second, of one core',
      unit: '%',
      digits: 0,
      samples: pluck(results, ({ usage }) => usage),
      compare: 'ratio',
      must: { atMost: 1.35 },
      aim: { atMost: 1.1 },
    }),
    // Dropping frames makes a call cheap; this row shows whether that happened.
    ...callRows({
      figure: 'frames a second shown in that call, at the end that shows fewer',
      unit: '/s',
      digits: 1,
      samples: pluck(results, ({ framesPerSecond }) => framesPerSecond),
      compare: 'ratio',
    }),
  ];
}
