import { describe, expect, it } from 'vitest';
import { playwrightTests, unprovedRows, vitestTests } from '../../../scripts/security-rows.mjs';

const HEAD = '| who | tries | what stops them | proved by |\n| --- | --- | --- | --- |\n';

function securityText(...proofs: string[]): string {
  return HEAD + proofs.map((proof) => `| a page | does harm | a bound | ${proof} |`).join('\n');
}

function unitReport(status: string, title = 'refuses it') {
  const assertionResults = [{ ancestorTitles: ['the host'], title, status }];
  return vitestTests({ testResults: [{ name: '/root/test/unit/host.test.ts', assertionResults }] }, '/root');
}

function browserReport(...cases: { title: string; status: string; results: string[] }[]) {
  const specs = cases.map(({ title, status, results }) => ({
    title,
    tests: [{ status, results: results.map((status) => ({ status })) }],
  }));
  const group = { title: 'a remote peer', file: 'hostile.spec.ts', specs };
  const file = { title: 'hostile.spec.ts', file: 'hostile.spec.ts', suites: [group] };
  return playwrightTests({ config: { rootDir: '/root/test/e2e' }, suites: [file] }, '/root');
}

const UNIT = '`test/unit/host.test.ts` *refuses it*';
const BROWSER = '`test/e2e/hostile.spec.ts` *it sends …*';
const PASSED = { title: 'it sends nonsense', status: 'expected', results: ['passed'] };

describe('the rows of SECURITY.md', () => {
  it('are proved by passing tests of both runners', () => {
    const tests = [...unitReport('passed'), ...browserReport(PASSED)];
    expect(unprovedRows(securityText(UNIT, BROWSER), tests)).toEqual([]);
  });

  it('may name a test together with its groups', () => {
    const text = securityText(
      '`test/unit/host.test.ts` *the host › refuses it*',
      '`test/e2e/hostile.spec.ts` *a remote peer › it sends nonsense*',
    );
    expect(unprovedRows(text, [...unitReport('passed'), ...browserReport(PASSED)])).toEqual([]);
  });

  it.each(['failed', 'skipped', 'pending', 'todo'])('are not proved by a unit test with the status “%s”', (status) => {
    expect(unprovedRows(securityText(UNIT), unitReport(status))).toEqual([
      expect.stringMatching(/^test\/unit\/host\.test\.ts "refuses it" did not pass in every case: \| a page \|/),
    ]);
  });

  it.each([
    ['failed', 'unexpected', ['failed']],
    ['was skipped', 'skipped', ['skipped']],
    ['was skipped before it started', 'skipped', []],
    ['passed only on a retry', 'flaky', ['failed', 'passed']],
    ['was expected to fail', 'expected', ['failed']],
  ])('are not proved by a browser test that %s, though another case passed', (_how, status, results) => {
    const tests = browserReport(PASSED, { title: 'it sends too much', status, results });
    expect(unprovedRows(securityText(BROWSER), tests)).toEqual([
      expect.stringContaining('"it sends …" did not pass in every case'),
    ]);
  });

  it.each([
    ['has another title', unitReport('passed', 'refuses it all')],
    ['is in another file', browserReport({ ...PASSED, title: 'refuses it' })],
    ['does not exist', []],
  ])('are not proved by a test that %s', (_how, tests) => {
    expect(unprovedRows(securityText(UNIT), tests)).toEqual([expect.stringContaining('"refuses it" did not run')]);
  });

  it('must name a test', () => {
    expect(unprovedRows(securityText('trust us'), unitReport('passed'))).toEqual([
      'names no test: | a page | does harm | a bound | trust us |',
    ]);
  });

  it('must exist', () => {
    expect(unprovedRows('No table.', unitReport('passed'))).toEqual(['SECURITY.md has no row.']);
  });

  it('are not proved by empty reports', () => {
    const tests = [...vitestTests({}, '/root'), ...playwrightTests({}, '/root')];
    expect(unprovedRows(securityText(UNIT), tests)).toHaveLength(1);
  });
});
