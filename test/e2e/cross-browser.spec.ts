// PeerJS and Peerport across Chromium and Firefox, in every pairing: data of each serialization and a call, both ways, and the
// close of each seen at the other end.
import { hangUp, perceive, storyOf, talk } from '../support/calls';
import {
  expect,
  connectPair,
  test,
  type BrowserName,
  type Implementation,
  type Pair,
  type PeerPage,
} from '../support/fixtures';
import type { Route } from '../pages/kit/calls';

interface End {
  implementation: Implementation;
  browserName: BrowserName;
}

const ENDS: readonly End[] = [
  { implementation: 'peerport', browserName: 'chromium' },
  { implementation: 'peerport', browserName: 'firefox' },
  { implementation: 'peerjs', browserName: 'chromium' },
  { implementation: 'peerjs', browserName: 'firefox' },
];

/** Leaves out pairings without Peerport, and pairings within Chromium, which other specs cover. */
const PAIRINGS = ENDS.flatMap((dialler) => ENDS.map((answerer) => [dialler, answerer] as const)).filter(
  (ends) =>
    ends.some(({ implementation }) => implementation === 'peerport') &&
    ends.some(({ browserName }) => browserName === 'firefox'),
);

const LARGE_BYTES = 1_048_576;

for (const [dialler, answerer] of PAIRINGS) {
  const name = `${title(dialler)} → ${title(answerer)}`;

  test(`data of each serialization arrives both ways, and the other end sees the close: ${name}`, async ({
    openPage,
  }) => {
    const pair = await openPair(openPage, dialler, answerer);
    const observed: Record<string, unknown> = {};
    for (const serialization of ['binary', 'binary-utf8', 'json', 'raw'] as const) {
      const { dialled, accepted } = await connectPair(pair, { serialization, reliable: true });
      for (const end of [dialled, accepted]) {
        await end.evaluate(
          async (connection, { serialization, bytes }) => {
            await connection.send(serialization === 'raw' ? 'ünï' : { text: 'ünï', list: [1, null, { deep: true }] });
            if (serialization === 'binary') await connection.send(kit.patterned(bytes));
          },
          { serialization, bytes: LARGE_BYTES },
        );
      }
      const count = serialization === 'binary' ? 2 : 1;
      const arrived = await Promise.all(
        [accepted, dialled].map((end) => end.evaluate((end, count) => kit.received(end, count), count)),
      );
      await dialled.evaluate((connection) => connection.close());
      await accepted.evaluate((connection) => kit.happened(connection, 'close'));
      observed[serialization] = arrived;
    }
    const whole = await pair.dialler.page.evaluate((bytes) => kit.describe(kit.patterned(bytes)), LARGE_BYTES);
    const structure = '{"text": "ünï", "list": [1, null, {"deep": true}]}';
    expect(observed).toEqual({
      binary: [
        [structure, whole],
        [structure, whole],
      ],
      'binary-utf8': [[structure], [structure]],
      json: [[structure], [structure]],
      raw: [['"ünï"'], ['"ünï"']],
    });
  });

  for (const routes of routesOf(dialler, answerer)) {
    const suffix = routes.join(' → ');
    test(`a call has picture and sound both ways and ends at both ends: ${name} (${suffix})`, async ({ openPage }) => {
      const pair = await openPair(openPage, dialler, answerer, routes);
      const { dialled, accepted } = await talk(pair, {
        sends: { video: 1, tone: 400 },
        replies: { video: 2, tone: 700 },
      });
      const seen = await Promise.all([
        perceive(accepted, { video: 'source 1', audio: 'tone 400' }),
        perceive(dialled, { video: 'source 2', audio: 'tone 700' }),
      ]);
      await hangUp(dialled, accepted);
      expect(seen).toEqual([
        { video: 'source 1', audio: 'tone 400' },
        { video: 'source 2', audio: 'tone 700' },
      ]);
      for (const end of [dialled, accepted]) expect((await storyOf(end)).events.at(-1)).toBe('close');
    });
  }
}

function title({ implementation, browserName }: End): string {
  return `${implementation} in ${browserName}`;
}

type AskedRoute = Route | 'by default';

/** The default routes and, for each Peerport end in Firefox, one hosted call, because calls there are direct by default. */
function routesOf(dialler: End, answerer: End): [AskedRoute, AskedRoute][] {
  const isOurFirefox = ({ implementation, browserName }: End) =>
    implementation === 'peerport' && browserName === 'firefox';
  const routes: [AskedRoute, AskedRoute][] = [['by default', 'by default']];
  // The partner is PeerJS in Chromium, so that the hosted end is the only Peerport end.
  if (isOurFirefox(dialler) && answerer === ENDS[2]) routes.push(['hosted', 'by default']);
  if (isOurFirefox(answerer) && dialler === ENDS[2]) routes.push(['by default', 'hosted']);
  return routes;
}

async function openPair(
  openPage: (implementation: Implementation, route?: Route, browserName?: BrowserName) => Promise<PeerPage>,
  dialler: End,
  answerer: End,
  routes: [AskedRoute, AskedRoute] = ['by default', 'by default'],
): Promise<Pair> {
  const [first, second] = await Promise.all(
    [dialler, answerer].map(({ implementation, browserName }, index) => {
      const route = routes[index];
      return openPage(implementation, route === 'by default' ? undefined : route, browserName);
    }),
  );
  return { dialler: first!, answerer: second! };
}
