// The steps of `npm test` and `npm run check`: each prints its name, its output, and how long it took.

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<Outcome>} run
 *
 * @typedef {object} Outcome
 * @property {number} code 0 if the step succeeded
 * @property {string} [output] the output, printed when the step has ended
 */

/**
 * Runs steps in parallel. Every step runs to its end even if another fails, so that one run shows every fault.
 * @param {Step[]} steps
 * @returns {Promise<number>} the first exit code, in the order of `steps`, that is not 0
 */
export async function runTogether(steps) {
  const codes = await Promise.all(steps.map(runStep));
  return codes.find((code) => code !== 0) ?? 0;
}

/** @param {Step} step */
async function runStep({ name, run }) {
  const startedAt = performance.now();
  const { code, output = '' } = await run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const result = code === 0 ? 'ok' : `failed (exit code ${code})`;
  console.log(`\n=== ${name}\n${output}=== ${name}: ${result}, ${seconds} s`);
  return code;
}
