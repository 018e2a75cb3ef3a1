// Starts servers and browsers, measures the chosen figures, and closes everything again.
import { join } from 'node:path';
import { Bench } from './bench.mjs';
import { FIGURES } from './figures/index.mjs';
import { judge } from './row.mjs';
import { startDistance, startPeerServer, startSite } from './servers.mjs';
import { Side } from './side.mjs';

/** Round trip to the PeerServer in the figure `distant-start`. */
const DISTANCE_MS = 50;

/** @typedef {import('./table.mjs').Judged} Judged */
/**
 * @typedef {object} Result
 * @property {Judged[]} rows
 * @property {import('./bench.mjs').LeftOut[]} leftOut
 * @property {{ figure: string, error: unknown }[]} failures
 * @property {string} browser name and version
 */

/**
 * @param {import('./options.mjs').Options} options
 * @param {{ executablePath: string, extension: string, artifacts: string, interrupted: Promise<unknown> }} world
 * @param {(line: string) => void} report
 * @returns {Promise<Result>}
 */
export async function run(options, { executablePath, extension, artifacts, interrupted }, report) {
  const chosen = choose(options.only);
  /** Called in reverse order, whatever happens. @type {(() => unknown)[]} */
  const closers = [];
  try {
    const peerServer = await startPeerServer();
    closers.push(peerServer.close);
    const distance = await startDistance({ port: peerServer.port, roundTripMs: DISTANCE_MS });
    closers.push(distance.close);
    const site = await startSite();
    closers.push(site.close);
    const sides = [];
    for (const name of /** @type {const} */ (['PeerJS', 'Peerport'])) {
      const { browser } = options;
      const world = { browser, executablePath, extension, origin: site.origin, peerServerPort: peerServer.port };
      const side = await Side.open(name, world);
      closers.push(() => side.close());
      sides.push(side);
    }
    const world = { extension, distance, profileFolder: join(artifacts, 'profiles') };
    const bench = new Bench(sides, options, world, report);
    const stop = interrupted.then(() => Promise.reject(new Error('interrupted')));
    const measured = await Promise.race([measure(bench, chosen), stop]);
    return { ...measured, leftOut: bench.leftOut, browser: sides[0].browsers.dialling.version };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/**
 * Measures the figures one after the other. A figure that fails does not stop the others.
 * @param {Bench} bench
 * @param {string[]} chosen
 */
async function measure(bench, chosen) {
  /** @type {Judged[]} */
  const rows = [];
  const failures = [];
  for (const figure of chosen) {
    const startedAt = performance.now();
    try {
      rows.push(...(await FIGURES[figure](bench)).map(judge));
      bench.report(`${figure}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    } catch (error) {
      failures.push({ figure, error });
      bench.report(`${figure}: FAILED, ${String(error)}`);
    }
  }
  return { rows, failures };
}

/** @param {string[] | undefined} only */
function choose(only) {
  const names = Object.keys(FIGURES);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`unknown figure "${unknown}"; the figures are ${names.join(', ')}`);
  return names.filter((name) => !only || only.includes(name));
}
