import { defineConfig } from '@playwright/test';

/** The configuration of `npm run fuzz`: one worker, no retries. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../artifacts/fuzz',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: '../../artifacts/fuzz.json' }]],
});
