// The time from `connect()` to `open` of the connection. Both Peers are already open.

/** Connections per round. With the default rounds, this makes 20 samples per side. */
const CONNECTS_PER_ROUND = 4;

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureConnect(bench) {
  const samples = await bench.withEach(
    (side) => side.openPair(),
    async (pairs) => {
      const connect = async (/** @type {import('../side.mjs').Side} */ side) => {
        const pair = pairs[side.name];
        const milliseconds = await pair.connect({ reliable: true });
        await pair.disconnect();
        return milliseconds;
      };
      for (const side of bench.sides) await connect(side);
      return bench.inTurns(bench.options.rounds * CONNECTS_PER_ROUND, connect);
    },
  );
  return [
    {
      figure: '`connect()` to `open` of the connection',
      unit: 'ms',
      digits: 1,
      samples,
      compare: 'ratio',
      must: { atMost: 1.5 },
      aim: { atMost: 1 },
    },
  ];
}
