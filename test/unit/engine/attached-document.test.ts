import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttachedDocument } from '../../../src/engine/attached-document';
import { ROOM_TIMEOUT_MS } from '../../../src/engine/policy/room-queue';
import type { AdmitReply, SiteDocument } from '../../../src/protocol/control-messages';
import type { PeerStart } from '../../../src/protocol/page-messages';
import { endpointPair } from '../../support/fakes/endpoint-pair';
import { admissionOf, CONDITIONS, hostedWorld } from '../../support/fakes/hosted-world';
import { callCreate, connectionCreate, peerStart as startMessage } from '../../support/fakes/page-messages';
import { settled } from '../../support/fakes/settled';
import { DATA_OFFER } from '../../support/sdp-samples';
import { siteDocument } from '../../support/fakes/site-documents';

const peerStart = (start: Partial<PeerStart> = {}): PeerStart => startMessage({ token: 'token', ...start });
const admission = admissionOf([{ id: 'me', secret: '0'.repeat(32) }]);

interface Ask {
  document: SiteDocument;
  start: PeerStart;
  reply: (reply: AdmitReply) => void;
  fail: (error: Error) => void;
}

function makeDocument({ isBound = true } = {}) {
  const world = hostedWorld();
  const onDetached = vi.fn();
  const asked: Ask[] = [];
  const leases: string[] = [];
  const document = siteDocument();
  const attachedDocument = new AttachedDocument(
    document,
    world.environment,
    {
      admit: (site, start) =>
        new Promise((reply, fail) => {
          asked.push({ document: site, start, reply, fail });
        }),
      leased: (_, { id }) => void leases.push(id),
    },
    onDetached,
  );
  const [host, page] = endpointPair();
  if (isBound) attachedDocument.bind(host);
  return { attachedDocument, host, page, asked, leases, document, onDetached, ...world };
}

/** An attached document whose Peer 1 is registered. */
function makeRegistered() {
  const made = makeDocument();
  made.attachedDocument.startPeer(peerStart(), admission);
  made.sockets.last.welcome();
  return { ...made, socket: made.sockets.last };
}

