// The user's own relay and “relayed only”, against a real TURN server: what the remote peer, the PeerServer and the page learn of
// this browser's addresses and of the relay's credentials.
import type { JSHandle } from '@playwright/test';
import type { DataConnection, MediaConnection, Peer } from 'peerjs';
import { findTurnServer, howToGetTurnServer } from '../../scripts/turn-server.mjs';
import type { Policy } from '../../src/protocol/ui-messages';
import { perceive, pickUp, ring } from '../support/calls';
import { expect, connectPair, test as base, uniqueId, type ConnectedPair, type Pair } from '../support/fixtures';
import { openWithMsgPack } from '../support/msgpack';
import type { SeenMessage } from '../support/peer-server';
import { openSettings } from '../support/user-pages';
import { startTurnServer, type TestTurnServer } from '../support/turn-server';

const PLAN = { sends: { video: 1, tone: 400 }, replies: { video: 2, tone: 700 } };
const AT_CALLEE = { video: 'source 1', audio: 'tone 400' };
const AT_CALLER = { video: 'source 2', audio: 'tone 700' };

interface Fixtures {
  turn: TestTurnServer;
  /** Two pages in the browser with the extension. */
  pair: Pair;
  /** Sets these members of the policy until the test ends. */
  setPolicy: (policy: Partial<Policy>) => Promise<void>;
}

const test = base.extend<Fixtures>({
  turn: async ({}, use) => {
    test.skip(findTurnServer() === undefined, howToGetTurnServer());
    const turn = await startTurnServer();
    await use(turn);
    await turn.close();
  },
  pair: async ({ openPage }, use) => {
    await use({ dialler: await openPage('peerport'), answerer: await openPage('peerport') });
  },
  setPolicy: async ({ browsers }, use) => {
    const browser = await browsers.extended();
    await use((policy) => browser.setPolicy(policy));
    await browser.setPolicy({});
  },
});

/** Everything that the two ends have signalled, as text, and the candidates in it. */
function signalled({ ids }: ConnectedPair, messages: readonly SeenMessage[]): { text: string; candidates: string[] } {
  const text = JSON.stringify(messages.filter(({ src }) => [ids.dialler, ids.answerer].includes(src)));
  return { text, candidates: text.match(/candidate:[^"\\]*/g) ?? [] };
}

/** Everything that a page can read about a connection's ICE servers, as text, and the candidate types of the path in use. */
function seenByPage(end: JSHandle<DataConnection | MediaConnection>): Promise<{ text: string; path: string[] }> {
  return end.evaluate(async (connection) => {
    const { peerConnection } = connection;
    const stats = Array.from(await peerConnection.getStats()) as unknown as [string, Record<string, unknown>][];
    const records = Object.fromEntries(stats);
    const pairs = Object.values(records).filter(
      ({ type, nominated }) => type === 'candidate-pair' && nominated === true,
    );
    const path = pairs.flatMap(({ localCandidateId, remoteCandidateId }) =>
      [localCandidateId, remoteCandidateId].map((id) => String(records[String(id)]?.candidateType)),
    );
    const { localDescription, remoteDescription } = peerConnection;
    const all = [
      peerConnection.getConfiguration(),
      stats,
      localDescription,
      remoteDescription,
      connection.provider.options,
    ];
    return { text: JSON.stringify(all), path };
  });
}

test('with “relayed only”, data and calls go through the user’s own relay, and no address of this browser is revealed', async ({
  pair,
  turn,
  peerServer,
  setPolicy,
}) => {
  const { urls, username, credential } = turn;
  await setPolicy({ iceServers: [{ urls, username, credential }], relayedOnly: true });
  // The page's own STUN server would reveal its public address, if it were used.
  const config = { iceServers: [{ urls: `stun:127.0.0.1:${turn.port}` }] };
  const connected = await connectPair(pair, { reliable: true }, { config });
  const { dialler, answerer, dialled, accepted, ids } = connected;
  await dialled.evaluate((connection) => connection.send('through a relay'));
  expect(await accepted.evaluate((connection) => kit.received(connection, 1))).toEqual(['"through a relay"']);

  const call = await ring({ pair, dialler, answerer, ids }, { ...PLAN, settings: { route: 'direct' } });
  await pickUp(call, PLAN);
  expect(await Promise.all([perceive(call.accepted, AT_CALLEE), perceive(call.dialled, AT_CALLER)])).toEqual([
    AT_CALLEE,
    AT_CALLER,
  ]);
  expect(await call.dialled.evaluate((call) => (call as { route?: string }).route)).toBe('hosted');

  for (const end of [dialled, accepted, call.dialled, call.accepted]) {
    const { path, text } = await seenByPage(end);
    expect([...new Set(path)]).toEqual(['relay']);
    for (const secret of [username, credential, 'turn:']) expect(text).not.toContain(secret);
    expect(text).toContain(`stun:127.0.0.1:${turn.port}`);
  }
  const { candidates, text } = signalled(connected, peerServer.messages);
  expect(candidates.length).toBeGreaterThan(0);
  const foreign = candidates.filter((candidate) => !candidate.includes(' typ relay raddr 0.0.0.0 rport 0 '));
  expect(foreign).toEqual([]);
  for (const secret of [username, credential, 'turn:']) expect(text).not.toContain(secret);
});

test('“relayed only” applies to the next connection of a Peer that is already open', async ({
  pair,
  turn,
  peerServer,
  browsers,
  setPolicy,
}) => {
  const { urls, username, credential } = turn;
  await setPolicy({ iceServers: [{ urls, username, credential }] });
  const before = await connectPair(pair, { reliable: true });
  const { dialler, ids } = before;
  expect(signalled(before, peerServer.messages).text).toContain(' typ host ');
  const settings = await openSettings(await browsers.extended(), 'general');
  await settings.getByRole('switch', { name: /Hide my address/ }).check();
  await expect(settings.getByText('✓ Saved')).toBeVisible();
  const from = peerServer.messages.length;
  const next = await dialler.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to)), ids.answerer);
  expect([...new Set((await seenByPage(next)).path)]).toEqual(['relay']);
  const { candidates } = signalled(before, peerServer.messages.slice(from));
  expect(candidates.length).toBeGreaterThan(0);
  expect(candidates.filter((candidate) => !candidate.includes(' typ relay '))).toEqual([]);
  // Connections that are already open go on unchanged.
  expect(await before.dialled.evaluate(({ open }) => open)).toBe(true);
  await settings.close();
});

