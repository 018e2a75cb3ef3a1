import { defineConfig } from 'vitest/config';

/** Builds the whole extension several times, so it is a step of `npm test` alone. */
const PACKAGES = 'test/contract/packages.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          exclude: [PACKAGES],
          // Each file still has modules and globals of its own; a thread starts faster than a process.
          pool: 'threads',
          environment: 'node',
        },
      },
      { test: { name: 'packages', include: [PACKAGES], environment: 'node' } },
    ],
  },
});
