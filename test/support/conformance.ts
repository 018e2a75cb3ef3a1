// Makes one test per pairing of PeerJS and Peerport from one scenario. The test of PeerJS against itself proves that the
// expectation is right. A scenario names every intended difference of Peerport by one of DIFFERENCES, and every difference of
// PeerJS in Firefox by one of FIREFOX_DIFFERENCES.
import {
  expect,
  test,
  type BrowserName,
  type Implementation,
  type Pair,
  type PeerPage,
  type TestFixtures,
  type WorkerFixtures,
} from './fixtures';
import type { Route } from '../pages/kit/calls';
import type { Difference, FirefoxDifference, FirefoxExclusion } from './differences';

type Fixtures = Pick<
  TestFixtures & WorkerFixtures,
  'openPage' | 'peerServer' | 'extraPeerServer' | 'tcpProxy' | 'site'
>;

interface Scenario<Subject, Result> {
  /** Carries out the scenario; resolves with the observations as plain data. */
  run: (subject: Subject, fixtures: Fixtures) => Promise<Result>;
  /** What PeerJS does. May contain asymmetric matchers. */
  expected: unknown;
  /** What Peerport does instead, and why. */
  differs?: { because: Difference; expected: unknown };
  /** What PeerJS does in Firefox instead, and why. */
  inFirefox?: { because: FirefoxDifference; expected: unknown };
  /** Why the test is skipped in Firefox. */
  notInFirefox?: FirefoxExclusion;
}

export interface Pairing {
  dialler: Implementation;
  answerer: Implementation;
  /** The routes of calls at Peerport's ends. Default: the end's own default. */
  routes?: Partial<Record<keyof Pair, Route>>;
}

/** Peerport at either end against PeerJS. Two ends that each work with PeerJS also work with each other. */
const EITHER_END: readonly Pairing[] = [
  { dialler: 'peerjs', answerer: 'peerjs' },
  { dialler: 'peerport', answerer: 'peerjs' },
  { dialler: 'peerjs', answerer: 'peerport' },
];

/** All pairings, for tests of payloads and media, where two Peerport ends might still affect each other. */
export const PAIRINGS: readonly Pairing[] = [...EITHER_END, { dialler: 'peerport', answerer: 'peerport' }];

/** For calls: each of Peerport's routes at either end, against PeerJS. */
export const ROUTES_AT_EITHER_END: readonly Pairing[] = [
  { dialler: 'peerjs', answerer: 'peerjs' },
  { dialler: 'peerport', answerer: 'peerjs', routes: { dialler: 'hosted' } },
  { dialler: 'peerport', answerer: 'peerjs', routes: { dialler: 'direct' } },
  { dialler: 'peerjs', answerer: 'peerport', routes: { answerer: 'hosted' } },
  { dialler: 'peerjs', answerer: 'peerport', routes: { answerer: 'direct' } },
];

/** For calls: the same, and Peerport's routes against each other. */
export const ROUTED_PAIRINGS: readonly Pairing[] = [
  ...ROUTES_AT_EITHER_END,
  { dialler: 'peerport', answerer: 'peerport', routes: { dialler: 'hosted', answerer: 'hosted' } },
  { dialler: 'peerport', answerer: 'peerport', routes: { dialler: 'direct', answerer: 'direct' } },
  { dialler: 'peerport', answerer: 'peerport', routes: { dialler: 'hosted', answerer: 'direct' } },
];

export const IMPLEMENTATIONS: readonly Implementation[] = ['peerjs', 'peerport'];

export function title({ dialler, answerer, routes = {} }: Pairing): string {
  const name = (implementation: Implementation, route?: Route) => [implementation, route].filter(Boolean).join(' ');
  return `${name(dialler, routes.dialler)} → ${name(answerer, routes.answerer)}`;
}

/**
 * The tags of a test. `@reference`: PeerJS alone, needs no extension; run these by `playwright test --grep @reference`. Tests take
 * longer in Firefox, so it runs a `@reference` test only if PeerJS `@differs-in-firefox`. It skips `@chromium` tests.
 */
export function tagsOf(
  subject: Pairing | Implementation,
  { inFirefox, notInFirefox }: Pick<Scenario<never, never>, 'inFirefox' | 'notInFirefox'> = {},
): { tag: string[] } {
  const isReferenceOnly = typeof subject === 'string' ? subject === 'peerjs' : isReference(subject);
  return {
    tag: [
      isReferenceOnly ? '@reference' : '@peerport',
      ...(inFirefox ? ['@differs-in-firefox'] : []),
      ...(notInFirefox ? ['@chromium'] : []),
    ],
  };
}

export function isReference(pairing: Pairing): boolean {
  return pairing.dialler === 'peerjs' && pairing.answerer === 'peerjs';
}

/**
 * One test per pairing, `run` with a page at each end. `differs.end` names the end that makes the difference: `differs` applies
 * if that end is Peerport.
 */
export function eachPairing<Result>(
  name: string,
  scenario: Scenario<Pair, Result> & { differs?: { end: keyof Pair } },
  pairings = EITHER_END,
): void {
  for (const pairing of pairings) {
    const testName = `${name} (${title(pairing)})`;
    test(
      testName,
      tagsOf(pairing, scenario),
      async ({ openPage, reusePage, peerServer, extraPeerServer, tcpProxy, site, mainBrowser }) => {
        const [dialler, answerer] = await Promise.all([
          reusePage(pairing.dialler, pairing.routes?.dialler),
          reusePage(pairing.answerer, pairing.routes?.answerer),
        ]);
        const fixtures = { openPage, peerServer, extraPeerServer, tcpProxy, site };
        const result: unknown = await scenario.run({ dialler, answerer }, fixtures);
        const { differs } = scenario;
        const isDifferent = differs !== undefined && pairing[differs.end] === 'peerport';
        expect(result).toEqual(expectedOf(scenario, isDifferent, mainBrowser));
      },
    );
  }
}

/** One test per implementation, `run` with one page. */
export function eachImplementation<Result>(name: string, scenario: Scenario<PeerPage, Result>): void {
  for (const implementation of IMPLEMENTATIONS) {
    const testName = `${name} (${implementation})`;
    test(
      testName,
      tagsOf(implementation, scenario),
      async ({ openPage, reusePage, peerServer, extraPeerServer, tcpProxy, site, mainBrowser }) => {
        const page = await reusePage(implementation);
        const fixtures = { openPage, peerServer, extraPeerServer, tcpProxy, site };
        const result: unknown = await scenario.run(page, fixtures);
        expect(result).toEqual(expectedOf(scenario, implementation === 'peerport', mainBrowser));
      },
    );
  }
}

function expectedOf(
  { expected, differs, inFirefox }: Pick<Scenario<never, never>, 'expected' | 'differs' | 'inFirefox'>,
  isDifferent: boolean,
  browserName: BrowserName,
): unknown {
  if (isDifferent && differs) return differs.expected;
  return browserName === 'firefox' && inFirefox ? inFirefox.expected : expected;
}
