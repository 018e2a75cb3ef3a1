// The options of `npm run fuzz` (scripts/fuzz.mjs), with defaults for a run without that script.

function numberOf(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
}

/** The seed of all random choices: the same seed repeats the run. */
export const SEED = numberOf('FUZZ_SEED') ?? 1;

/** How long to attack the built extension, without the checks before and after. */
export const MINUTES = numberOf('FUZZ_MINUTES') ?? 1;

/** Run only this step, to repeat a failure. Default: all steps. */
export const ONLY_STEP = numberOf('FUZZ_STEP');

/** Inputs for each parser. The default takes some seconds; `npm run fuzz` sets more. */
export const ITERATIONS = numberOf('FUZZ_ITERATIONS') ?? 100;

/** The command that repeats a failed step, with its seed. */
export function repetition(step: number): string {
  return `seed ${SEED}, step ${step}: npm run fuzz -- --seed ${SEED} --step ${step}`;
}
