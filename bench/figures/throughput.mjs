// The throughput of large binary messages that are all sent at once on a reliable connection.
import { MIB } from '../units.mjs';

const SIZES = [
  { name: '16 KiB', byteLength: 16 * 1024 },
  { name: '1 MiB', byteLength: MIB },
  { name: '16 MiB', byteLength: 16 * MIB },
];

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureThroughput(bench) {
  const totalBytes = (bench.options.quick ? 16 : 64) * MIB;
  const open = (/** @type {import('../side.mjs').Side} */ side) => side.openConnectedPair({ reliable: true });
  return bench.withEach(open, async (pairs) => {
    const rows = [];
    for (const { name, byteLength } of SIZES) {
      const load = loadOf(totalBytes, byteLength);
      for (const { name } of bench.sides) await pairs[name].transfer(loadOf(16 * MIB, byteLength));
      const samples = await bench.inTurns(bench.options.rounds, async (side) => {
        const { milliseconds } = await pairs[side.name].transfer(load);
        return totalBytes / 1e6 / (milliseconds / 1000);
      });
      await bench.profile(`throughput ${name}`, pairs, (pair) => pair.transfer(load));
      rows.push(
        /** @type {const} */ ({
          figure: `throughput, ${name} messages`,
          unit: 'MB/s',
          digits: 1,
          samples,
          compare: 'ratio',
          must: { atLeast: 1 },
          aim: { atLeast: 1.25 },
        }),
      );
    }
    return rows;
  });
}

/**
 * @param {number} totalBytes
 * @param {number} byteLength
 * @returns {import('../pages/messages.js').Load}
 */
function loadOf(totalBytes, byteLength) {
  return { kind: 'bytes', count: totalBytes / byteLength, byteLength };
}
