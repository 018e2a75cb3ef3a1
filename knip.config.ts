// Who uses what: knip finds exports, files and packages that nobody does. It knows the configurations of Vite, Vitest, Playwright
// and ESLint, and what package.json's scripts name; the rest begins here.
import type { KnipConfig } from 'knip';

export default {
  entry: [
    // The manifests' scripts and the pages': one a context.
    'extension/*/index{,.iife}.{ts,tsx}',
    // `#platform/…` for Firefox; package.json's `imports` lead to Chrome's by default.
    'extension/platform/firefox/*.ts',
    // Pages name these, and Playwright's and the benchmark's code inside `evaluate`.
    'demo/app.js',
    'bench/pages/*.js',
    // What page authors get, and the programs that a test compiles with it.
    'src/api/public-globals.d.ts',
    'test/support/{peerjs,global}-program.ts',
    // Tests at random and of long hours.
    'scripts/{fuzz,soak}.mjs',
    'test/{fuzz,soak}/*.{spec,test}.ts',
    'test/{fuzz,soak}/page/index.ts',
    'test/{fuzz,soak}/playwright.config.ts',
  ],
  project: ['{bench,demo,extension,scripts,src,test}/**/*.{js,mjs,ts,tsx}', '*.{js,ts}'],
  // Vite's, in Vite's version.
  ignoreDependencies: ['rolldown'],
} satisfies KnipConfig;
