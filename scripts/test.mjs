// npm test: runs every check that a change must pass, from a bare clone. Independent steps run in parallel. If one fails, its
// parallel steps still finish, but no later step runs. The exit code is that of the failed step.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm, npmCollected, ROOT } from './npm.mjs';
import { playwrightTests, unprovedRows, vitestTests } from './security-rows.mjs';
import { setUp, setUpTurnServer } from './setup.mjs';
import { runTogether } from './steps.mjs';

const UNIT_REPORT = join(ROOT, 'artifacts', 'unit.json');
const PACKAGES_REPORT = join(ROOT, 'artifacts', 'package-tests.json');
const BROWSER_REPORT = join(ROOT, 'artifacts', 'browser.json');

const totals = { passed: 0, failed: 0 };

step('set up', () => {
  setUp('chromium', 'firefox');
  setUpTurnServer();
  return 0;
});
mkdirSync(join(ROOT, 'artifacts'), { recursive: true });
for (const report of [UNIT_REPORT, PACKAGES_REPORT, BROWSER_REPORT]) rmSync(report, { force: true });

step('build', () => npm(['run', '--silent', 'build']));
endOnFailure(
  await runTogether([
    { name: 'typecheck', run: () => npmCollected(['run', '--silent', 'typecheck']) },
    { name: 'lint', run: () => npmCollected(['run', '--silent', 'lint']) },
    { name: 'unit tests', run: () => runVitest('test:unit', UNIT_REPORT) },
    { name: 'lint of the Firefox build, then tests of the packages', run: lintAndPackage },
  ]),
);
step('browser tests', runBrowserTests);
step('tests that SECURITY.md names', checkSecurityRows);
finish(0);

/** In sequence, because the package tests build into the folder that the linter reads. */
async function lintAndPackage() {
  const lint = await npmCollected(['run', '--silent', 'lint:firefox']);
  if (lint.code !== 0) return lint;
  const tests = await runVitest('test:packages', PACKAGES_REPORT);
  return { code: tests.code, output: lint.output + tests.output };
}

/**
 * @param {string} script
 * @param {string} report
 */
async function runVitest(script, report) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { code, output } = await npmCollected(['run', '--silent', script, '--', ...reporters]);
  const { numPassedTests = 0, numFailedTests = 0 } = readReport(report);
  return { code: count(code, numPassedTests, numFailedTests), output };
}

function runBrowserTests() {
  const code = npm(['run', '--silent', 'test:e2e', '--', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: BROWSER_REPORT,
  });
  const { expected = 0, unexpected = 0, flaky = 0 } = readReport(BROWSER_REPORT).stats ?? {};
  // A test that passes only on a retry has failed.
  return count(code, expected, unexpected + flaky);
}

function checkSecurityRows() {
  const tests = [
    ...[UNIT_REPORT, PACKAGES_REPORT].flatMap((report) => vitestTests(readReport(report), ROOT)),
    ...playwrightTests(readReport(BROWSER_REPORT), ROOT),
  ];
  const faults = unprovedRows(readFileSync(join(ROOT, 'SECURITY.md'), 'utf8'), tests);
  for (const fault of faults) console.error(fault);
  totals.failed += faults.length;
  return faults.length === 0 ? 0 : 1;
}

/**
 * Adds to the totals. A step that ran no test counts as failed, because it proves nothing.
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
 * @param {() => number} run returns the exit code
 */
function step(name, run) {
  console.log(`\n=== ${name}`);
  const startedAt = performance.now();
  const code = run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`=== ${name}: ${code === 0 ? 'ok' : `failed (exit code ${code})`}, ${seconds} s`);
  endOnFailure(code);
}

/** @param {number} code */
function endOnFailure(code) {
  if (code === 0) return;
  // Counts a failed step that has no tests, or that failed before it could count them.
  totals.failed ||= 1;
  finish(code);
}

/** @param {number} code */
function finish(code) {
  console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
  process.exit(code);
}
