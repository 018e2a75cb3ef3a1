// CPU profiles of two connected pages and of their hosts.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromiumOf } from './browsers.mjs';

/** Microseconds between samples. */
const INTERVAL_US = 500;
const SHOWN_FUNCTIONS = 14;

/** @typedef {{ send: (method: any, params?: any) => Promise<any>, detach: () => Promise<void> }} Session */

/**
 * @param {import('./side.mjs').Side} side
 * @param {import('./side.mjs').Pair} pair
 */
export async function openProfiler(side, pair) {
  const dialling = chromiumOf(side.browsers.dialling);
  const answering = chromiumOf(side.browsers.answering);
  /** @type {[string, Session | undefined][]} */
  const candidates = [
    ['sending page', await dialling.sessionOf(pair.dialler.page)],
    ['sending host', await dialling.attachToHost()],
    ['receiving host', await answering.attachToHost()],
    ['receiving page', await answering.sessionOf(pair.answerer.page)],
  ];
  const targets = candidates.filter(/** @returns {c is [string, Session]} */ (c) => c[1] !== undefined);
  for (const [, session] of targets) {
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    await session.send('Profiler.start');
  }
  return {
    /**
     * @param {string} label
     * @param {string} folder
     * @param {(line: string) => void} report
     */
    async finish(label, folder, report) {
      await mkdir(folder, { recursive: true });
      for (const [name, session] of targets) {
        const { profile } = await session.send('Profiler.stop');
        await session.detach();
        const file = `${label}, ${name}.cpuprofile`.replaceAll(/[^\w.]+/g, '-');
        await writeFile(join(folder, file), JSON.stringify(profile));
        report(`profile: ${label}, ${name}`);
        for (const line of heaviest(profile)) report(`  ${line}`);
      }
    },
  };
}

/**
 * The functions with the longest self time.
 * @param {any} profile
 * @returns {string[]}
 */
function heaviest({ nodes, samples, timeDeltas }) {
  /** @type {Map<number, string>} */
  const names = new Map(nodes.map((/** @type {any} */ node) => [node.id, nameOf(node.callFrame)]));
  /** @type {Map<string, number>} */
  const selfTimes = new Map();
  let total = 0;
  samples.forEach((/** @type {number} */ id, /** @type {number} */ index) => {
    const name = names.get(id) ?? '?';
    // The delta of a sample is the time since the previous one.
    const milliseconds = (timeDeltas[index + 1] ?? 0) / 1000;
    selfTimes.set(name, (selfTimes.get(name) ?? 0) + milliseconds);
    total += milliseconds;
  });
  return [...selfTimes]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN_FUNCTIONS)
    .map(([name, ms]) => `${ms.toFixed(0).padStart(6)} ms ${((100 * ms) / total).toFixed(1).padStart(5)} %  ${name}`);
}

/** @param {{ functionName: string, url: string, lineNumber: number }} callFrame */
function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name} ${url.split('/').at(-1)}:${lineNumber + 1}`;
}
