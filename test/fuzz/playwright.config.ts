import { defineConfig } from '@playwright/test';

/** Of `npm run fuzz`: one run, as long as it takes. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../artifacts/fuzz',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: '../../artifacts/fuzz.json' }]],
});
