// npm run check: the checks that a change must pass before a commit. The steps share no files, so they run in parallel.
import { rmSync } from 'node:fs';
import { npmCollected } from './npm.mjs';
import { runTogether } from './steps.mjs';

// Lints only changed files. If a changed type breaks a rule in another file, `npm test` finds that, because it lints all files.
const CACHE = 'artifacts/eslint-cache';
const CACHED = ['--cache', '--cache-strategy', 'content', '--cache-location', CACHE];

process.exitCode = await runTogether(
  [
    ['typecheck'],
    ['lint:code', '--', ...CACHED],
    ['lint:circles'],
    ['lint:unused'],
    ['lint:links'],
    ['lint:format'],
    ['test:unit'],
  ].map(([name = '', ...rest]) => ({
    name,
    run: async () => {
      const outcome = await npmCollected(['run', '--silent', name, ...rest]);
      // Without this, a fault whose cause was a type in another file would be reported until its own file changes.
      if (name === 'lint:code' && outcome.code !== 0) rmSync(CACHE, { force: true });
      return outcome;
    },
  })),
);
