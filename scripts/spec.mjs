// npm run spec -- chromium|firefox [arguments of `playwright test`]: makes the builds that these specs need, and runs the specs.
import { npm } from './npm.mjs';

/** The target of the build for each browser. */
const TARGETS = { chromium: 'chrome', firefox: 'firefox' };

const [browser, ...rest] = process.argv.slice(2);
if (browser === undefined || !Object.hasOwn(TARGETS, browser)) {
  console.error('Name the browser first: npm run spec -- firefox test/e2e/conformance/errors.spec.ts -g "a title"');
  process.exit(1);
}
const files = rest.filter((argument) => argument.includes('.spec'));
// Cross-browser specs belong to the Firefox project and need both builds.
const needsBoth = browser === 'firefox' && (files.length === 0 || files.some((file) => file.includes('cross-browser')));
const built = npm(['run', '--silent', 'build'], needsBoth ? {} : { TARGET: TARGETS[browser] });
process.exit(built === 0 ? npm(['run', '--silent', 'test:e2e', '--', `--project=${browser}`, ...rest]) : built);
