import { defineConfig } from '@playwright/test';
import type { WorkerOptions } from './test/support/fixtures';

/** Specs about what pages see of Peerport. The host's own behaviour is the same in both browsers; Chromium alone tests it. */
const IN_FIREFOX = [
  ...[
    'constructor',
    'data-connection',
    'payloads',
    'lifecycle',
    'errors',
    'emitter',
    'proxies',
    'serializers',
    'wire',
    'util',
  ],
  ...['limits', 'calls', 'call-endings', 'call-tracks', 'call-failures'],
];

const NEEDS_FIREFOX = ['**/cross-browser.spec.ts', '**/firefox/*.spec.ts'];

export default defineConfig<object, WorkerOptions>({
  testDir: 'test/e2e',
  outputDir: 'artifacts/test-results',
  fullyParallel: true,
  // One worker's processes together keep more than one core busy. Each further worker also starts browsers of its own.
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // These limits only end tests that hang. On a busy machine a test takes ten times as long as on an idle one, and a worker's
  // first test also waits for two browsers to start.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['json', { outputFile: 'artifacts/e2e.json' }]],
  projects: [
    // First, because its one test takes longer than any other: a minute by default (test/fuzz/options.ts).
    { name: 'fuzz', testDir: 'test/fuzz', testMatch: 'fuzz.spec.ts' },
    { name: 'chromium', use: { mainBrowser: 'chromium' }, testIgnore: NEEDS_FIREFOX },
    {
      name: 'firefox',
      use: { mainBrowser: 'firefox' },
      testMatch: [...IN_FIREFOX.map((name) => `conformance/${name}.spec.ts`), ...NEEDS_FIREFOX],
      // Firefox leaves out tests that need Chromium; tests of PeerJS itself, which run in Chromium, unless PeerJS differs in
      // Firefox; and tests with Peerport at both ends, which show nothing that Peerport against PeerJS does not show.
      grepInvert: [/@chromium/, /@reference(?!.*@differs-in-firefox)/, /\(peerport[^)]* → peerport[^)]*\) /],
    },
  ],
});
