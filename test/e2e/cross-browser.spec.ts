// Every way in which the two browsers, and PeerJS and Peerport in them, can meet: data of each serialization and a call,
// both ways, and the end of both seen at the other end.
import { hangUp, perceive, storyOf, talk } from '../support/calls';
import {
  expect,
  link,
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

/** Without those in which Peerport has no part, and those within Chromium, which have many tests of their own. */
const PAIRINGS = ENDS.flatMap((dialler) => ENDS.map((answerer) => [dialler, answerer] as const)).filter(
  (ends) =>
    ends.some(({ implementation }) => implementation === 'peerport') &&
    ends.some(({ browserName }) => browserName === 'firefox'),
);

const PIECES_BYTES = 1_048_576;

for (const [dialler, answerer] of PAIRINGS) {
  const name = `${title(dialler)} → ${title(answerer)}`;

  test(`data of each serialization goes both ways and the close is seen: ${name}`, async ({ openPage }) => {
    const pair = await openPair(openPage, dialler, answerer);
    const observed: Record<string, unknown> = {};
    for (const serialization of ['binary', 'binary-utf8', 'json', 'raw'] as const) {
      const { dialled, accepted } = await link(pair, { serialization, reliable: true });
      for (const end of [dialled, accepted]) {
        await end.evaluate(
          async (connection, { serialization, bytes }) => {
            await connection.send(serialization === 'raw' ? 'ünï' : { text: 'ünï', list: [1, null, { deep: true }] });
            if (serialization === 'binary') await connection.send(kit.patterned(bytes));
          },
          { serialization, bytes: PIECES_BYTES },
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
    const whole = await pair.dialler.page.evaluate((bytes) => kit.describe(kit.patterned(bytes)), PIECES_BYTES);
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
    test(`a call is seen and heard both ways and ends at both ends: ${name} (${suffix})`, async ({ openPage }) => {
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

/** The default routes, and each Peerport end in Firefox hosted once, which is no default there. */
function routesOf(dialler: End, answerer: End): [AskedRoute, AskedRoute][] {
  const isOurFirefox = ({ implementation, browserName }: End) =>
    implementation === 'peerport' && browserName === 'firefox';
  const routes: [AskedRoute, AskedRoute][] = [['by default', 'by default']];
  // Against PeerJS in the other browser, so that what is hosted is the only end of ours.
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