async function makeOpen() {
  const made = makeRegistered();
  made.page.post(connectionCreate());
  await settled();
  const { channel } = made.peerConnections.last;
  channel.open();
  return { ...made, channel };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('AttachedDocument', () => {
  it('serves the document before its port has come', () => {
    const { attachedDocument, host, page, sockets } = makeDocument({ isBound: false });
    attachedDocument.startPeer(peerStart(), admission);
    sockets.last.welcome();
    expect(attachedDocument.isBound).toBe(false);
    attachedDocument.bind(host);
    expect(attachedDocument.isBound).toBe(true);
    expect(page.received).toMatchObject([{ type: 'attached' }, { type: 'peer.open', peerId: 'me' }]);
  });

  it('asks the background for every further Peer, in the document’s name', async () => {
    const { page, asked, document, sockets } = makeRegistered();
    const start = peerStart({ peerKey: 2 });
    page.post(start);
    expect(asked).toMatchObject([{ document, start }]);
    asked[0]!.reply({ status: 'admitted', admission: admissionOf() });
    await settled();
    expect(sockets.made).toHaveLength(2);
  });

  it('reports a denial to the page', async () => {
    const { page, asked, sockets } = makeRegistered();
    page.post(peerStart({ peerKey: 2, epoch: 5 }));
    asked[0]!.reply({ status: 'denied', message: 'The user said no.' });
    await settled();
    const error = { type: 'permission-denied', message: 'The user said no.' };
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 2, epoch: 5, error });
    expect(sockets.made).toHaveLength(1);
  });

  it('reports an error of the background with its type', async () => {
    const { page, asked } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    asked[0]!.reply({ status: 'denied', errorType: 'server-error', message: 'No server.' });
    await settled();
    const error = { type: 'server-error', message: 'No server.' };
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', peerKey: 2, error });
  });

  it('denies a Peer if the background cannot be reached', async () => {
    const { page, asked } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    asked[0]!.fail(new Error('gone'));
    await settled();
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', error: { type: 'permission-denied' } });
  });

  it('restarts a Peer under its present ID without asking the background', () => {
    const { page, asked, socket, sockets } = makeRegistered();
    socket.drop();
    page.post(peerStart({ requestedId: 'me', leased: true, epoch: 2 }));
    expect(asked).toEqual([]);
    expect(sockets.made).toHaveLength(2);
  });

  it('starts no Peer once the document is gone', async () => {
    const { attachedDocument, page, asked, sockets } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    attachedDocument.dispose();
    asked[0]!.reply({ status: 'admitted', admission });
    await settled();
    expect(sockets.made).toHaveLength(1);
  });

  // A second Peer waits for the background, perhaps for the user, while its page already sends requests.
  it('queues a connection that the page opens while its Peer is being admitted', async () => {
    const { page, asked, sockets } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    page.post(connectionCreate({ peerKey: 2 }));
    asked[0]!.reply({ status: 'admitted', admission: admissionOf() });
    await settled();
    sockets.last.welcome();
    await settled();
    expect(sockets.last.signals).toMatchObject([{ type: 'OFFER' }]);
  });

  it('answers a request for the list of peers that comes while its Peer is being admitted', async () => {
    const { page, asked } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    page.post({ type: 'peer.listAllPeers', peerKey: 2, requestId: 1 });
    asked[0]!.reply({ status: 'admitted', admission: admissionOf() });
    await settled();
    expect(page.ofType('peer.listed')).toHaveLength(1);
  });

  it.each(['peer.destroy', 'peer.disconnect'])(
    'does not register a Peer that received %s while it was being admitted',
    async (type) => {
      const { page, asked, sockets } = makeRegistered();
      page.post(peerStart({ peerKey: 2 }));
      page.post({ type, peerKey: 2 });
      asked[0]!.reply({ status: 'admitted', admission: admissionOf() });
      await settled();
      expect(sockets.made).toHaveLength(1);
    },
  );

  it('carries a connection from the page to the channel and back', async () => {
    const { page, channel } = await makeOpen();
    page.post({ type: 'connection.send', connectionKey: 1, announced: [1], chunks: [Uint8Array.of(5).buffer] });
    channel.receive(Uint8Array.of(6).buffer);
    expect(channel.sent).toEqual([Uint8Array.of(5)]);
    expect(page.ofType('data')).toEqual([{ type: 'data', connectionKeys: [1], data: [6] }]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['message', { type: 'connection.send', announced: [1], chunks: [new ArrayBuffer(1)] }],
    ['frame', { type: 'connection.sendFrames', frames: ['x'] }],
  ])('delays no data for a page that answers with a %s', async (_, answer) => {
    const { page, channel, clock } = await makeOpen();
    clock.step = 0;
    for (const each of [1, 2, 3]) {
      channel.receive(Uint8Array.of(each).buffer);
      page.post({ ...answer, connectionKey: 1 });
    }
    expect(page.ofType('data').map(({ data }) => data)).toEqual([[1], [2], [3]]);
    expect(clock.waiting).toBe(0);
  });

  it('gives each accepted connection a negative key of its own', () => {
    const { page, socket } = makeRegistered();
    for (const connectionId of ['a', 'b']) {
      const payload = { sdp: { type: 'offer', sdp: DATA_OFFER }, type: 'data', connectionId, serialization: 'json' };
      socket.receive({ type: 'OFFER', src: 'remote', payload });
    }
    expect(page.ofType('connection.incoming')).toMatchObject([{ connectionKey: -1 }, { connectionKey: -2 }]);
  });

  it('answers a request for statistics even if the connection is gone', async () => {
    const { page } = await makeOpen();
    for (const connectionKey of [1, 99])
      page.post({ type: 'connection.getStats', connectionKey, requestId: connectionKey });
    await settled();
    expect(page.ofType('connection.stats')).toMatchObject([
      { requestId: 99, stats: [] },
      { requestId: 1, stats: [['T01', { type: 'transport' }]] },
    ]);
  });
});

describe('AttachedDocument of a site with connection settings', () => {
  const relayed = { ...admission, relayedOnly: true };
  const noRelay = expect.stringContaining('relays (TURN servers) only') as string;

  it('applies the latest admission to new connections', async () => {
    const { attachedDocument, page, peerConnections, asked } = makeDocument();
    attachedDocument.startPeer(peerStart(), admission);
    page.post(startMessage({ peerKey: 2 }));
    asked[0]!.reply({ status: 'admitted', admission: relayed });
    await settled();
    page.post(connectionCreate());
    await settled();
    expect(page.ofType('connection.error')).toMatchObject([
      { error: { type: 'negotiation-failed', message: noRelay } },
    ]);
    expect(peerConnections.made).toEqual([]);
  });

  it('applies changed conditions to new connections and leaves existing ones alone', async () => {
    const { attachedDocument, page, peerConnections, channel } = await makeOpen();
    attachedDocument.enforce({ ...CONDITIONS, iceServers: [{ urls: ['turn:own.example'] }], relayedOnly: true });
    page.post(connectionCreate({ connectionKey: 2, connectionId: 'dc_2' }));
    await settled();
    expect(peerConnections.last.config).toMatchObject({ iceTransportPolicy: 'relay' });
    expect(channel.readyState).toBe('open');
  });

  it('shows the page no URL of an ICE server in statistics', async () => {
    const { page, peerConnections } = await makeOpen();
    const stats = { id: 'I1', type: 'local-candidate', url: 'turn:own.example' };
    peerConnections.last.getStats = async () => new Map([['I1', stats]]);
    page.post({ type: 'connection.getStats', connectionKey: 1, requestId: 1 });
    await settled();
    expect(page.ofType('connection.stats')).toMatchObject([{ stats: [['I1', { id: 'I1', type: 'local-candidate' }]] }]);
    expect(JSON.stringify(page.received)).not.toContain('own.example');
  });
});

