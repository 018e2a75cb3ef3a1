import { defineConfig } from '@playwright/test';

/** Of `npm run soak`: one run, as long as it takes. */
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../../artifacts/soak/results',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: '../../artifacts/soak/report.json' }]],
});
