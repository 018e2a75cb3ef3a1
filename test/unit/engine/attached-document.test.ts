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
  it('works for the document before its port has come', () => {
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

  it('tells the page of a denial', async () => {
    const { page, asked, sockets } = makeRegistered();
    page.post(peerStart({ peerKey: 2, epoch: 5 }));
    asked[0]!.reply({ status: 'denied', message: 'The user said no.' });
    await settled();
    const error = { type: 'permission-denied', message: 'The user said no.' };
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 2, epoch: 5, error });
    expect(sockets.made).toHaveLength(1);
  });

  it('tells the page of another error than a denial by that error’s type', async () => {
    const { page, asked } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    asked[0]!.reply({ status: 'denied', errorType: 'server-error', message: 'No server.' });
    await settled();
    const error = { type: 'server-error', message: 'No server.' };
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', peerKey: 2, error });
  });

  it('denies where the background cannot be reached', async () => {
    const { page, asked } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    asked[0]!.fail(new Error('gone'));
    await settled();
    expect(page.received.at(-1)).toMatchObject({ type: 'peer.failed', error: { type: 'permission-denied' } });
  });

  it('starts a Peer again under the ID it has without asking', () => {
    const { page, asked, socket, sockets } = makeRegistered();
    socket.drop();
    page.post(peerStart({ requestedId: 'me', leased: true, epoch: 2 }));
    expect(asked).toEqual([]);
    expect(sockets.made).toHaveLength(2);
  });

  it('starts nothing once the document is gone', async () => {
    const { attachedDocument, page, asked, sockets } = makeRegistered();
    page.post(peerStart({ peerKey: 2 }));
    attachedDocument.dispose();
    asked[0]!.reply({ status: 'admitted', admission });
    await settled();
    expect(sockets.made).toHaveLength(1);
  });

  // A second Peer in a document waits for the background, perhaps for a person; its page may not.
  it('keeps a connection that the page begins while its Peer is being admitted', async () => {
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
    'does not register a Peer that has had its %s while it was being admitted',
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
  ])('holds nothing back from a page that answers with a %s', async (_, answer) => {
    const { page, channel, clock } = await makeOpen();
    clock.step = 0;
    for (const each of [1, 2, 3]) {
      channel.receive(Uint8Array.of(each).buffer);
      page.post({ ...answer, connectionKey: 1 });
    }
    expect(page.ofType('data').map(({ data }) => data)).toEqual([[1], [2], [3]]);
    expect(clock.waiting).toBe(0);
  });

  it('gives the connections that it accepts keys of their own', () => {
    const { page, socket } = makeRegistered();
    for (const connectionId of ['a', 'b']) {
      const payload = { sdp: { type: 'offer', sdp: DATA_OFFER }, type: 'data', connectionId, serialization: 'json' };
      socket.receive({ type: 'OFFER', src: 'remote', payload });
    }
    expect(page.ofType('connection.incoming')).toMatchObject([{ connectionKey: -1 }, { connectionKey: -2 }]);
  });

  it('answers for statistics, also of a connection that is gone', async () => {
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

describe('AttachedDocument of a site about whose connections the user has set something', () => {
  const relayed = { ...admission, relayedOnly: true };
  const noRelay = expect.stringContaining('relays (TURN servers) only') as string;

  it('makes connections as the last admission says', async () => {
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

  it('makes the next ones as the user has changed it since, and leaves those that are there', async () => {
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

describe('AttachedDocument whose user decides', () => {
  it('ends all Peers and connections when the permission is taken away, and may ask for another', async () => {
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

  it('closes what is no longer allowed, and says so', async () => {
    const { attachedDocument, page } = await makeOpen();
    attachedDocument.enforce({ ...CONDITIONS, allows: { data: true, calls: false } });
    expect(page.ofType('connection.closed')).toEqual([]);
    attachedDocument.enforce({ ...CONDITIONS, allows: { data: false, calls: true } });
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'permission-denied' } }]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('has the page close what it holds itself and is no longer allowed', async () => {
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

  it('refuses a Peer beyond the limit of the origin, in whichever tab, until one is destroyed', async () => {
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

  // The two tabs' messages reach the host by different ports, so the next Peer may be asked for before the last has ended.
  it('gives a Peer beyond the limit the place of one that another tab ends a moment later', async () => {
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

  it('no longer waits for the place of a Peer that the page has destroyed meanwhile', async () => {
    const { attachedDocument, page, asked } = makeDocument();
    attachedDocument.startPeer(peerStart(), { ...admission, limits: { ...CONDITIONS.limits, peers: 1 } });
    page.post(startMessage({ peerKey: 2 }));
    page.post({ type: 'peer.destroy', peerKey: 2 });
    page.post({ type: 'peer.destroy', peerKey: 1 });
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect([page.ofType('peer.failed'), asked, attachedDocument.peers]).toEqual([[], [], []]);
  });

  it('counts a private window apart', () => {
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
  ])('does not hear %s', async (_, message) => {
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
  ])('is not troubled by %s for what does not exist', async (type, message) => {
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
  ])('ends the connection for which it says %s', async (_, message) => {
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
  ])('is told why %s cannot be', async (_, members, type, words) => {
    const { page, asked } = await makeOpen();
    page.post({ ...peerStart({ peerKey: 2, epoch: 3 }), ...members });
    const message = expect.stringMatching(words) as string;
    expect(page.received.at(-1)).toEqual({ type: 'peer.failed', peerKey: 2, epoch: 3, error: { type, message } });
    expect(asked).toEqual([]);
  });

  it('is told why a message for the server is not sent', async () => {
    const { page, socket } = await makeOpen();
    const before = socket.signals.length;
    page.post({ type: 'peer.send', peerKey: 1, message: { type: 'OFFER', payload: '['.repeat(1000), dst: 'r' } });
    const message = expect.stringContaining('nested more than 500 deep') as string;
    expect(page.received.at(-1)).toEqual({ type: 'peer.error', peerKey: 1, error: { type: 'socket-error', message } });
    expect(socket.signals).toHaveLength(before);
  });

  it('is told which value of a connection is beyond its bounds', async () => {
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

  it('has all that it has ended, with a word, when it keeps sending what is no message', async () => {
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

  it('may send what is no message now and then', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { page, socket } = makeRegistered();
    for (let n = 0; n < 1000; n++) {
      page.post({ type: 'nonsense' });
      vi.advanceTimersByTime(250);
    }
    vi.useRealTimers();
    expect(socket.isClosed).toBe(false);
  });

  it('ends a connection that is refused under a key of the host’s', async () => {
    const { page, peerConnections } = await makeOpen();
    page.post(connectionCreate({ connectionKey: -1 }));
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: -1 }]);
    expect(peerConnections.made).toHaveLength(1);
  });

  it('ends a connection whose stream breaks the contract, and only that', async () => {
    const { page, socket } = await makeOpen();
    page.post(connectionCreate({ connectionKey: 2, connectionId: 'dc_2' }));
    page.post({ type: 'connection.send', connectionKey: 1, announced: [], chunks: [new ArrayBuffer(1)] });
    await settled();
    expect(page.ofType('connection.error')).toMatchObject([{ connectionKey: 1, error: { type: 'connection-closed' } }]);
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    expect(socket.isClosed).toBe(false);
  });

  it('ends a connection that outruns its credit', async () => {
    const { page } = await makeOpen();
    for (let n = 0; n < 21; n++) {
      expect(page.ofType('connection.closed')).toEqual([]);
      const chunks = [new ArrayBuffer(1024 * 1024)];
      page.post({ type: 'connection.send', connectionKey: 1, announced: [1024 * 1024], chunks });
    }
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('does not begin a connection twice under one key', async () => {
    const { page, peerConnections } = await makeOpen();
    page.post(connectionCreate({ connectionId: 'dc_2' }));
    expect(peerConnections.made).toHaveLength(1);
  });
});

describe('AttachedDocument whose port does not carry a message', () => {
  it('loses that message of the remote peer, says so, and keeps the connection', async () => {
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

  it('closes a connection that the page cannot be told of, and says that there was one', async () => {
    const { attachedDocument, host, page, socket } = await makeOpen();
    const before = attachedDocument.connections;
    host.refuses = (message) => (message as { type: string }).type === 'connection.incoming';
    const payload = { sdp: { type: 'offer', sdp: DATA_OFFER }, type: 'data', connectionId: 'c', serialization: 'json' };
    socket.receive({ type: 'OFFER', src: 'remote', payload });
    await settled();
    expect(page.ofType('peer.error')).toMatchObject([{ peerKey: 1, error: { type: 'webrtc' } }]);
    expect(attachedDocument.connections).toEqual(before);
  });

  it('answers for statistics with none', async () => {
    const { host, page } = await makeOpen();
    host.refuses = (message) =>
      (message as { stats?: unknown[] }).stats?.length !== undefined && JSON.stringify(message).includes('T01');
    page.post({ type: 'connection.getStats', connectionKey: 1, requestId: 4 });
    await settled();
    expect(page.ofType('connection.stats')).toMatchObject([{ requestId: 4, stats: [] }]);
  });
});

describe('AttachedDocument whose port is long in coming', () => {
  it('ends when more is said than is kept for it, with a word once the port is there', async () => {
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

describe('AttachedDocument that moves to a port', () => {
  async function makeMoved() {
    const made = await makeOpen();
    const [port, pagePort] = endpointPair();
    made.attachedDocument.move(port);
    return { ...made, port, pagePort };
  }

  it('says so last on the old way, and goes on on the new', async () => {
    const { attachedDocument, page, pagePort, channel } = await makeMoved();
    channel.receive(Uint8Array.of(6).buffer);
    expect(page.received.at(-1)).toEqual({ type: 'moving' });
    expect(pagePort.received).toEqual([{ type: 'data', connectionKeys: [1], data: [6] }]);
    expect(attachedDocument.hasMoved).toBe(true);
  });

  it('hears the new way only once the page has said its last on the old', async () => {
    const { page, pagePort, channel } = await makeMoved();
    const frame = (data: string) => ({ type: 'connection.sendFrames', connectionKey: 1, frames: [data] });
    pagePort.post(frame('second'));
    page.post(frame('first'));
    expect(channel.sent).toEqual(['first']);
    page.post({ type: 'moved' });
    pagePort.post(frame('third'));
    expect(channel.sent).toEqual(['first', 'second', 'third']);
  });

  it('is not troubled by a page that says it has moved when it was not asked', async () => {
    const { page, channel } = await makeOpen();
    page.post({ type: 'moved' });
    page.post({ type: 'connection.sendFrames', connectionKey: 1, frames: ['still here'] });
    expect(channel.sent).toEqual(['still here']);
  });

  it('closes both ways when it is disposed of', async () => {
    const { attachedDocument, host, port } = await makeMoved();
    attachedDocument.dispose();
    expect([host.isClosed, port.isClosed]).toEqual([true, true]);
  });
});

describe('AttachedDocument that is disposed of', () => {
  it('ends all that the document had', async () => {
    const { attachedDocument, host, socket, peerConnections } = await makeOpen();
    attachedDocument.dispose();
    expect(socket.isClosed).toBe(true);
    expect(peerConnections.last.signalingState).toBe('closed');
    expect(host.isClosed).toBe(true);
  });

  it('is so once', async () => {
    const { attachedDocument, page } = await makeOpen();
    attachedDocument.dispose();
    attachedDocument.dispose();
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('hears nothing any more', async () => {
    const { attachedDocument, host, page, asked } = await makeOpen();
    attachedDocument.dispose();
    host.isClosed = false;
    page.post(peerStart({ peerKey: 2 }));
    expect(asked).toEqual([]);
  });
});

/** Two documents of a site, each with a Peer, which has as many as it may. */
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

describe('AttachedDocument of a site that has as many Peers as it may', () => {
  const admits = async (asked: Ask[], index = 0): Promise<void> => {
    await settled();
    asked[index]!.reply({ status: 'admitted', admission: admissionOf() });
    await settled();
  };

  // The two tabs' messages come by different ports: the next Peer may be asked for before the last has ended.
  it('gives the next one the place of one that ends in another tab a moment later', async () => {
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

  it('gives the first Peer of the next page the place of one whose page ends a moment later', async () => {
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

  it('keeps what the page asks of a Peer that waits', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    made.page.post(connectionCreate({ peerKey: 2 }));
    made.otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await admits(made.asked);
    made.sockets.last.welcome();
    await settled();
    expect(made.sockets.last.signals).toMatchObject([{ type: 'OFFER' }]);
  });

  it('refuses a Peer that has waited in vain, and counts nothing of it', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2, epoch: 3 }));
    await vi.advanceTimersByTimeAsync(2000);
    expect(made.page.ofType('peer.failed')).toMatchObject([{ peerKey: 2, epoch: 3, error: { type: 'limit-reached' } }]);
    expect([made.attachedDocument.peers.length, quotaOf(made).peers, made.asked.length]).toEqual([1, 2, 0]);
  });

  it.each(['peer.destroy', 'peer.disconnect'])('starts no Peer that has had its %s while it waited', async (type) => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    made.page.post({ type, peerKey: 2 });
    made.otherPage.post({ type: 'peer.destroy', peerKey: 1 });
    await vi.advanceTimersByTimeAsync(5000);
    expect([made.asked.length, made.page.ofType('peer.failed')]).toEqual([0, []]);
  });

  it('has no Peer of a document wait that is gone', async () => {
    const made = makeFull();
    made.page.post(peerStart({ peerKey: 2 }));
    made.attachedDocument.dispose();
    await vi.advanceTimersByTimeAsync(5000);
    expect([quotaOf(made).peers, made.asked.length]).toEqual([1, 0]);
  });
});

describe('AttachedDocument of a site that has as many connections as it may', () => {
  async function makeConnected() {
    const made = makeFull();
    made.otherPage.post(connectionCreate());
    await settled();
    return made;
  }

  it('gives the next one the place of one that is closed in another tab a moment later', async () => {
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

  it('refuses one that has waited in vain', async () => {
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

  it('keeps what the page signals of a direct call that waits', async () => {
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

  it('keeps no more of that than is good', async () => {
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
    'makes nothing of one that waits after %s',
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

describe('AttachedDocument whose page asks without end', () => {
  it('dials as often as a person could follow, and by the last word', async () => {
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

  it('keeps a Peer whose start is refused for that, and its connections', async () => {
    const { page, peerConnections } = await makeOpen();
    for (let peerKey = 2; peerKey < 100; peerKey++) page.post(peerStart({ peerKey }));
    page.post({ type: 'peer.disconnect', peerKey: 1 });
    page.post(peerStart({ requestedId: 'me', leased: true, epoch: 2 }));
    const failed = page.ofType('peer.failed');
    expect(failed.at(-1)).toMatchObject({ peerKey: 1, epoch: 2, error: { type: 'limit-reached' } });
    expect(peerConnections.last.signalingState).not.toBe('closed');
  });

  it('tells its host when it keeps sending what is no message', () => {
    const { page, onDetached } = makeRegistered();
    for (let n = 0; n < 256; n++) page.post({ type: 'nonsense' });
    expect(onDetached).not.toHaveBeenCalled();
    page.post(null);
    expect(onDetached).toHaveBeenCalled();
  });
});
