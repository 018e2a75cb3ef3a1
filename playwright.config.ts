import { defineConfig } from '@playwright/test';
import type { WorkerOptions } from './test/support/fixtures';

/** What pages see of Peerport. What the host alone does is the same in both browsers, and is tested in Chromium. */
const IN_FIREFOX = [
  ...['constructor', 'data-connection', 'payloads', 'lifecycle', 'errors', 'emitter', 'serializers', 'wire', 'util'],
  ...['limits', 'calls', 'call-endings', 'call-tracks', 'call-failures'],
];

const NEEDS_FIREFOX = ['**/cross-browser.spec.ts', '**/firefox/*.spec.ts'];

export default defineConfig<object, WorkerOptions>({
  testDir: 'test/e2e',
  outputDir: 'artifacts/test-results',
  fullyParallel: true,
  // One worker keeps more than one core busy, by the processor time of all its processes. Another also starts browsers anew.
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // These only end what hangs. On a machine that does ten other things, a test takes ten times as long as alone, and a worker's
  // first test also waits for two browsers to start.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['json', { outputFile: 'artifacts/e2e.json' }]],
  projects: [
    { name: 'chromium', use: { mainBrowser: 'chromium' }, testIgnore: NEEDS_FIREFOX },
    {
      name: 'firefox',
      use: { mainBrowser: 'firefox' },
      testMatch: [...IN_FIREFOX.map((name) => `conformance/${name}.spec.ts`), ...NEEDS_FIREFOX],
      // What needs Chromium; the reference, which is proved in Chromium, unless it differs; and Peerport at both ends, which
      // shows nothing here that it does not show with PeerJS at one of them.
      grepInvert: [/@chromium/, /@reference(?!.*@differs-in-firefox)/, /\(peerport[^)]* → peerport[^)]*\) /],
    },
  ],
});
