// What 1 GiB leaves behind in pages and hosts when the sender minds its memory, and what it takes meanwhile when the
// sender does not. Long transfers, so each side is measured once, whatever --rounds says.
import { asChromium } from '../browsers.mjs';
import { canMeasureMemory, LinkMemory } from '../memory.mjs';
import { MIB } from '../units.mjs';

/** @typedef {import('../memory.mjs').Memory} Memory */
/** @typedef {import('../side.mjs').Side} Side */
/** @typedef {import('../side.mjs').Pair} Pair */
/** @typedef {import('../row.mjs').Row} Row */

const LIMITS = { must: { atMost: 64 }, aim: { atMost: 16 } };
const SAMPLING_INTERVAL_MS = 100;
/** Brings code, buffers and allocators to where any transfer would, before the first reading. */
const WARM_UP = load(16);

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<Row[]>} */
export async function measureStreamMemory(bench) {
  if (!isPossible(bench, 'memory kept after streaming')) return [];
  const count = bench.options.quick ? 64 : 1024;
  const growth = await bench.inTurns(1, (side) =>
    withLink(side, async (link, memory) => {
      const before = await memory.settle();
      await stream(link, load(count));
      return growthOf(before, await memory.settle());
    }),
  );
  const what = `memory kept after streaming ${count} MiB`;
  return [
    { ...row(`${what}, sending host`, growth, 'sendingHost'), ...LIMITS },
    { ...row(`${what}, receiving host`, growth, 'receivingHost'), ...LIMITS },
    { ...row(`${what}, sending page`, growth, 'sendingPage'), ...LIMITS },
    { ...row(`${what}, receiving page`, growth, 'receivingPage'), ...LIMITS },
  ];
}

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<Row[]>} */
export async function measureOutrunMemory(bench) {
  if (!isPossible(bench, 'memory at most while much is sent at once')) return [];
  const count = bench.options.long ? 1024 : bench.options.quick ? 64 : 256;
  const growth = await bench.inTurns(1, (side) =>
    withLink(side, async (link, memory) => {
      const before = await memory.settle();
      const { peak } = await peakDuring(memory, () => link.transfer(load(count)));
      return growthOf(before, peak);
    }),
  );
  const what = `memory at most while ${count} MiB are sent at once`;
  return [
    { ...row(`${what}, sending host`, growth, 'sendingHost'), ...LIMITS },
    row(`${what}, receiving host`, growth, 'receivingHost'),
    row(`${what}, sending page`, growth, 'sendingPage'),
    row(`${what}, receiving page`, growth, 'receivingPage'),
  ];
}

/** @param {import('../bench.mjs').Bench} bench @param {string} what */
function isPossible(bench, what) {
  if (!canMeasureMemory) {
    bench.leaveOut(what, 'only Linux tells what a process holds');
  } else if (!asChromium(bench.sides[0].browsers.dialling)) {
    bench.leaveOut(what, 'only Chromium tells which processes are whose, and collects garbage when asked');
  } else {
    return true;
  }
  return false;
}

/**
 * @template T
 * @param {Side} side
 * @param {(link: Pair, memory: LinkMemory) => Promise<T>} use
 */
async function withLink(side, use) {
  const link = await side.openLink({ reliable: true });
  try {
    await stream(link, WARM_UP);
    return await use(link, await LinkMemory.of(side, link));
  } finally {
    await link.close();
  }
}

/** @param {Pair} link @param {import('../pages/messages.js').Load} load */
async function stream(link, load) {
  await link.answerer.call('expectMessages', load);
  await link.dialler.call('streamPaced', load);
}

/**
 * @param {LinkMemory} memory
 * @param {() => Promise<unknown>} work
 */
async function peakDuring(memory, work) {
  const peak = memory.read();
  const timer = setInterval(() => {
    const now = memory.read();
    for (const key of keysOf(now)) peak[key] = Math.max(peak[key], now[key]);
  }, SAMPLING_INTERVAL_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return { peak };
}

/** @param {Memory} before @param {Memory} after @returns {Memory} */
function growthOf(before, after) {
  const growth = { ...after };
  for (const key of keysOf(growth)) growth[key] -= before[key];
  return growth;
}

/** @param {Memory} memory */
function keysOf(memory) {
  return /** @type {(keyof Memory)[]} */ (Object.keys(memory));
}

/** @param {number} count @returns {import('../pages/messages.js').Load} */
function load(count) {
  return { kind: 'bytes', count, byteLength: MIB };
}

/**
 * @param {string} figure
 * @param {import('../bench.mjs').BySide<Memory[]>} growth
 * @param {keyof Memory} where
 * @returns {Row}
 */
function row(figure, { PeerJS, Peerport }, where) {
  const inMebibytes = (/** @type {Memory[]} */ list) => list.map((memory) => memory[where] / MIB);
  const isHost = where.endsWith('Host');
  // PeerJS has no host: there the page is all.
  const samples = { ...(!isHost && { PeerJS: inMebibytes(PeerJS) }), Peerport: inMebibytes(Peerport) };
  return { figure, unit: 'MiB', digits: 1, samples, compare: 'value' };
}