test('without “relayed only” the user’s own relay is one path among others', async ({
  openPage,
  turn,
  peerServer,
  setPolicy,
}) => {
  const { urls, username, credential } = turn;
  await setPolicy({ iceServers: [{ urls, username, credential }] });
  const id = uniqueId();
  const peer = await (await openPage('peerport')).open(id);
  // Dialling nobody: a connection that opens would end the signalling, perhaps before the relay's candidate is sent.
  await peer.evaluate((peer, to) => void peer.connect(to), uniqueId('nobody'));
  for (const kind of ['typ host', 'typ relay']) {
    await peerServer.message(({ src, payload }) => src === id && JSON.stringify(payload ?? null).includes(kind));
  }
});

test('with “relayed only” and no working relay, a connection fails quickly with an explanation', async ({
  pair,
  turn,
  setPolicy,
}) => {
  const failure = async (of: Promise<JSHandle<Peer>>) =>
    (await of).evaluate(
      (peer, to) =>
        new Promise<string>((resolve) => {
          peer.connect(to).on('error', ({ type, message }) => resolve(`${type}: ${message}`));
        }),
      uniqueId('nobody'),
    );
  await setPolicy({ relayedOnly: true });
  expect(await failure(pair.dialler.open())).toMatch(/^negotiation-failed: .*nor the user has named a relay/);
  await setPolicy({
    relayedOnly: true,
    iceServers: [{ urls: turn.urls, username: turn.username, credential: 'wrong' }],
  });
  expect(await failure(pair.answerer.open())).toMatch(
    /^negotiation-failed: .*no relay could be used: a relay refused the credentials/,
  );
});

test('with “relayed only”, a connection of a page’s own serializer is refused as permission-denied, and the Peer stays', async ({
  pair,
  peerServer,
  setPolicy,
}) => {
  await setPolicy({ relayedOnly: true });
  const peer = await openWithMsgPack(pair.dialler, uniqueId('dialler'), peerServer.peerOptions);
  const refused = await peer.evaluate(
    (peer, to) =>
      new Promise((resolve) => {
        peer.on('error', ({ type, message }) => resolve([`${type}: ${message}`, peer.open]));
        peer.connect(to, { serialization: 'MsgPack' });
      }),
    uniqueId('nobody'),
  );
  expect(refused).toEqual([expect.stringMatching(/^permission-denied: .*relays only/), true]);
});