describe('AttachedDocument when the user decides', () => {
  it('ends all Peers and connections when the permission is withdrawn, and may ask for another Peer', async () => {
    const { attachedDocument, page, asked, peerConnections } = await makeOpen();
    page.post(startMessage({ peerKey: 2 }));
    attachedDocument.revoke('taken away');
    expect(peerConnections.last.connectionState).toBe('closed');
    expect(page.ofType('peer.revoked')).toEqual([
      { type: 'peer.revoked', peerKey: 1, message: 'taken away' },
      { type: 'peer.revoked', peerKey: 2, message: 'taken away' },
    ]);
    expect(attachedDocument.peers).toEqual([]);
    asked[0]!.reply({ status: 'admitted', admission });
    await settled();
    expect(page.ofType('peer.open')).toHaveLength(1);
    page.post(startMessage({ peerKey: 3 }));
    expect(asked).toHaveLength(2);
  });

  it('closes connections that are no longer allowed, and reports why', async () => {
    const { attachedDocument, page } = await makeOpen();
    attachedDocument.enforce({ ...CONDITIONS, allows: { data: true, calls: false } });
    expect(page.ofType('connection.closed')).toEqual([]);
    attachedDocument.enforce({ ...CONDITIONS, allows: { data: false, calls: true } });
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'permission-denied' } }]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('asks the page to close page-owned connections that are no longer allowed', async () => {
    const { attachedDocument, page } = await makeOpen();
    const message = { type: 'OFFER', dst: 'remote', payload: '{"connectionId":"own_1"}' };
    page.post({ type: 'peer.send', peerKey: 1, message });
    attachedDocument.enforce({ ...CONDITIONS, allows: { data: false, calls: true } });
    expect(page.ofType('peer.error')).toMatchObject([{ error: { type: 'permission-denied' } }]);
    expect(page.ofType('peer.closeConnection')).toMatchObject([{ remotePeerId: 'remote', connectionId: 'own_1' }]);
    const listed = () => attachedDocument.connections.map(({ description: { connectionId } }) => connectionId);
    expect(listed()).toEqual(['own_1']);
    page.post({ type: 'peer.connectionGone', peerKey: 1, remotePeerId: 'remote', connectionId: 'own_1' });
    expect(listed()).toEqual([]);
  });

  it('refuses a Peer beyond the limit of the origin, counting all tabs, until one is destroyed', async () => {
    const { attachedDocument, page, environment } = makeDocument();
    const limits = { ...CONDITIONS.limits, peers: 2 };
    attachedDocument.startPeer(peerStart(), { ...admission, limits });
    const other = new AttachedDocument(siteDocument({ tabId: 2 }), environment, {
      admit: async () => ({ status: 'admitted', admission }),
      leased: () => undefined,
    });
    other.startPeer(peerStart(), { ...admission, limits });
    page.post(startMessage({ peerKey: 2 }));
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect(page.ofType('peer.failed')).toMatchObject([{ peerKey: 2, error: { type: 'limit-reached' } }]);
    other.dispose();
    page.post(startMessage({ peerKey: 3 }));
    await settled();
    expect(page.ofType('peer.failed')).toHaveLength(1);
    expect(attachedDocument.peers).toHaveLength(2);
  });

  // Messages of two tabs reach the host by different ports, so the request for a Peer may overtake the end of another.
  it('gives a Peer beyond the limit the place of a Peer that another tab ends a moment later', async () => {
    const { attachedDocument, page, asked, environment } = makeDocument();
    const limits = { ...CONDITIONS.limits, peers: 2 };
    attachedDocument.startPeer(peerStart(), { ...admission, limits });
    const [host, otherPage] = endpointPair();
    const other = new AttachedDocument(siteDocument({ tabId: 2 }), environment, {
      admit: () => Promise.reject(new Error('not asked')),
      leased: () => undefined,
    });
    other.bind(host);
    other.startPeer(peerStart(), { ...admission, limits });
    page.post(startMessage({ peerKey: 2 }));
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS - 1);
    expect([page.ofType('peer.failed'), asked]).toEqual([[], []]);
    otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await settled();
    expect(asked).toMatchObject([{ start: { peerKey: 2 } }]);
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect(page.ofType('peer.failed')).toEqual([]);
  });

  it('stops waiting for a place when the page destroys the waiting Peer', async () => {
    const { attachedDocument, page, asked } = makeDocument();
    attachedDocument.startPeer(peerStart(), { ...admission, limits: { ...CONDITIONS.limits, peers: 1 } });
    page.post(startMessage({ peerKey: 2 }));
    page.post({ type: 'peer.destroy', peerKey: 2 });
    page.post({ type: 'peer.destroy', peerKey: 1 });
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect([page.ofType('peer.failed'), asked, attachedDocument.peers]).toEqual([[], [], []]);
  });

  it('counts Peers in private windows apart', () => {
    const { attachedDocument, environment } = makeDocument();
    const limits = { ...CONDITIONS.limits, peers: 1 };
    attachedDocument.startPeer(peerStart(), { ...admission, limits });
    const background = { admit: () => Promise.reject(new Error('not asked')), leased: () => undefined };
    const other = new AttachedDocument(siteDocument({ tabId: 2, isPrivate: true }), environment, background);
    other.startPeer(peerStart(), { ...admission, limits });
    expect([attachedDocument.peers.length, other.peers.length]).toEqual([1, 1]);
  });
});

