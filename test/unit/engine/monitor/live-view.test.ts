import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttachedDocument } from '../../../../src/engine/attached-document';
import { LiveView } from '../../../../src/engine/monitor/live-view';
import { LIVE_INTERVAL_MS, type LiveCommand, type LiveReport } from '../../../../src/protocol/live-messages';
import { endpointPair, type FakeEndpoint } from '../../../support/fakes/endpoint-pair';
import { admissionOf, hostedWorld } from '../../../support/fakes/hosted-world';
import { callCreate, connectionCreate, peerStart } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { siteDocument, type DocumentOptions } from '../../../support/fakes/site-documents';
import { connectedStats } from '../../../support/fakes/stats';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const background = { admit: async () => ({ status: 'denied', message: '' }) as const, leased: () => {} };

function makeWorld() {
  const world = hostedWorld();
  const attachedDocuments: AttachedDocument[] = [];
  const { census, clock } = world.environment;
  const view = new LiveView({ documents: () => attachedDocuments, census, clock });

  /** A document with a registered Peer. */
  function attach(id: string, options: DocumentOptions = {}): FakeEndpoint {
    const attachedDocument = new AttachedDocument(siteDocument(options), world.environment, background);
    const [end, page] = endpointPair();
    attachedDocument.bind(end);
    const identities = [{ id, secret: '0'.repeat(32) }];
    attachedDocument.startPeer(peerStart({ token: 'token' }), admissionOf(identities));
    world.sockets.last.welcome();
    attachedDocuments.push(attachedDocument);
    return page;
  }

  async function watch() {
    const [end, panel] = endpointPair();
    const stop = view.watch(end);
    await settled();
    const last = (): LiveReport => panel.received.at(-1) as LiveReport;
    const command = async (command: LiveCommand): Promise<void> => {
      panel.post(command);
      await settled();
    };
    return { panel, stop, last, command };
  }

  return { ...world, attach, watch };
}

async function makeConnected() {
  const world = makeWorld();
  const page = world.attach('me');
  page.post(connectionCreate({ label: 'chat' }));
  await settled();
  const connection = world.peerConnections.last;
  connection.stats = connectedStats({ bytesSent: 5, bytesReceived: 6, roundTripSeconds: 0.01 });
  return { ...world, page, connection };
}

async function passInterval(): Promise<void> {
  vi.advanceTimersByTime(LIVE_INTERVAL_MS);
  await settled();
}

