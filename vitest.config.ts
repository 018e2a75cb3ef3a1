import { defineConfig } from 'vitest/config';

/** Tests that add a page's globals to Node's. Each file needs a context of its own. */
const AS_IN_PAGE = ['test/unit/api/**/*.test.ts', 'test/contract/**/*.test.ts'];

/** Builds the whole extension several times, so it is a step of `npm test` alone. */
const PACKAGES = 'test/contract/packages.test.ts';

const environment = 'node';

export default defineConfig({
  test: {
    // A thread starts faster than a process.
    pool: 'threads',
    // Only ends tests that hang: on a busy machine a test takes ten times as long as on an idle one.
    testTimeout: 60_000,
    projects: [
      // Files share modules and globals, because separate contexts would take longer than the tests.
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