describe('AttachedDocument with a hostile page', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['text', 'peer.start'],
    ['an array', [peerStart()]],
    ['an unknown type', { type: 'constructor' }],
    ['a host’s message', { type: 'peer.open', peerKey: 1, epoch: 1, peerId: 'me' }],
  ])('ignores %s', async (_, message) => {
    const { page, asked, channel, sockets } = await makeOpen();
    const before = page.received.length;
    page.post(message);
    await settled();
    expect([asked.length, channel.sent.length, sockets.made.length]).toEqual([0, 0, 1]);
    expect(page.received).toHaveLength(before);
  });

  it.each<[string, Record<string, unknown>]>([
    ['peer.disconnect', { peerKey: 99 }],
    ['peer.destroy', { peerKey: 99 }],
    ['peer.listAllPeers', { peerKey: 99, requestId: 1 }],
    ['connection.create', { ...connectionCreate({ peerKey: 99, connectionKey: 99 }) }],
    ['connection.send', { connectionKey: 99, announced: [1], chunks: [new ArrayBuffer(1)] }],
    ['connection.sendFrames', { connectionKey: 99, frames: ['x'] }],
    ['connection.abortMessage', { connectionKey: 99 }],
    ['connection.close', { connectionKey: 99 }],
    ['connection.sdpTransformed', { connectionKey: 99, sdp: 'x' }],
  ])('ignores %s for a Peer or connection that does not exist', async (type, message) => {
    const { page } = await makeOpen();
    const before = page.received.length;
    page.post({ ...message, type });
    await settled();
    expect(page.received).toHaveLength(before);
  });

  it.each<[string, Record<string, unknown>]>([
    ['chunks that are no buffers', { type: 'connection.send', announced: [1], chunks: [[1]] }],
    ['a negative length', { type: 'connection.send', announced: [-1], chunks: [] }],
    ['frames that are no frames', { type: 'connection.sendFrames', frames: [1] }],
  ])('ends the connection for which the page sends %s', async (_, message) => {
    const { page, channel } = await makeOpen();
    page.post({ ...message, connectionKey: 1 });
    expect(page.ofType('connection.error')).toMatchObject([
      { connectionKey: 1, error: { type: 'negotiation-failed' } },
    ]);
    expect(page.ofType('connection.closed')).not.toEqual([]);
    expect(channel.sent).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['a Peer without a server', { server: undefined }, 'server-error', /`server` is missing/],
    ['a Peer of an ID beyond all measure', { requestedId: 'x'.repeat(2000) }, 'invalid-id', /`requestedId` is longer/],
    [
      'a Peer with credentials without end',
      { config: { iceServers: [{ urls: 'turn:a', credential: 'x'.repeat(5000) }] } },
      'webrtc',
      /credential` is longer/,
    ],
  ])('reports why it refuses %s', async (_, members, type, words) => {
    const { page, asked } = await makeOpen();
    page.post({ ...peerStart({ peerKey: 2, epoch: 3 }), ...members });
    const message = expect.stringMatching(words) as string;
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 2, epoch: 3, error: { type, message } });
    expect(asked).toEqual([]);
  });

  it('reports why a message for the server is not sent', async () => {
    const { page, socket } = await makeOpen();
    const before = socket.signals.length;
    page.post({ type: 'peer.send', peerKey: 1, message: { type: 'OFFER', payload: '['.repeat(1000), dst: 'r' } });
    const message = expect.stringContaining('nested more than 500 deep') as string;
    expect(page.received.at(-1)).toEqual({ type: 'peer.error', peerKey: 1, error: { type: 'socket-error', message } });
    expect(socket.signals).toHaveLength(before);
  });

  it('reports which value of a connection is out of bounds', async () => {
    const { page } = await makeOpen();
    page.post(connectionCreate({ connectionKey: 2, label: 'x'.repeat(5000) }));
    page.post(connectionCreate({ connectionKey: 3, metadata: '{"a":'.repeat(1000) }));
    expect(page.ofType('connection.error')).toMatchObject([
      {
        connectionKey: 2,
        error: { type: 'negotiation-failed', message: expect.stringContaining('`label`') as string },
      },
      { connectionKey: 3, error: { message: expect.stringContaining('nested more than 500 deep') as string } },
    ]);
    expect(page.ofType('connection.closed')).toMatchObject([{ connectionKey: 2 }, { connectionKey: 3 }]);
  });

  it('ends all Peers and reports why when the page keeps sending invalid messages', async () => {
    const { page, host, socket, peerConnections, onDetached } = await makeOpen();
    for (let n = 0; n < 256; n++) page.post({ type: 'nonsense' });
    expect(page.ofType('denied')).toEqual([]);
    page.post(null);
    expect(page.received.at(-1)).toEqual({
      type: 'denied',
      message: expect.stringContaining('sending invalid messages') as string,
    });
    expect([socket.isClosed, peerConnections.last.signalingState, host.isClosed]).toEqual([true, 'closed', true]);
    expect(onDetached).toHaveBeenCalledOnce();
  });

  it('tolerates occasional invalid messages', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { page, socket } = makeRegistered();
    for (let n = 0; n < 1000; n++) {
      page.post({ type: 'nonsense' });
      vi.advanceTimersByTime(250);
    }
    vi.useRealTimers();
    expect(socket.isClosed).toBe(false);
  });

  it('ends a connection that the page opens under a key of the host’s', async () => {
    const { page, peerConnections } = await makeOpen();
    page.post(connectionCreate({ connectionKey: -1 }));
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: -1 }]);
    expect(peerConnections.made).toHaveLength(1);
  });

  it('ends only the connection whose stream breaks the contract', async () => {
    const { page, socket } = await makeOpen();
    page.post(connectionCreate({ connectionKey: 2, connectionId: 'dc_2' }));
    page.post({ type: 'connection.send', connectionKey: 1, announced: [], chunks: [new ArrayBuffer(1)] });
    await settled();
    expect(page.ofType('connection.error')).toMatchObject([{ connectionKey: 1, error: { type: 'connection-closed' } }]);
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    expect(socket.isClosed).toBe(false);
  });

  it('ends a connection that sends more than its window', async () => {
    const { page } = await makeOpen();
    for (let n = 0; n < 21; n++) {
      expect(page.ofType('connection.closed')).toEqual([]);
      const chunks = [new ArrayBuffer(1024 * 1024)];
      page.post({ type: 'connection.send', connectionKey: 1, announced: [1024 * 1024], chunks });
    }
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('does not create a second connection under one key', async () => {
    const { page, peerConnections } = await makeOpen();
    page.post(connectionCreate({ connectionId: 'dc_2' }));
    expect(peerConnections.made).toHaveLength(1);
  });
});

describe('AttachedDocument whose port cannot carry a message', () => {
  it('loses only that message, reports it, and keeps the connection', async () => {
    const { host, page, channel } = await makeOpen();
    host.refuses = (message) => (message as { type: string }).type === 'data';
    channel.receive(Uint8Array.of(6).buffer);
    expect(page.received.at(-1)).toMatchObject({
      type: 'connection.error',
      connectionKey: 1,
      error: { type: 'message-too-big' },
    });
    expect(channel.readyState).toBe('open');
  });

  it('closes a connection that it cannot announce to the page, and reports it', async () => {
    const { attachedDocument, host, page, socket } = await makeOpen();
    const before = attachedDocument.connections;
    host.refuses = (message) => (message as { type: string }).type === 'connection.incoming';
    const payload = { sdp: { type: 'offer', sdp: DATA_OFFER }, type: 'data', connectionId: 'c', serialization: 'json' };
    socket.receive({ type: 'OFFER', src: 'remote', payload });
    await settled();
    expect(page.ofType('peer.error')).toMatchObject([{ peerKey: 1, error: { type: 'webrtc' } }]);
    expect(attachedDocument.connections).toEqual(before);
  });

  it('answers a request for statistics with an empty list', async () => {
    const { host, page } = await makeOpen();
    host.refuses = (message) =>
      (message as { stats?: unknown[] }).stats?.length !== undefined && JSON.stringify(message).includes('T01');
    page.post({ type: 'connection.getStats', connectionKey: 1, requestId: 4 });
    await settled();
    expect(page.ofType('connection.stats')).toMatchObject([{ requestId: 4, stats: [] }]);
  });
});

describe('AttachedDocument whose port comes late', () => {
  it('ends its Peers when its queue is full, and reports why once the port has come', async () => {
    const { attachedDocument, host, page, sockets, onDetached } = makeDocument({ isBound: false });
    attachedDocument.startPeer(peerStart(), admission);
    sockets.last.welcome();
    for (let n = 0; n < 5000; n++) sockets.last.receive({ type: 'LEAVE', src: 'remote' });
    expect(sockets.last.isClosed).toBe(true);
    attachedDocument.bind(host);
    expect(page.received).toMatchObject([{ type: 'attached' }, { type: 'denied' }]);
    expect(host.isClosed).toBe(true);
    expect(onDetached).toHaveBeenCalledOnce();
  });
});

describe('AttachedDocument that moves to another port', () => {
  async function makeMoved() {
    const made = await makeOpen();
    const [port, pagePort] = endpointPair();
    made.attachedDocument.move(port);
    return { ...made, port, pagePort };
  }

  it('posts `moving` last on the old port and continues on the new one', async () => {
    const { attachedDocument, page, pagePort, channel } = await makeMoved();
    channel.receive(Uint8Array.of(6).buffer);
    expect(page.received.at(-1)).toEqual({ type: 'moving' });
    expect(pagePort.received).toEqual([{ type: 'data', connectionKeys: [1], data: [6] }]);
    expect(attachedDocument.hasMoved).toBe(true);
  });

  it('reads the new port only after the page’s last message on the old one', async () => {
    const { page, pagePort, channel } = await makeMoved();
    const frame = (data: string) => ({ type: 'connection.sendFrames', connectionKey: 1, frames: [data] });
    pagePort.post(frame('second'));
    page.post(frame('first'));
    expect(channel.sent).toEqual(['first']);
    page.post({ type: 'moved' });
    pagePort.post(frame('third'));
    expect(channel.sent).toEqual(['first', 'second', 'third']);
  });

  it('ignores `moved` if it has not moved', async () => {
    const { page, channel } = await makeOpen();
    page.post({ type: 'moved' });
    page.post({ type: 'connection.sendFrames', connectionKey: 1, frames: ['still here'] });
    expect(channel.sent).toEqual(['still here']);
  });

  it('closes both ports when it is disposed of', async () => {
    const { attachedDocument, host, port } = await makeMoved();
    attachedDocument.dispose();
    expect([host.isClosed, port.isClosed]).toEqual([true, true]);
  });
});

describe('AttachedDocument that is disposed of', () => {
  it('ends the document’s Peers and connections', async () => {
    const { attachedDocument, host, socket, peerConnections } = await makeOpen();
    attachedDocument.dispose();
    expect(socket.isClosed).toBe(true);
    expect(peerConnections.last.signalingState).toBe('closed');
    expect(host.isClosed).toBe(true);
  });

  it('ends them once, however often it is disposed of', async () => {
    const { attachedDocument, page } = await makeOpen();
    attachedDocument.dispose();
    attachedDocument.dispose();
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('ignores further messages of the page', async () => {
    const { attachedDocument, host, page, asked } = await makeOpen();
    attachedDocument.dispose();
    host.isClosed = false;
    page.post(peerStart({ peerKey: 2 }));
    expect(asked).toEqual([]);
  });
});

/** Two documents, each with a Peer, of a site that is at its limit of Peers. */
function makeFull() {
  const { attachedDocument, page, asked, ...world } = makeDocument();
  const limits = { ...CONDITIONS.limits, peers: 2, connections: 1 };
  attachedDocument.startPeer(peerStart(), { ...admission, limits });
  const [end, otherPage] = endpointPair();
  const other = new AttachedDocument(siteDocument({ tabId: 2 }), world.environment, {
    admit: () => Promise.reject(new Error('not asked')),
    leased: () => undefined,
  });
  other.bind(end);
  other.startPeer(peerStart({ requestedId: 'other' }), {
    ...admissionOf([{ id: 'other', secret: '1'.repeat(32) }]),
    limits,
  });
  for (const socket of world.sockets.made) socket.welcome();
  return { attachedDocument, page, other, otherPage, asked, limits, ...world };
}

const quotaOf = ({ environment }: Pick<ReturnType<typeof makeFull>, 'environment'>) =>
  environment.quotas.join(siteDocument().site);

describe('AttachedDocument of a site at its limit of Peers', () => {
  const admits = async (asked: Ask[], index = 0): Promise<void> => {
    await settled();
    asked[index]!.reply({ status: 'admitted', admission: admissionOf() });
    await settled();
  };

  // Messages of two tabs come by different ports, so the request for a Peer may overtake the end of another.
  it('gives the next Peer the place of one that ends in another tab a moment later', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    await vi.advanceTimersByTimeAsync(1999);
    expect([made.page.ofType('peer.failed'), made.asked.length]).toEqual([[], 0]);
    made.otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await admits(made.asked);
    made.sockets.last.welcome();
    expect(made.page.ofType('peer.open').at(-1)).toMatchObject({ peerKey: 2 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(made.page.ofType('peer.failed')).toEqual([]);
  });

  it('gives the first Peer of the next page the place of a Peer whose page ends a moment later', async () => {
    const { other, environment, limits, sockets } = makeFull();
    const next = new AttachedDocument(siteDocument({ tabId: 3 }), environment, {
      admit: () => Promise.reject(new Error('not asked')),
      leased: () => undefined,
    });
    const before = sockets.made.length;
    next.startPeer(peerStart(), { ...admissionOf(), limits });
    expect(sockets.made).toHaveLength(before);
    other.dispose();
    await settled();
    expect(sockets.made).toHaveLength(before + 1);
  });

  it('queues the page’s requests to a Peer that waits for its place', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    made.page.post(connectionCreate({ peerKey: 2 }));
    made.otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await admits(made.asked);
    made.sockets.last.welcome();
    await settled();
    expect(made.sockets.last.signals).toMatchObject([{ type: 'OFFER' }]);
  });

  it('refuses a Peer that gets no place in time, and frees what it has counted', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2, epoch: 3 }));
    await vi.advanceTimersByTimeAsync(2000);
    expect(made.page.ofType('peer.failed')).toMatchObject([{ peerKey: 2, epoch: 3, error: { type: 'limit-reached' } }]);
    expect([made.attachedDocument.peers.length, quotaOf(made).peers, made.asked.length]).toEqual([1, 2, 0]);
  });

  it.each(['peer.destroy', 'peer.disconnect'])('starts no Peer that received %s while it waited', async (type) => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    made.page.post({ type, peerKey: 2 });
    made.otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await vi.advanceTimersByTimeAsync(5000);
    expect([made.asked.length, made.page.ofType('peer.failed')]).toEqual([0, []]);
  });

  it('withdraws the waiting Peers of a document that is gone', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    made.attachedDocument.dispose();
    await vi.advanceTimersByTimeAsync(5000);
    expect([quotaOf(made).peers, made.asked.length]).toEqual([1, 0]);
  });
});

describe('AttachedDocument of a site at its limit of connections', () => {
  async function makeConnected() {
    const made = makeFull();
    made.otherPage.post(connectionCreate());
    await settled();
    return made;
  }

  it('gives the next connection the place of one that closes in another tab a moment later', async () => {
    const { page, otherPage, peerConnections } = await makeConnected();
    page.post(connectionCreate({ connectionId: 'dc_2' }));
    await vi.advanceTimersByTimeAsync(1999);
    expect([peerConnections.made.length, page.ofType('connection.error')]).toEqual([1, []]);
    otherPage.post({ type: 'connection.close', connectionKey: 1 });
    await settled();
    expect(peerConnections.made).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2000);
    expect(page.ofType('connection.error')).toEqual([]);
  });

  it('refuses a connection that gets no place in time', async () => {
    const made = await makeConnected();
    // The other tab's offer waits for its server.
    const before = quotaOf(made).heldBytes;
    made.page.post(connectionCreate({ connectionId: 'dc_2' }));
    expect(quotaOf(made).heldBytes).toBeGreaterThan(before);
    await vi.advanceTimersByTimeAsync(2000);
    expect(made.page.ofType('connection.error')).toMatchObject([
      { connectionKey: 1, error: { type: 'limit-reached' } },
    ]);
    expect(made.page.ofType('connection.closed')).toHaveLength(1);
    expect(quotaOf(made).heldBytes).toBe(before);
  });

  it('queues the page’s signals of a direct call that waits for its place', async () => {
    const { page, otherPage, sockets } = await makeConnected();
    page.post(callCreate({ route: 'direct' }));
    const signal = (type: string, payload: object) =>
      page.post({
        type: 'call.signal',
        connectionKey: 1,
        to: 'remote',
        message: { type, payload: { type: 'media', connectionId: 'mc_1', ...payload } },
      });
    signal('OFFER', { sdp: { type: 'offer', sdp: 'page offer' } });
    signal('CANDIDATE', { candidate: { candidate: 'candidate:1', sdpMid: '0' } });
    otherPage.post({ type: 'connection.close', connectionKey: 1 });
    await settled();
    expect(sockets.made[0]!.signals).toMatchObject([{ type: 'OFFER' }, { type: 'CANDIDATE' }]);
  });

  it('queues a bounded number of signals for a waiting call', async () => {
    const made = await makeConnected();
    made.page.post(callCreate({ route: 'direct' }));
    const payload = { type: 'media', connectionId: 'mc_1', sdp: { type: 'offer', sdp: 'x'.repeat(100_000) } };
    for (let n = 0; n < 100; n++) {
      made.page.post({ type: 'call.signal', connectionKey: 1, to: 'remote', message: { type: 'OFFER', payload } });
    }
    expect(quotaOf(made).heldBytes).toBeLessThanOrEqual(1024 * 1024 + 100_000);
    made.page.post({ type: 'connection.close', connectionKey: 1 });
    expect(quotaOf(made).heldBytes).toBeLessThan(100_000);
  });

  it.each(['connection.close', 'peer.destroy', 'the end of the document'])(
    'creates no connection that was waiting, after %s',
    async (end) => {
      const { attachedDocument, page, otherPage, peerConnections } = await makeConnected();
      page.post(connectionCreate({ connectionId: 'dc_2' }));
      page.post({ type: 'connection.getStats', connectionKey: 1, requestId: 1 });
      if (end === 'connection.close') page.post({ type: end, connectionKey: 1 });
      else if (end === 'peer.destroy') page.post({ type: end, peerKey: 1 });
      else attachedDocument.dispose();
      otherPage.post({ type: 'connection.close', connectionKey: 1 });
      await vi.advanceTimersByTimeAsync(5000);
      expect(peerConnections.made).toHaveLength(1);
      expect(page.ofType('connection.error')).toEqual([]);
    },
  );
});

describe('AttachedDocument with a page that floods it', () => {
  it('limits the rate of dials, and dials for the latest start', async () => {
    const { page, sockets, asked } = makeRegistered();
    for (let epoch = 2; epoch < 500; epoch++) {
      page.post({ type: 'peer.disconnect', peerKey: 1 });
      page.post(peerStart({ requestedId: 'me', leased: true, epoch }));
    }
    expect(sockets.made.length).toBeLessThanOrEqual(33);
    await vi.advanceTimersByTimeAsync(500);
    sockets.last.welcome();
    expect(page.ofType('peer.open').at(-1)).toMatchObject({ epoch: 499 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([sockets.made.length, asked.length]).toEqual([34, 0]);
  });

  it('keeps a Peer and its connections when a restart is refused for its rate', async () => {
    const { page, peerConnections } = await makeOpen();
    for (let peerKey = 2; peerKey < 100; peerKey++) page.post(peerStart({ peerKey }));
    page.post({ type: 'peer.disconnect', peerKey: 1 });
    page.post(peerStart({ requestedId: 'me', leased: true, epoch: 2 }));
    const failed = page.ofType('peer.failed');
    expect(failed.at(-1)).toMatchObject({ peerKey: 1, epoch: 2, error: { type: 'limit-reached' } });
    expect(peerConnections.last.signalingState).not.toBe('closed');
  });

  it('reports its detachment to the host when the page keeps sending invalid messages', () => {
    const { page, onDetached } = makeRegistered();
    for (let n = 0; n < 256; n++) page.post({ type: 'nonsense' });
    expect(onDetached).not.toHaveBeenCalled();
    page.post(null);
    expect(onDetached).toHaveBeenCalled();
  });
});
