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
          environment: 'node',
        },
      },
      { test: { name: 'packages', include: [PACKAGES], environment: 'node' } },
    ],
  },
});
