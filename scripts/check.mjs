// npm run check: the checks that a change must pass before a commit. The steps share no files, so they run in parallel.
import { rmSync } from 'node:fs';
import { npmCollected } from './npm.mjs';
import { runTogether } from './steps.mjs';

// Lints only changed files. If a changed type breaks a rule in another file, `npm test` finds that, because it lints all files.
const CACHE = 'artifacts/eslint-cache';
const CACHED = ['--cache', '--cache-strategy', 'content', '--cache-location', CACHE];

process.exitCode = await runTogether([
  { name: 'lint:code', run: lintCode },
  ...['typecheck', 'lint:circles', 'lint:unused', 'lint:links', 'lint:format', 'test:unit'].map((name) => ({
    name,
    run: () => npmCollected(['run', '--silent', name]),
  })),
]);

async function lintCode() {
  const outcome = await npmCollected(['run', '--silent', 'lint:code', '--', ...CACHED]);
  // Without this, a fault whose cause was a type in another file would be reported until its own file changes.
  if (outcome.code !== 0) rmSync(CACHE, { force: true });
  return outcome;
}
