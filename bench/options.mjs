// The benchmark's command line.
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [options]
  --browser NAME     chromium (default) or firefox
  --rounds N         measure everything N times, PeerJS and Peerport in turns (default 5)
  --only name,name   these figures alone; a wrong name prints the right ones
  --quick            smaller transfers and 2 rounds: whether it works, not how well
  --long             let the sender that outruns the network do so by 1 GiB instead of 256 MiB
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
 * Throws where the line makes no sense.
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
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1 on');
  const { browser } = values;
  if (browser !== 'chromium' && browser !== 'firefox') throw new Error('--browser takes chromium or firefox');
  if (values.profile && browser !== 'chromium') throw new Error('--profile takes the instruments of Chromium');
  return { ...values, browser, rounds, only: values.only?.split(',') };
}
