// npm run check: the checks that a change must pass before a commit. The steps share no files, so they run in parallel.
import { npmCollected } from './npm.mjs';
import { runTogether } from './steps.mjs';

// Lints only changed files. If a changed type breaks a rule in another file, `npm test` finds that, because it lints all files.
const CACHED = ['--cache', '--cache-strategy', 'content', '--cache-location', 'artifacts/eslint-cache'];

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
    run: () => npmCollected(['run', '--silent', name, ...rest]),
  })),
);
