import { defineConfig } from '@playwright/test';
import type { WorkerOptions } from './test/support/fixtures';

export default defineConfig<object, WorkerOptions>({
  testDir: 'test/e2e',
  outputDir: 'artifacts/test-results',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // A worker's first test also waits for two browsers to start, which takes a slow machine twenty seconds.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: 'artifacts/e2e.json' }]],
  projects: [
    { name: 'chromium', use: { mainBrowser: 'chromium' } },
    { name: 'firefox', use: { mainBrowser: 'firefox' }, testMatch: 'conformance/*.spec.ts' },
  ],
});
