// Checks that each row of the table in SECURITY.md is proved: that every test it names ran in this run and passed.
import { relative, sep } from 'node:path';

/** A file, and the title of a test in it. `…` at the end of the title stands for the part that differs between cases. */
const REFERENCE = /`(test\/[^`]+)` \*([^*]+)\*/g;

/** Separates the title of a group from the title of a test in it. */
const SEPARATOR = ' › ';

/**
 * @typedef {object} RanTest
 * @property {string} file relative to the root, with slashes
 * @property {string[]} titles the titles of its groups, then its own
 * @property {boolean} passed false also for a skipped test
 */

/**
 * The faults, one per line. Empty if every row names a test, and all tests named anywhere in the text passed.
 * @param {string} text of SECURITY.md
 * @param {RanTest[]} tests of this run
 * @returns {string[]}
 */
export function unprovedRows(text, tests) {
  const rows = rowsOf(text);
  if (rows.length === 0) return ['SECURITY.md has no row.'];
  const bare = rows.filter((row) => !row.match(REFERENCE)).map((row) => `names no test: ${row}`);
  const unproved = text.split('\n').flatMap((line) =>
    [...line.matchAll(REFERENCE)].flatMap(([, file = '', title = '']) => {
      const fault = faultOf(tests.filter((test) => test.file === file && isNamed(test, title)));
      return fault ? [`${file} "${title}" ${fault}: ${line}`] : [];
    }),
  );
  return [...bare, ...unproved];
}

/** The rows of the table, without its head. @param {string} text */
function rowsOf(text) {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
}

/**
 * @param {RanTest[]} cases all tests that the reference names: one title may run in several browsers
 * @returns {string | undefined}
 */
function faultOf(cases) {
  if (cases.length === 0) return 'did not run';
  return cases.every(({ passed }) => passed) ? undefined : 'did not pass in every case';
}

/**
 * Whether `title` is the test's own title, or that title preceded by its groups.
 * @param {RanTest} test
 * @param {string} title
 */
function isNamed({ titles }, title) {
  const names = titles.map((_title, index) => titles.slice(index).join(SEPARATOR));
  return title.endsWith('…') ? names.some((name) => name.startsWith(title.slice(0, -1))) : names.includes(title);
}

/**
 * @typedef {object} UnitTest in Vitest's report
 * @property {string[]} ancestorTitles
 * @property {string} title
 * @property {string} status
 */

/**
 * @param {{ testResults?: { name: string, assertionResults: UnitTest[] }[] }} report of Vitest, as JSON
 * @param {string} root
 * @returns {RanTest[]}
 */
export function vitestTests({ testResults = [] }, root) {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      file: fromRoot(name, root),
      titles: [...ancestorTitles, title],
      passed: status === 'passed',
    })),
  );
}

/**
 * @typedef {object} Suite in Playwright's report: a file, or a group in it
 * @property {string} title
 * @property {string} file
 * @property {Suite[]} [suites]
 * @property {{ title: string, tests: { status: string, results: { status: string }[] }[] }[]} [specs]
 */

/**
 * @param {{ config?: { rootDir: string }, suites?: Suite[] }} report of Playwright, as JSON
 * @param {string} root
 * @returns {RanTest[]}
 */
export function playwrightTests({ config, suites = [] }, root) {
  // The title of the outermost suite is the file's name.
  return suites.flatMap((suite) => testsOf(suite, fromRoot(`${config?.rootDir ?? root}/${suite.file}`, root), []));
}

/**
 * @param {Suite} suite
 * @param {string} file
 * @param {string[]} groups
 * @returns {RanTest[]}
 */
function testsOf({ specs = [], suites = [] }, file, groups) {
  const own = specs.flatMap(({ title, tests }) =>
    tests.map(({ status, results }) => ({
      file,
      titles: [...groups, title],
      // A test that passes only on a retry, or that is expected to fail, proves nothing.
      passed: status === 'expected' && results.length > 0 && results.every((result) => result.status === 'passed'),
    })),
  );
  return [...own, ...suites.flatMap((inner) => testsOf(inner, file, [...groups, inner.title]))];
}

/**
 * @param {string} path
 * @param {string} root
 */
function fromRoot(path, root) {
  return relative(root, path).split(sep).join('/');
}
