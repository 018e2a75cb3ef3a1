import { defineConfig } from 'vitest/config';

/** These put the names of a page, as far as node lacks them, into the global object. */
const AS_IN_PAGE = ['test/unit/api/**/*.test.ts', 'test/contract/**/*.test.ts'];

/** Builds the whole extension several times, so it is a step of `npm test` alone. */
const PACKAGES = 'test/contract/packages.test.ts';

const environment = 'node';

export default defineConfig({
  test: {
    // A thread starts faster than a process.
    pool: 'threads',
    // This only ends what hangs: on a machine that does ten other things, a test takes ten times as long as alone.
    testTimeout: 60_000,
    projects: [
      // These share modules and globals: for each file to have its own takes longer than the tests themselves.
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/fuzz/**/*.test.ts'],
          exclude: AS_IN_PAGE,
          isolate: false,
          environment,
        },
      },
      { extends: true, test: { name: 'page', include: AS_IN_PAGE, exclude: [PACKAGES], environment } },
      { extends: true, test: { name: 'packages', include: [PACKAGES], environment } },
    ],
  },
});
