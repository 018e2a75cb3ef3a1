// npm test: everything a change must pass, from a bare clone. Stops at the first step that fails, with its exit code.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm, ROOT } from './npm.mjs';
import { setUp, setUpTurnServer } from './setup.mjs';

const UNIT_REPORT = join(ROOT, 'artifacts', 'unit.json');
const BROWSER_REPORT = join(ROOT, 'artifacts', 'browser.json');

const totals = { passed: 0, failed: 0 };

step('set up', () => {
  setUp('chromium', 'firefox');
  setUpTurnServer();
  return 0;
});
mkdirSync(join(ROOT, 'artifacts'), { recursive: true });
for (const report of [UNIT_REPORT, BROWSER_REPORT]) rmSync(report, { force: true });

step('typecheck', () => npm(['run', '--silent', 'typecheck']));
step('lint', () => npm(['run', '--silent', 'lint']));
step('build', () => npm(['run', '--silent', 'build']));
step('lint of the Firefox build', () => npm(['run', '--silent', 'lint:firefox']));
step('unit tests', runUnitTests);
step('browser tests', runBrowserTests);
finish(0);

function runUnitTests() {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`];
  const code = npm(['run', '--silent', 'test:unit', '--', ...reporters]);
  const { numPassedTests = 0, numFailedTests = 0 } = readReport(UNIT_REPORT);
  return count(code, numPassedTests, numFailedTests);
}

function runBrowserTests() {
  const code = npm(['run', '--silent', 'test:e2e', '--', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: BROWSER_REPORT,
  });
  const { expected = 0, unexpected = 0, flaky = 0 } = readReport(BROWSER_REPORT).stats ?? {};
  // A test that passes only when it is run again has failed.
  return count(code, expected, unexpected + flaky);
}

/**
 * Adds to the totals. A step that ran no test proves nothing, so it counts as failed.
 * @param {number} code
 * @param {number} passed
 * @param {number} failed
 */
function count(code, passed, failed) {
  totals.passed += passed;
  totals.failed += failed;
  if (code !== 0) return code;
  return failed > 0 || passed === 0 ? 1 : 0;
}

/** @param {string} path */
function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

/**
 * @param {string} name
 * @param {() => number} run gives the exit code
 */
function step(name, run) {
  console.log(`\n=== ${name}`);
  const startedAt = performance.now();
  const code = run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`=== ${name}: ${code === 0 ? 'ok' : `failed (exit code ${code})`}, ${seconds} s`);
  if (code === 0) return;
  // A step without tests of its own, or one that broke before it could count, is a failure too.
  totals.failed ||= 1;
  finish(code);
}

/** @param {number} code */
function finish(code) {
  console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
  process.exit(code);
}
