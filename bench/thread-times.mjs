// Which threads of a link's browsers use the processor, by the kernel's own account. Unlike elapsed time, it hardly
// changes with what else the machine does.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The unit of /proc/…/stat on Linux: USER_HZ is 100 everywhere. */
const MILLISECONDS_A_TICK = 10;
const SHOWN_THREADS = 14;

/** @typedef {Map<string, number>} Times milliseconds so far, by thread */

/**
 * Does `work` and tells what it cost. Threads that end meanwhile are not counted.
 * @param {import('./side.mjs').Side} side
 * @param {() => Promise<unknown>} work
 * @returns {Promise<string[]>} lines, the heaviest thread first; none where the kernel does not tell
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

/** @param {import('./side.mjs').Side} side */
async function readTimes({ browsers }) {
  /** @type {Times} */
  const times = new Map();
  if (!existsSync('/proc/self/task')) return times;
  for (const [end, browser] of /** @type {const} */ ([
    ['sending', browsers.dialling],
    ['receiving', browsers.answering],
  ])) {
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
    const path = `${folder}/${thread}/stat`;
    if (!existsSync(path)) continue;
    const [, name = '', rest = ''] = /\((.*)\) (.*)/.exec(readFileSync(path, 'utf8')) ?? [];
    // Fields 14 and 15 of proc(5), counted from the third: time in the program and in the kernel.
    const [user, system] = rest.split(' ').slice(11, 13).map(Number);
    times.set(`${name} #${thread}`, (user + system) * MILLISECONDS_A_TICK);
  }
  return times;
}
