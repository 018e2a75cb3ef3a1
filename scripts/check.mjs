// npm run check: what a change must pass before a commit. The steps share no files, so they run beside each other.
import { npmCollected } from './npm.mjs';
import { runTogether } from './steps.mjs';

// Looks at changed files alone. A rule that a changed type breaks in another file is left to `npm test`, which looks at all.
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