describe('LiveView', () => {
  it('reports at once, and again after each interval', async () => {
    const { watch } = makeWorld();
    const { panel } = await watch();
    expect(panel.received).toHaveLength(1);
    await passInterval();
    await passInterval();
    expect(panel.received).toHaveLength(3);
  });

  it('gathers nothing and runs no timer while nobody watches', async () => {
    const { watch, connection } = await makeConnected();
    const timers = vi.getTimerCount();
    const { stop } = await watch();
    expect([connection.statsAsked, vi.getTimerCount()]).toEqual([1, timers + 1]);
    stop();
    expect(vi.getTimerCount()).toBe(timers);
    await passInterval();
    expect(connection.statsAsked).toBe(1);
  });

  it('gathers once for all watchers', async () => {
    const { watch, connection } = await makeConnected();
    const [first] = [await watch(), await watch()];
    first.stop();
    const before = connection.statsAsked;
    await passInterval();
    expect(connection.statsAsked).toBe(before + 1);
  });

  it('shows documents, Peers and connections', async () => {
    const { watch } = await makeConnected();
    const { last } = await watch();
    expect(last().documents).toEqual([
      {
        tabId: 1,
        frameId: 0,
        origin: 'https://chat.example',
        isPrivate: false,
        peers: [
          {
            key: '1/1',
            id: 'me',
            state: 'open',
            server: 'signal.example',
            connections: [
              {
                key: '1/1',
                remotePeerId: 'remote',
                kind: 'data',
                route: 'hosted',
                state: 'open',
                label: 'chat',
                age: 0,
                path: 'direct',
                roundTrip: 10,
                bytesSent: 5,
                bytesReceived: 6,
              },
            ],
          },
        ],
      },
    ]);
  });

  it('gives connections of different documents different keys', async () => {
    const { watch, attach } = makeWorld();
    for (const page of [attach('a'), attach('b')]) page.post(connectionCreate());
    const { last } = await watch();
    const keys = last().documents.flatMap(({ peers }) =>
      peers.flatMap(({ connections }) => connections.map(({ key }) => key)),
    );
    expect(new Set(keys).size).toBe(2);
  });

  it('shows an unanswered call as ringing, and distinguishes voice, video and screen', async () => {
    const { watch, attach } = makeWorld();
    const page = attach('me');
    const [audio, video] = callCreate().stream.tracks;
    const streams = [[audio!], [audio!, video!], [audio!, { ...video!, shows: 'monitor' }]];
    streams.forEach((tracks, index) => {
      const ids = { connectionKey: index + 1, connectionId: `mc_${index}` };
      page.post(callCreate({ ...ids, route: 'direct', stream: { id: 's', tracks } }));
    });
    const { last } = await watch();
    expect(last().documents[0]!.peers[0]!.connections).toMatchObject([
      { kind: 'voice', state: 'ringing', route: 'direct' },
      { kind: 'video', state: 'ringing' },
      { kind: 'screen', state: 'ringing' },
    ]);
  });

  it('shows a page-owned connection, asks the page to close it, and drops it when the page reports its end', async () => {
    const { watch, attach } = makeWorld();
    const page = attach('me');
    const payload = { connectionId: 'dc_1', label: 'chat' };
    page.post({
      type: 'peer.send',
      peerKey: 1,
      message: { type: 'OFFER', dst: 'remote', payload: JSON.stringify(payload) },
    });
    const { last, command } = await watch();
    const connections = () => last().documents[0]!.peers[0]!.connections;
    const facts = { remotePeerId: 'remote', kind: 'data', route: 'direct', label: 'chat', age: 0 };
    const noTraffic = { bytesSent: 0, bytesReceived: 0 };
    expect(connections()).toEqual([{ key: '1/-1', state: 'connecting', ...facts, ...noTraffic }]);
    await command({ type: 'close', connectionKey: '1/-1' });
    const name = { peerKey: 1, remotePeerId: 'remote', connectionId: 'dc_1' };
    expect(page.ofType('peer.closeConnection')).toEqual([{ type: 'peer.closeConnection', ...name }]);
    expect(connections()).toMatchObject([{ state: 'closing' }]);
    page.post({ type: 'peer.connectionGone', ...name });
    await passInterval();
    expect(connections()).toEqual([]);
  });

  it('shows that the server cannot be reached', async () => {
    const { watch, attach, sockets } = makeWorld();
    attach('me');
    sockets.last.drop();
    const { last } = await watch();
    expect(last().documents[0]!.peers).toMatchObject([{ state: 'disconnected', problem: 'unreachable', id: 'me' }]);
  });

  it('shows why the only Peer failed after the page has destroyed it', async () => {
    const { watch, attach, sockets } = makeWorld();
    const page = attach('me');
    sockets.last.drop();
    page.post({ type: 'peer.destroy', peerKey: 1 });
    const { last } = await watch();
    expect(last().documents[0]).toMatchObject({
      peers: [],
      failure: { server: 'signal.example', problem: 'unreachable' },
    });
  });

  it('closes one connection, tells its page, and reports at once', async () => {
    const { watch, page } = await makeConnected();
    page.post(connectionCreate({ connectionKey: 2, connectionId: 'dc_2' }));
    const { command, last } = await watch();
    await command({ type: 'close', connectionKey: '1/1' });
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    expect(last().documents[0]!.peers[0]!.connections.map(({ key }) => key)).toEqual(['1/2']);
  });

  it('closes all connections of one site in all tabs', async () => {
    const { watch, attach } = makeWorld();
    const site = { origin: 'https://a.example', isPrivate: false };
    const pages = [
      attach('1', { ...site, tabId: 1 }),
      attach('2', { ...site, tabId: 2 }),
      attach('3', { ...site, topOrigin: 'https://b.example' }),
      attach('4', { ...site, isPrivate: true }),
      attach('5', { origin: 'https://b.example' }),
    ];
    for (const page of pages) page.post(connectionCreate());
    const { command } = await watch();
    await command({ type: 'closeAll', ...site });
    expect(pages.map((page) => page.ofType('connection.closed').length)).toEqual([1, 1, 0, 0, 0]);
    await command({ type: 'closeAll', ...site, topOrigin: 'https://b.example' });
    expect(pages.map((page) => page.ofType('connection.closed').length)).toEqual([1, 1, 1, 0, 0]);
  });

  it.each([null, {}, { type: 'close' }, { type: 'closeAll', origin: 1, isPrivate: false }, { type: '__proto__' }])(
    'does nothing for %j',
    async (nonsense) => {
      const { watch, page } = await makeConnected();
      const { panel } = await watch();
      panel.post(nonsense);
      await settled();
      expect(page.ofType('connection.closed')).toEqual([]);
    },
  );

  it('shows a connection whose statistics the browser refuses', async () => {
    const { watch, connection } = await makeConnected();
    connection.getStats = () => Promise.reject(new DOMException('closed', 'InvalidStateError'));
    const { last } = await watch();
    expect(last().documents[0]!.peers[0]!.connections).toMatchObject([{ state: 'connecting', bytesSent: 0 }]);
  });
});
