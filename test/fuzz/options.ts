// What `npm run fuzz` has been asked for (scripts/fuzz.mjs), or the defaults of a run without it.

function numberOf(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
}

/** The first number of all random choices: the same seed gives the same run. */
export const SEED = numberOf('FUZZ_SEED') ?? 1;

/** How long the built extension is attacked. Checks before and after come on top. */
export const MINUTES = numberOf('FUZZ_MINUTES') ?? 1;

/** This step alone, to repeat what a failed run has named. */
export const ONLY_STEP = numberOf('FUZZ_STEP');

/** Inputs for each parser: some seconds' worth without `npm run fuzz`, and more with it. */
export const ITERATIONS = numberOf('FUZZ_ITERATIONS') ?? 100;

/** How a failure is repeated. */
export function repetition(step: number): string {
  return `seed ${SEED}, step ${step}: npm run fuzz -- --seed ${SEED} --step ${step}`;
}
