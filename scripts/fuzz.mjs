// npm run fuzz: attacks the built extension with mutated messages, which a seed determines. The first part runs all
// parsers in one process; the second part attacks the extension in Chromium through every entry point. Exits 0 if
// nothing broke, no resources were left behind and no honest page lost a message.
import { parseArgs } from 'node:util';
import { npm } from './npm.mjs';
import { setUp } from './setup.mjs';

const USAGE = `npm run fuzz -- [options]
  --seed N       the seed of all random choices (default: a new random seed, which is printed)
  --minutes M    how long to attack the extension in the browser (default 1)
  --step N       run only this step, for example the one that a failed run printed
  --built        skip the build: dist/chrome is up to date`;

/** Inputs for each parser, per minute of fuzzing in the browser. */
const ITERATIONS_PER_MINUTE = 500;

const { seed, minutes, step, built } = readOrExplain();
setUp('chromium');
const environment = {
  FUZZ_SEED: String(seed),
  FUZZ_MINUTES: String(minutes),
  FUZZ_ITERATIONS: String(Math.ceil(ITERATIONS_PER_MINUTE * minutes)),
  ...(step !== undefined && { FUZZ_STEP: String(step) }),
};
console.log(`seed ${seed}; to repeat: npm run fuzz -- --seed ${seed} --minutes ${minutes}`);
const code =
  (built ? 0 : npm(['run', '--silent', 'build'], { TARGET: 'chrome' })) ||
  (step === undefined ? npm(['exec', '--', 'vitest', 'run', 'test/fuzz'], environment) : 0) ||
  npm(['run', '--silent', 'test:e2e', '--', '--project=fuzz', '--reporter=list'], environment);
if (code !== 0) console.log(`failed with seed ${seed}`);
process.exit(code);

function readOrExplain() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string' },
        minutes: { type: 'string', default: '1' },
        step: { type: 'string' },
        built: { type: 'boolean', default: false },
      },
    });
    const parseWhole = (/** @type {string} */ name, /** @type {string} */ text) => {
      const number = Number(text);
      if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} takes a whole number`);
      return number;
    };
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) throw new Error('--minutes takes a number above 0');
    return {
      seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : parseWhole('seed', values.seed),
      minutes,
      step: values.step === undefined ? undefined : parseWhole('step', values.step),
      built: values.built,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(1);
  }
}
