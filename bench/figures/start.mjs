// The time from `new Peer()` to `open` on a fresh page. Another tab of the same browser has a Peer meanwhile, so that Peerport's host
// is warm. PeerJS gets such a tab too, so that nothing else differs.

/** Starts per round. With the default rounds, this makes 20 samples per side. */
const STARTS_PER_ROUND = 4;

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureStart(bench) {
  return [
    {
      figure: '`new Peer()` to `open`, PeerServer on loopback',
      ...(await measureStarts(bench, undefined)),
      compare: 'difference',
      must: { atMost: 100 },
      aim: { atMost: 0 },
    },
  ];
}

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureDistantStart(bench) {
  return [
    {
      figure: '`new Peer()` to `open`, 50 ms of round trip to PeerServer',
      ...(await measureStarts(bench, bench.world.distance)),
      compare: 'ratio',
      must: { atMost: 1 },
      aim: { atMost: 0.6 },
    },
  ];
}

/**
 * @param {import('../bench.mjs').Bench} bench
 * @param {import('../bench.mjs').World['distance'] | undefined} distance
 */
async function measureStarts(bench, distance) {
  const samples = await bench.withEach(openTabs, async (tabs) => {
    const start = async (/** @type {import('../side.mjs').Side} */ side) => {
      const { page } = tabs[side.name];
      await page.page.goto(side.url);
      // A new visitor has no connection to the PeerServer, but the browser would reuse the one of the previous visit.
      distance?.hangUp();
      const { milliseconds } = await page.call('openPeer', side.peerOptions(distance?.port));
      return milliseconds;
    };
    for (const side of bench.sides) await start(side);
    return bench.inTurns(bench.options.rounds * STARTS_PER_ROUND, start);
  });
  return { unit: 'ms', digits: 1, samples };
}

/** @param {import('../side.mjs').Side} side */
async function openTabs(side) {
  const keeper = await side.openPage(side.browsers.dialling);
  await keeper.call('openPeer', side.peerOptions());
  const page = await side.openPage(side.browsers.dialling);
  return {
    page,
    async close() {
      await page.page.close();
      await keeper.page.close();
    },
  };
}
