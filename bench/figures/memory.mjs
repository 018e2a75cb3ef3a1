// Memory of pages and hosts: how much 1 GiB leaves behind if the sender paces itself, and how much a transfer takes at most if the
// sender does not. These transfers are long, so each side is measured once, whatever --rounds is.
import { asChromium } from '../browsers.mjs';
import { canMeasureMemory } from '../../scripts/process-memory.mjs';
import { PairMemory } from '../memory.mjs';
import { MIB } from '../units.mjs';

/** @typedef {import('../memory.mjs').Memory} Memory */
/** @typedef {import('../side.mjs').Side} Side */
/** @typedef {import('../side.mjs').Pair} Pair */
/** @typedef {import('../row.mjs').Row} Row */

const LIMITS = { must: { atMost: 64 }, aim: { atMost: 16 } };
const SAMPLING_INTERVAL_MS = 100;
/** A first transfer loads code and fills buffers and allocators, so that these do not count. */
const WARM_UP = load(16);

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<Row[]>} */
export async function measureStreamMemory(bench) {
  if (!isPossible(bench, 'memory kept after streaming')) return [];
  const count = bench.options.quick ? 64 : 1024;
  const growth = await bench.inTurns(1, (side) =>
    withPair(side, async (pair, memory) => {
      const before = await memory.settle();
      await stream(pair, load(count));
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
    withPair(side, async (pair, memory) => {
      const before = await memory.settle();
      const { peak } = await peakDuring(memory, () => pair.transfer(load(count)));
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
    bench.leaveOut(what, 'only Linux reports the memory of a process');
  } else if (!asChromium(bench.sides[0].browsers.dialling)) {
    bench.leaveOut(what, 'only Chromium reports which process belongs to which page, and collects garbage on request');
  } else {
    return true;
  }
  return false;
}

/**
 * @template T
 * @param {Side} side
 * @param {(pair: Pair, memory: PairMemory) => Promise<T>} use
 */
async function withPair(side, use) {
  const pair = await side.openConnectedPair({ reliable: true });
  try {
    await stream(pair, WARM_UP);
    return await use(pair, await PairMemory.of(side, pair));
  } finally {
    await pair.close();
  }
}

/** @param {Pair} pair @param {import('../pages/messages.js').Load} load */
async function stream(pair, load) {
  await pair.answerer.call('expectMessages', load);
  await pair.dialler.call('streamPaced', load);
}

/**
 * @param {PairMemory} memory
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
  // PeerJS has no host.
  const samples = { ...(!isHost && { PeerJS: inMebibytes(PeerJS) }), Peerport: inMebibytes(Peerport) };
  return { figure, unit: 'MiB', digits: 1, samples, compare: 'value' };
}
