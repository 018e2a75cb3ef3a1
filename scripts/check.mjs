// npm run check: what a change must pass before a commit. The steps share no files, so they run beside each other.
import { npmCollected } from './npm.mjs';
import { runTogether } from './steps.mjs';

process.exitCode = await runTogether(
  ['typecheck', 'lint:code', 'lint:format', 'test:unit'].map((name) => ({
    name,
    run: () => npmCollected(['run', '--silent', name]),
  })),
);
