// npm run fuzz: attacks the built extension with mutated messages at all its doors, by seed. First everything that reads
// them in one process, then the extension in Chromium. Exits 0 if nothing broke, nothing stayed and nobody else lost a message.
import { parseArgs } from 'node:util';
import { npm } from './npm.mjs';
import { setUp } from './setup.mjs';

const USAGE = `npm run fuzz -- [options]
  --seed N       the first number of all random choices (default: another one each time, which is printed)
  --minutes M    how long the extension is attacked in the browser (default 1)
  --step N       this step alone, as a failed run has named it
  --built        dist/chrome is there and new: do not build it`;

/** Inputs for each parser in a minute of fuzzing. */
const ITERATIONS_A_MINUTE = 500;

const { seed, minutes, step, built } = readOrExplain();
setUp('chromium');
const environment = {
  FUZZ_SEED: String(seed),
  FUZZ_MINUTES: String(minutes),
  FUZZ_ITERATIONS: String(Math.ceil(ITERATIONS_A_MINUTE * minutes)),
  ...(step !== undefined && { FUZZ_STEP: String(step) }),
};
console.log(`seed ${seed}; to repeat: npm run fuzz -- --seed ${seed} --minutes ${minutes}`);
const code =
  (built ? 0 : npm(['run', '--silent', 'build'], { TARGET: 'chrome' })) ||
  (step === undefined ? npm(['exec', '--', 'vitest', 'run', 'test/fuzz'], environment) : 0) ||
  npm(['exec', '--', 'playwright', 'test', '--config', 'test/fuzz/playwright.config.ts'], environment);
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
    const whole = (/** @type {string} */ name, /** @type {string} */ text) => {
      const number = Number(text);
      if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} takes a whole number`);
      return number;
    };
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) throw new Error('--minutes takes a number above 0');
    return {
      seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : whole('seed', values.seed),
      minutes,
      step: values.step === undefined ? undefined : whole('step', values.step),
      built: values.built,
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(1);
  }
}
