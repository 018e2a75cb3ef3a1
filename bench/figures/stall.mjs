// How long a page's main thread is blocked while 64 MiB are sent at once.
import { MIB } from '../units.mjs';

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureStall(bench) {
  const load = /** @type {const} */ ({ kind: 'bytes', count: bench.options.quick ? 16 : 64, byteLength: MIB });
  const open = (/** @type {import('../side.mjs').Side} */ side) => side.openConnectedPair({ reliable: true });
  const stalls = await bench.withEach(open, async (pairs) => {
    for (const { name } of bench.sides) await pairs[name].transfer({ ...load, count: 8 });
    const stalls = await bench.inTurns(bench.options.rounds, (side) => pairs[side.name].transfer(load));
    await bench.profile('stall', pairs, (pair) => pair.transfer(load));
    return stalls;
  });
  return [
    {
      figure: `longest stall of the sending page, ${load.count} × 1 MiB`,
      ...pick(stalls, 'sendingStall'),
      must: { atMost: 100 },
      aim: { atMost: 16 },
    },
    {
      figure: 'longest stall of the receiving page, same transfer',
      ...pick(stalls, 'receivingStall'),
      must: { atMost: 50 },
      aim: { atMost: 16 },
    },
  ];
}

/**
 * @param {import('../bench.mjs').BySide<{ sendingStall: number, receivingStall: number }[]>} stalls
 * @param {'sendingStall' | 'receivingStall'} end
 */
function pick({ PeerJS, Peerport }, end) {
  const samples = { PeerJS: PeerJS.map((stall) => stall[end]), Peerport: Peerport.map((stall) => stall[end]) };
  return { unit: 'ms', digits: 1, samples, compare: /** @type {const} */ ('value') };
}
