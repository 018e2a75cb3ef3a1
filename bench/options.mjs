// The benchmark's command line.
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [options]
  --browser NAME     chromium (default) or firefox
  --rounds N         measure each figure N times, PeerJS and Peerport in turns (default 5)
  --only name,name   measure only these figures; an unknown name prints all names
  --quick            smaller transfers and 2 rounds: shows whether it works, not how fast
  --long             let the sender outrun the network by 1 GiB instead of 256 MiB
  --profile          add a CPU profile of pages and host to throughput, stall and json, and the heaviest threads to
                     call-cpu (builds without minification; Chromium only)
  --extension DIR    measure this built extension instead of building dist/chrome or dist/firefox`;

/**
 * @typedef {object} Options
 * @property {import('../scripts/setup.mjs').BrowserName} browser
 * @property {number} rounds
 * @property {string[] | undefined} only
 * @property {boolean} quick
 * @property {boolean} long
 * @property {boolean} profile
 * @property {string | undefined} extension
 */

/**
 * Throws if the options are invalid.
 * @param {string[]} argv
 * @returns {Options}
 */
export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      browser: { type: 'string', default: 'chromium' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      extension: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number of at least 1');
  const { browser } = values;
  if (browser !== 'chromium' && browser !== 'firefox') throw new Error('--browser takes chromium or firefox');
  if (values.profile && browser !== 'chromium') throw new Error('--profile works only with --browser chromium');
  return { ...values, browser, rounds, only: values.only?.split(',') };
}
