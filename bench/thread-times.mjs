// Processor time of the threads of a side's browsers, from the kernel's own records. Unlike elapsed time, it hardly depends on what
// else the machine does.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { asChromium } from './browsers.mjs';

/** The unit of /proc/…/stat on Linux: USER_HZ is 100 everywhere. */
const MILLISECONDS_A_TICK = 10;
const SHOWN_THREADS = 14;

/** Whether the kernel has these records, as Linux does. */
export const canMeasureTime = existsSync('/proc/self/task');

/** @typedef {Map<string, number>} Times milliseconds so far, by thread */

/**
 * Does `work` and reports its processor time by thread. Threads that end meanwhile are not counted.
 * @param {import('./side.mjs').Side} side
 * @param {() => Promise<unknown>} work
 * @returns {Promise<string[]>} lines, the heaviest thread first; empty if the kernel has no records
 */
export async function accountFor(side, work) {
  const before = await readTimes(side);
  await work();
  const after = await readTimes(side);
  const used = [...after]
    .map(([thread, time]) => /** @type {const} */ ([thread, time - (before.get(thread) ?? 0)]))
    .filter(([, time]) => time > 0)
    .sort(([, a], [, b]) => b - a);
  const total = used.reduce((sum, [, time]) => sum + time, 0);
  const line = (/** @type {string} */ what, /** @type {number} */ time) => `${String(time).padStart(6)} ms  ${what}`;
  const shown = used.slice(0, SHOWN_THREADS).map(([thread, time]) => line(thread.replace(/ #\d+$/, ''), time));
  return used.length > 0 ? [line('all threads', total), ...shown] : [];
}

/**
 * Does `work` and reports the processor time of all processes of the side's browsers meanwhile. Counts threads that end meanwhile,
 * but not processes that do.
 * @param {import('./side.mjs').Side} side
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number>} milliseconds
 */
export async function timeDuring(side, work) {
  const before = await readProcessTimes(side);
  await work();
  const after = await readProcessTimes(side);
  return [...after].reduce((sum, [id, time]) => sum + time - (before.get(id) ?? 0), 0);
}

/** @param {import('./side.mjs').Side} side @returns {Promise<Map<number, number>>} milliseconds so far, by process */
async function readProcessTimes({ browsers }) {
  const times = new Map();
  for (const browser of [browsers.dialling, browsers.answering]) {
    for (const id of await browser.processIds()) times.set(id, readStat(`/proc/${id}/stat`)?.time ?? 0);
  }
  return times;
}

/** @param {import('./side.mjs').Side} side */
async function readTimes({ browsers }) {
  /** @type {Times} */
  const times = new Map();
  if (!canMeasureTime) return times;
  for (const [end, browser] of /** @type {const} */ ([
    ['sending', asChromium(browsers.dialling)],
    ['receiving', asChromium(browsers.answering)],
  ])) {
    if (!browser) continue;
    const { host } = await browser.rendererProcesses();
    const { processInfo } = await browser.cdp.send('SystemInfo.getProcessInfo');
    for (const { id, type } of processInfo) {
      const role = id === host ? 'extension' : type.replace(/^\w+\.mojom\./, '');
      for (const [thread, time] of threadsOf(id)) times.set(`${end} ${role}, ${thread}`, time);
    }
  }
  return times;
}

/**
 * @param {number} processId
 * @returns {Times}
 */
function threadsOf(processId) {
  const folder = `/proc/${processId}/task`;
  /** @type {Times} */
  const times = new Map();
  for (const thread of existsSync(folder) ? readdirSync(folder) : []) {
    const stat = readStat(`${folder}/${thread}/stat`);
    if (stat) times.set(`${stat.name} #${thread}`, stat.time);
  }
  return times;
}

/**
 * Name and time in milliseconds of a process or thread; undefined if it has ended.
 * @param {string} path
 */
function readStat(path) {
  if (!existsSync(path)) return undefined;
  const [, name = '', rest = ''] = /\((.*)\) (.*)/.exec(readFileSync(path, 'utf8')) ?? [];
  // Fields 14 and 15 of proc(5), counted from the third: time in the program and in the kernel.
  const [user, system] = rest.split(' ').slice(11, 13).map(Number);
  return { name, time: (user + system) * MILLISECONDS_A_TICK };
}
