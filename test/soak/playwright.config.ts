import { defineConfig } from '@playwright/test';

/** The configuration of `npm run soak`: one worker, no retries. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../artifacts/soak/results',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: '../../artifacts/soak/report.json' }]],
});
