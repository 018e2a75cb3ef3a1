// Turns one scenario into a test for every way in which PeerJS and Peerport can meet. PeerJS against itself is the
// reference: it proves the expectation. Where Peerport is to differ, the scenario says so by one of DIFFERENCES; where the
// browser makes the difference, by one of FIREFOX_DIFFERENCES.
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
  /** Acts, and returns what was observed as plain data. */
  run: (subject: Subject, fixtures: Fixtures) => Promise<Result>;
  /** What PeerJS does; may hold asymmetric matchers. */
  expected: unknown;
  /** What Peerport does instead, and why. */
  differs?: { because: Difference; expected: unknown };
  /** What PeerJS does in Firefox instead, and why. */
  inFirefox?: { because: FirefoxDifference; expected: unknown };
  /** Why there is nothing to see in Firefox. */
  notInFirefox?: FirefoxExclusion;
}

export interface Pairing {
  dialler: Implementation;
  answerer: Implementation;
  /** Of calls, at the ends that are Peerport; without one, an end takes its default. */
  routes?: Partial<Record<keyof Pair, Route>>;
}

/** Peerport at either end, against PeerJS: what each of two ends does with PeerJS, they do with each other. */
const EITHER_END: readonly Pairing[] = [
  { dialler: 'peerjs', answerer: 'peerjs' },
  { dialler: 'peerport', answerer: 'peerjs' },
  { dialler: 'peerjs', answerer: 'peerport' },
];

/** All of them, for what two ends of ours might do to each other: what carries payloads and media. */
export const PAIRINGS: readonly Pairing[] = [...EITHER_END, { dialler: 'peerport', answerer: 'peerport' }];

/** For calls, Peerport's two routes at either end, against PeerJS. */
export const ROUTES_AT_EITHER_END: readonly Pairing[] = [
  { dialler: 'peerjs', answerer: 'peerjs' },
  { dialler: 'peerport', answerer: 'peerjs', routes: { dialler: 'hosted' } },
  { dialler: 'peerport', answerer: 'peerjs', routes: { dialler: 'direct' } },
  { dialler: 'peerjs', answerer: 'peerport', routes: { answerer: 'hosted' } },
  { dialler: 'peerjs', answerer: 'peerport', routes: { answerer: 'direct' } },
];

/** For calls, every way in which Peerport's two routes and PeerJS can meet. */
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
 * `@reference` selects what needs no extension: `playwright test --grep @reference`. What PeerJS does is proved in Chromium,
 * and again in Firefox only where it `@differs-in-firefox`; in Firefox, where each test takes longer, that is left out, and
 * so is what is only `@chromium`.
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
 * One test a pairing, `run` with a page at each end. A difference says whose it is: it applies where that end is
 * Peerport.
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
      async ({ openPage, peerServer, extraPeerServer, tcpProxy, site, mainBrowser }) => {
        const [dialler, answerer] = await Promise.all([
          openPage(pairing.dialler, pairing.routes?.dialler),
          openPage(pairing.answerer, pairing.routes?.answerer),
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

/** One test an implementation, `run` with one page. */
export function eachImplementation<Result>(name: string, scenario: Scenario<PeerPage, Result>): void {
  for (const implementation of IMPLEMENTATIONS) {
    const testName = `${name} (${implementation})`;
    test(
      testName,
      tagsOf(implementation, scenario),
      async ({ openPage, peerServer, extraPeerServer, tcpProxy, site, mainBrowser }) => {
        const page = await openPage(implementation);
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
