// How many small JSON messages arrive per second if all are sent at once.

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureJson(bench) {
  const load = /** @type {const} */ ({ kind: 'json', count: bench.options.quick ? 5_000 : 20_000 });
  const open = (/** @type {import('../side.mjs').Side} */ side) =>
    side.openConnectedPair({ serialization: 'json', reliable: true });
  const samples = await bench.withEach(open, async (pairs) => {
    for (const { name } of bench.sides) await pairs[name].transfer({ ...load, count: 5_000 });
    const samples = await bench.inTurns(bench.options.rounds, async (side) => {
      const { milliseconds } = await pairs[side.name].transfer(load);
      return load.count / (milliseconds / 1000);
    });
    await bench.profile('json', pairs, (pair) => pair.transfer(load));
    return samples;
  });
  return [
    {
      figure: `small JSON messages a second, ${load.count} at once`,
      unit: '/s',
      digits: 0,
      samples,
      compare: 'ratio',
      must: { atLeast: 1 },
      aim: { atLeast: 2 },
    },
  ];
}
