// Feeds a real engine host with random sites, IDs, addresses, descriptions and data, and looks for them in its
// diagnostics.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DiagnosticLog } from '../../../src/diagnostics/diagnostic-log';
import { diagnosticsText } from '../../../src/diagnostics/diagnostics-text';
import { parseHostDiagnostics } from '../../../src/diagnostics/host-reply';
import { DEFAULT_POLICY } from '../../../src/sites/policy/policy';
import { endpointPair } from '../../support/fakes/endpoint-pair';
import { callCreate, connectionCreate, peerStart } from '../../support/fakes/page-messages';
import { settled } from '../../support/fakes/settled';
import { dataOffer, siteHost, type SitePage } from '../../support/fakes/site-host';
import { seededRandom } from '../../support/random-values';

const STEPS = 150;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Makes secrets of every kind, and remembers them. */
function makeSecrets(seed: number) {
  const next = seededRandom(seed);
  const made: string[] = [];
  const below = (limit: number): number => Math.floor(next() * limit);
  const keep = (secret: string): string => {
    made.push(secret);
    return secret;
  };
  const word = (): string => keep(`s${below(2 ** 31).toString(36)}x${below(2 ** 31).toString(36)}`);
  const address = (): string => keep(`203.0.${100 + below(100)}.${100 + below(100)}`);
  const candidate = () => ({ candidate: `candidate:1 1 udp 1 ${address()} 50000 typ host`, sdpMid: '0' });
  return { made, below, word, address, candidate, origin: () => `https://${word()}.example` };
}

/** One random thing that a page, a PeerServer or a remote peer does. */
async function act(world: ReturnType<typeof siteHost>, pages: SitePage[], secrets: ReturnType<typeof makeSecrets>) {
  const { word, address, candidate, below } = secrets;
  const page = pages[below(pages.length)]!;
  const { socket } = page;
  const connectionKey = 1 + below(4);
  const remote = { remotePeerId: word(), connectionId: word() };
  const acts = [
    () => page.page.post(connectionCreate({ connectionKey, ...remote, label: word(), metadata: `"${word()}"` })),
    () => page.page.post(callCreate({ connectionKey, ...remote, metadata: `"${word()}"` })),
    () => page.page.post({ type: 'connection.close', connectionKey }),
    () =>
      page.page.post({ type: 'connection.send', connectionKey, announced: [below(9)], chunks: [new ArrayBuffer(4)] }),
    () => page.page.post({ type: word(), text: word() }),
    () => page.page.post(peerStart({ peerKey: 2 + below(3), requestedId: word(), token: word() })),
    () =>
      page.page.post(
        peerStart({ server: { host: address(), port: 1, path: `/${word()}`, key: word(), secure: true } }),
      ),
    () => socket.receive(dataOffer(word(), word(), { label: word(), metadata: word() })),
    () => socket.receive({ type: 'CANDIDATE', src: word(), payload: { connectionId: word(), candidate: candidate() } }),
    () => socket.receive({ type: 'ERROR', payload: { msg: word() } }),
    () => socket.receive({ type: 'EXPIRE', src: remote.remotePeerId }),
    () => socket.drop(),
    // A server opens a socket once.
    () => world.sockets.made.find(({ isClosed, sent }) => !isClosed && sent.length === 0)?.welcome(),
    () => world.host.bind(word(), word(), endpointPair()[0]),
    () => world.host.move(page.documentId, endpointPair()[0]),
    () => world.host.enforce([{ documentId: page.documentId, revoked: word() }]),
    () => page.leave(),
    () => pages.push(world.load({ origin: secrets.origin(), topOrigin: secrets.origin(), ids: [word()] })),
    () => world.peerConnections.made.at(-1)?.fireIceState('failed'),
  ];
  acts[below(acts.length)]!();
  await settled();
}

it.each([1, 2, 3, 4])(
  'the diagnostics contain no site, peer, payload, description, address or token of random events (seed %i)',
  async (seed) => {
    const world = siteHost();
    const secrets = makeSecrets(seed);
    const pages = [world.load({ origin: secrets.origin(), ids: [secrets.word()] })];
    for (let step = 0; step < STEPS; step++) await act(world, pages, secrets);
    await vi.advanceTimersByTimeAsync(60_000);

    const host = parseHostDiagnostics(structuredClone(world.host.diagnostics()))!;
    const text = diagnosticsText({
      version: '1',
      userAgent: 'browser',
      at: 0,
      policy: DEFAULT_POLICY,
      defaults: DEFAULT_POLICY,
      managed: [],
      ignored: 0,
      background: new DiagnosticLog(() => 0).read(),
      host,
    });
    for (const logger of ['documents:', 'peers:', 'signalling:', 'connections:']) expect(text).toContain(logger);
    expect(secrets.made.filter((secret) => text.includes(secret))).toEqual([]);
    // Beside the text, only the list of the origins that it numbers.
    expect(secrets.made.filter((secret) => JSON.stringify(host.entries).includes(secret))).toEqual([]);
  },
);
