import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineHost } from '../../../src/engine/engine-host';
import { ROOM_TIMEOUT_MS } from '../../../src/engine/policy/room-queue';
import type { LiveReport } from '../../../src/protocol/live-messages';
import { endpointPair, type FakeEndpoint } from '../../support/fakes/endpoint-pair';
import { admissionOf, CONDITIONS, hostedWorld } from '../../support/fakes/hosted-world';
import { connectionCreate, peerStart } from '../../support/fakes/page-messages';
import { settled } from '../../support/fakes/settled';
import { siteDocument } from '../../support/fakes/site-documents';
import { dataOffer, keepingConditions, siteHost } from '../../support/fakes/site-host';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function makeHost() {
  const { environment, ...world } = hostedWorld();
  const onIdle = vi.fn();
  const onOccupied = vi.fn();
  const onParked = vi.fn();
  const admit = async () => ({ status: 'denied', message: '' }) as const;
  const background = { admit, leased: () => {} };
  const host = new EngineHost({ ...environment, background, onIdle, onOccupied, onConnections: () => {}, onParked });
  return { host, onIdle, onOccupied, onParked, ...world };
}

/** A host that expects one document. */
function makeExpecting(ticket = 'ticket') {
  const made = makeHost();
  const document = siteDocument();
  const identities = [{ id: 'me', secret: '0'.repeat(32) }];
  made.host.expect(ticket, document, peerStart({ token: 'token' }), admissionOf(identities));
  return { ...made, documentId: document.documentId };
}

/** A host that a document is attached to. */
function makeAttached() {
  const made = makeExpecting();
  const [end, page] = endpointPair();
  const onGone = made.host.bind('ticket', made.documentId, end)!;
  return { ...made, end, page, onGone };
}

describe('EngineHost during the test of a relay', () => {
  it('is not idle', async () => {
    const { host } = makeHost();
    const result = host.testRelay({ urls: ['turn:relay.example'] });
    expect(host.isIdle).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await result).toMatchObject({ error: { code: 'timeout' } });
    expect(host.isIdle).toBe(true);
  });
});

describe('EngineHost reports whether it is occupied', () => {
  it('when it expects the first document and when the last one is gone, once each', () => {
    const { host, onOccupied, onGone } = makeAttached();
    expect(onOccupied.mock.calls).toEqual([[true]]);
    host.expect('second', siteDocument({ documentId: 'second' }), peerStart({ token: 'token' }), admissionOf([]));
    onGone();
    expect(onOccupied.mock.calls).toEqual([[true]]);
    vi.advanceTimersByTime(30_000);
    expect(onOccupied.mock.calls).toEqual([[true], [false]]);
  });

  it('when the test of a relay begins and when it ends', async () => {
    const { host, onOccupied } = makeHost();
    const result = host.testRelay({ urls: ['turn:relay.example'] });
    expect(onOccupied.mock.calls).toEqual([[true]]);
    await vi.advanceTimersByTimeAsync(10_000);
    await result;
    expect(onOccupied.mock.calls).toEqual([[true], [false]]);
  });
});

describe('EngineHost', () => {
  it('starts the first Peer before the document’s port has come', () => {
    const { sockets } = makeExpecting();
    expect(sockets.last.id).toBe('me');
  });

  it('acknowledges the port that shows the ticket, then posts the queued messages', () => {
    const { host, sockets, documentId } = makeExpecting();
    sockets.last.welcome();
    const [end, page] = endpointPair();
    expect(host.bind('ticket', documentId, end)).toBeTypeOf('function');
    expect(page.received).toMatchObject([{ type: 'attached' }, { type: 'peer.open', peerId: 'me' }]);
  });

  it('accepts a ticket for one port only', () => {
    const { host, documentId, end } = makeAttached();
    const [second, thief] = endpointPair();
    expect(host.bind('ticket', documentId, second)).toBeUndefined();
    expect([end.isClosed, second.isClosed]).toEqual([false, true]);
    expect(thief.received).toEqual([]);
  });

  it.each([undefined, null, '', 'another', 7, {}, ['ticket']])('closes a port that shows %j', (ticket) => {
    const { host, documentId } = makeExpecting();
    const [end, page] = endpointPair();
    expect(host.bind(ticket, documentId, end)).toBeUndefined();
    expect(end.isClosed).toBe(true);
    expect(page.received).toEqual([]);
  });

  it.each(['another document', undefined])(
    'closes a port of %s that shows the ticket, and the ticket stays valid',
    (thief) => {
      const { host, documentId } = makeExpecting();
      const [stolen, page] = endpointPair();
      expect(host.bind('ticket', thief, stolen)).toBeUndefined();
      expect(stolen.isClosed).toBe(true);
      expect(page.received).toEqual([]);
      expect(host.bind('ticket', documentId, endpointPair()[0])).toBeDefined();
    },
  );

  it('ends the Peers of a document once when its port is gone', () => {
    const { host, sockets, end, onGone } = makeAttached();
    onGone();
    onGone();
    expect(sockets.last.isClosed).toBe(true);
    expect(end.closings).toBe(1);
    expect(host.isIdle).toBe(true);
  });

  it('rejects the ticket of a document that is gone', () => {
    const { host, documentId, onGone } = makeAttached();
    onGone();
    const [end] = endpointPair();
    expect(host.bind('ticket', documentId, end)).toBeUndefined();
    expect(end.isClosed).toBe(true);
  });

  it('leaves other documents alone when one is gone', () => {
    const { host, sockets, onGone } = makeAttached();
    host.expect('two', siteDocument(), peerStart({ token: 'token' }), admissionOf());
    onGone();
    expect(sockets.made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(host.isIdle).toBe(false);
  });
});

describe('EngineHost with a document that is announced repeatedly', () => {
  it('attaches a document once, however often it is announced', () => {
    const { host, sockets, end, documentId } = makeAttached();
    for (let n = 0; n < 10; n++) {
      host.expect(`again ${n}`, siteDocument({ documentId }), peerStart({ token: 'token' }), admissionOf());
    }
    expect(host.documents()).toHaveLength(1);
    expect(sockets.made.map(({ isClosed }) => isClosed)).toEqual([...Array<boolean>(10).fill(true), false]);
    expect(end.isClosed).toBe(true);
    expect(host.bind('again 8', documentId, endpointPair()[0])).toBeUndefined();
    expect(host.bind('again 9', documentId, endpointPair()[0])).toBeDefined();
  });

  it('detaches only the document that keeps sending invalid messages', () => {
    const { host, page, end } = makeAttached();
    host.expect('other', siteDocument({ tabId: 2 }), peerStart({ token: 'token' }), admissionOf());
    for (let n = 0; n < 300; n++) page.post({ type: 'nonsense' });
    expect([host.documents().length, end.isClosed]).toEqual([1, true]);
  });
});

describe('EngineHost moves the data plane of a document', () => {
  it('to the first port that shows its ticket', () => {
    const { host, page } = makeAttached();
    const [first] = endpointPair();
    const [second, thief] = endpointPair();
    host.move('ticket', first);
    host.move('ticket', second);
    expect(page.received.at(-1)).toEqual({ type: 'moving' });
    expect([first.isClosed, second.isClosed]).toEqual([false, true]);
    expect(thief.received).toEqual([]);
  });

  it.each([undefined, null, 'another', {}])('not to a port that shows %j', (ticket) => {
    const { host, page } = makeAttached();
    const [port] = endpointPair();
    host.move(ticket, port);
    expect(port.isClosed).toBe(true);
    expect(page.ofType('moving')).toEqual([]);
  });

  it('not before the document’s runtime port has come', () => {
    const { host, documentId } = makeExpecting();
    const [early] = endpointPair();
    host.move('ticket', early);
    expect(early.isClosed).toBe(true);
    expect(host.bind('ticket', documentId, endpointPair()[0])).toBeDefined();
  });

  it('not after the document is gone', () => {
    const { host, onGone } = makeAttached();
    onGone();
    const [port] = endpointPair();
    host.move('ticket', port);
    expect(port.isClosed).toBe(true);
  });
});

describe('EngineHost with an announced document', () => {
  it('waits half a minute for its port', () => {
    const { host, sockets } = makeExpecting();
    vi.advanceTimersByTime(29_999);
    expect(host.isIdle).toBe(false);
    vi.advanceTimersByTime(1);
    expect(host.isIdle).toBe(true);
    expect(sockets.last.isClosed).toBe(true);
  });

  it('keeps the document once its port has come', () => {
    const { host } = makeAttached();
    vi.advanceTimersByTime(10 * 60_000);
    expect(host.isIdle).toBe(false);
  });
});

describe('EngineHost reports that it is idle', () => {
  it('after a minute', () => {
    const { onIdle } = makeHost();
    vi.advanceTimersByTime(59_999);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('again after each further minute', () => {
    const { onIdle } = makeHost();
    vi.advanceTimersByTime(5 * 60_000);
    expect(onIdle).toHaveBeenCalledTimes(5);
  });

  it('never while a document is attached', () => {
    const { onIdle } = makeAttached();
    vi.advanceTimersByTime(10 * 60_000);
    expect(onIdle).not.toHaveBeenCalled();
  });

  it('a whole minute after the last document is gone, once', () => {
    const { onIdle, onGone } = makeAttached();
    vi.advanceTimersByTime(20_000);
    onGone();
    onGone();
    vi.advanceTimersByTime(59_999);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('without counting the time before a document came', () => {
    const { host, onIdle } = makeHost();
    vi.advanceTimersByTime(59_000);
    host.expect('ticket', siteDocument(), peerStart({ token: 'token' }), admissionOf());
    vi.advanceTimersByTime(29_000);
    expect(onIdle).not.toHaveBeenCalled();
  });
});

describe('EngineHost with another document in the same frame', () => {
  it('ends the former document and frees its ID, even if its port is still open', () => {
    const { host, sockets } = makeAttached();
    const identities = [{ id: 'me', secret: '0'.repeat(32) }];
    const start = peerStart({ token: 'token', requestedId: 'me' });
    host.expect('second', siteDocument({ documentId: 'second' }), start, admissionOf(identities));
    expect(sockets.made.map(({ id }) => id)).toEqual(['me', 'me']);
  });

  it('leaves a document in another frame alone', () => {
    const { host, documentId } = makeAttached();
    const ids = (): string[] => host.documents().map(({ document }) => document.documentId);
    host.expect('frame', { ...siteDocument({ documentId: 'frame' }), frameId: 7 }, peerStart(), admissionOf([]));
    expect(ids()).toHaveLength(2);
    host.expect('third', { ...siteDocument({ documentId: 'third' }), frameId: 7 }, peerStart(), admissionOf([]));
    expect(ids()).toEqual([documentId, 'third']);
  });
});

/** A site that may keep connections, with one that a remote peer opened. */
async function makeKeeping() {
  const site = siteHost();
  const first = site.load();
  return { ...site, first, connection: await site.accept(first) };
}

describe('EngineHost parks connections', () => {
  it('parks connections when their page is gone, and reports it', async () => {
    const { first, connection, onParked } = await makeKeeping();
    first.leave();
    expect([connection.channel.readyState, connection.peerConnection.signalingState]).toEqual(['open', 'stable']);
    expect([first.host.isClosed, first.socket.isClosed]).toEqual([true, false]);
    expect(onParked.mock.calls).toMatchObject([[{ documentId: first.documentId, tabId: 1 }]]);
  });

  it('ends connections with their page if the user does not allow parking', async () => {
    const site = siteHost();
    const page = site.load({ conditions: { keepsConnections: false } });
    const { peerConnection } = await site.accept(page);
    page.leave();
    expect([peerConnection.signalingState, page.socket.isClosed, site.host.isIdle]).toEqual(['closed', true, true]);
    expect(site.onParked).not.toHaveBeenCalled();
  });

  it('parks no Peer without connections and no Peer that is not registered', async () => {
    const site = siteHost();
    site.load({ ids: ['alone'] }).leave();
    const page = site.load({ ids: ['unserved'], isServed: false });
    page.page.post(connectionCreate());
    await settled();
    page.leave();
    expect(site.sockets.made.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(site.host.isIdle).toBe(true);
    expect(site.onParked).not.toHaveBeenCalled();
  });

  it('gives parked connections to the next page under the same ID', async () => {
    const { first, connection, load } = await makeKeeping();
    first.leave();
    connection.channel.receive('meanwhile');
    const { page } = load();
    expect(first.socket.isClosed).toBe(true);
    const types = page.received.map((message) => (message as { type: string }).type);
    expect(types).toEqual([
      'attached',
      'peer.open',
      'connection.incoming',
      'connection.state',
      'connection.open',
      'data',
    ]);
    expect(page.ofType('connection.incoming')).toMatchObject([{ connectionKey: -1, connectionId: 'dc_r' }]);
    page.post({ type: 'connection.sendFrames', connectionKey: -1, frames: ['answer'] });
    expect(connection.channel.sent).toEqual(['answer']);
  });

  it('gives parked connections to a page that requests the ID by name', async () => {
    const site = siteHost();
    const options = { ids: ['mine'], start: { requestedId: 'mine' } };
    const first = site.load(options);
    await site.accept(first);
    first.leave();
    const { page } = site.load(options);
    expect(page.ofType('peer.open')).toMatchObject([{ peerId: 'mine' }]);
    expect(page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('gives parked connections to a page as soon as its port has come', async () => {
    const { first, connection, host, sockets } = await makeKeeping();
    first.leave();
    const { documentId, ...document } = siteDocument();
    const identities = [{ id: 'me', secret: '0'.repeat(32) }];
    const admission = admissionOf(identities, { keepsConnections: true });
    host.expect('early', { documentId, ...document }, peerStart({ token: 'token' }), admission);
    sockets.last.welcome();
    connection.channel.receive('early');
    const [end, page] = endpointPair();
    host.bind('early', documentId, end);
    expect(page.ofType('connection.incoming')).toHaveLength(1);
    expect(page.ofType('data')).toMatchObject([{ data: ['early'] }]);
  });

  it('gives parked connections to the next Peer only once it is registered', async () => {
    const { first, load } = await makeKeeping();
    first.leave();
    const { page, socket } = load({ isServed: false });
    expect(page.ofType('connection.incoming')).toEqual([]);
    socket.welcome();
    expect(page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('gives each Peer the connections of the Peer with its ID', async () => {
    const { first, load, accept, sockets } = await makeKeeping();
    first.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    await settled();
    sockets.last.welcome();
    await accept({ socket: sockets.last }, 'dc_two');
    first.leave();
    const { page } = load();
    expect(page.ofType('connection.incoming')).toMatchObject([{ peerKey: 1, connectionId: 'dc_r' }]);
    page.post(peerStart({ peerKey: 7, token: 'token', requestedId: 'two' }));
    await settled();
    sockets.last.welcome();
    expect(page.ofType('connection.incoming')[1]).toMatchObject({ peerKey: 7, connectionId: 'dc_two' });
  });

  it.each([['of another tab', { tabId: 2 }]])(
    'gives no connection to a page %s, and reports the ID as taken',
    async (_, options) => {
      const { first, connection, load, sockets } = await makeKeeping();
      first.leave();
      const count = sockets.made.length;
      const { page } = load({ ...options, start: { requestedId: 'me' }, isServed: false });
      expect(page.ofType('peer.failed')).toMatchObject([{ error: { type: 'unavailable-id' } }]);
      expect([sockets.made.length, first.socket.isClosed, connection.channel.readyState]).toEqual([
        count,
        false,
        'open',
      ]);
    },
  );

  // A refusal without a dial would reveal to the page what this browser does elsewhere.
  it.each([
    ['of another site', { origin: 'https://other.example' }],
    ['embedded elsewhere', { topOrigin: 'https://news.example' }],
    ['in a private window', { isPrivate: true }],
  ])('gives no connection to a page %s, and lets the server decide about the ID', async (_, options) => {
    const { first, connection, load, sockets } = await makeKeeping();
    first.leave();
    const count = sockets.made.length;
    const { page } = load({ ...options, start: { requestedId: 'me' }, isServed: false });
    expect([page.ofType('peer.failed'), page.ofType('connection.incoming')]).toEqual([[], []]);
    expect([sockets.made.length, first.socket.isClosed, connection.channel.readyState]).toEqual([
      count + 1,
      false,
      'open',
    ]);
  });

  it('gives a parked connection to page after page', async () => {
    const { first, connection, load } = await makeKeeping();
    first.leave();
    load().leave();
    connection.channel.receive('meanwhile');
    const { page } = load();
    expect(page.ofType('connection.incoming')).toHaveLength(1);
    expect(page.ofType('data')).toMatchObject([{ data: ['meanwhile'] }]);
  });

  it('gives a connection that the next page did not reopen to the page after next, which reopens it', async () => {
    const site = siteHost();
    const first = site.load();
    const { channel } = await site.dial(first);
    first.leave();
    site.load().leave();
    channel.receive(Uint8Array.of(5).buffer);
    // Runs the announcement that was due in the page between.
    site.clock.run();
    const { page } = site.load();
    page.post(connectionCreate({ connectionKey: 4, connectionId: 'dc_2', label: 'dc_2' }));
    expect(page.ofType('connection.open')).toMatchObject([{ connectionKey: 4 }]);
    expect(page.ofType('data')).toMatchObject([{ connectionKeys: [4], data: [5] }]);
    expect(site.peerConnections.made).toHaveLength(1);
  });

  it('keeps connections parked if the next page goes before its Peer is registered', async () => {
    const { first, connection, load } = await makeKeeping();
    first.leave();
    load({ isServed: false }).leave();
    expect(connection.channel.readyState).toBe('open');
    expect(load().page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('closes a parked connection that the page reopens and closes before the adoption', async () => {
    const site = siteHost();
    const first = site.load();
    const { peerConnection } = await site.dial(first);
    first.leave();
    const { page, socket } = site.load({ isServed: false });
    page.post(connectionCreate({ connectionKey: 4 }));
    page.post({ type: 'connection.close', connectionKey: 4 });
    expect(peerConnection.signalingState).toBe('closed');
    socket.welcome();
    site.clock.run();
    expect(page.received.slice(1)).toMatchObject([{ type: 'peer.open' }]);
    expect(site.badge()).toBe(0);
  });

  // The document would lose track of one of them, and the user's later decisions would not reach it.
  it('never has two connections under one key, whatever the page sends', async () => {
    const site = siteHost();
    const first = site.load();
    const { peerConnection } = await site.dial(first);
    first.leave();
    const { page, socket, documentId } = site.load({ isServed: false });
    page.post(connectionCreate({ connectionKey: 4 }));
    page.post(connectionCreate({ connectionKey: 4, remotePeerId: 'another', connectionId: 'dc_2' }));
    await settled();
    socket.welcome();
    const allows = { data: false, calls: true };
    site.host.enforce([{ documentId, conditions: keepingConditions({ allows }) }]);
    expect([peerConnection.signalingState, site.peerConnections.last.signalingState]).toEqual(['closed', 'closed']);
    expect(site.badge()).toBe(0);
  });

  it('gives no connection to a Peer that ends up with another ID', async () => {
    const site = siteHost();
    const first = site.load({ ids: ['one', 'two'] });
    await site.dial(first);
    first.leave();
    const { page, socket } = site.load({ ids: ['one', 'two'], isServed: false });
    page.post(connectionCreate({ connectionKey: 4 }));
    socket.open();
    socket.receive({ type: 'ID-TAKEN' });
    expect(site.sockets.last.id).toBe('two');
    site.sockets.last.welcome();
    expect(page.ofType('peer.open')).toMatchObject([{ peerId: 'two' }]);
    expect(page.ofType('connection.open')).toEqual([]);
    // The page gets a new connection.
    await settled();
    expect(site.sockets.last.messages.map(({ type }) => type)).toContain('OFFER');
  });

  it('lets a parked call ring once, even if the page recreates its Peer', async () => {
    const { first, load, sockets, accept } = await makeKeeping();
    first.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    await settled();
    sockets.last.welcome();
    await accept({ socket: sockets.last }, 'dc_two');
    first.leave();
    first.socket.receive(dataOffer('mc_r', 'remote', { type: 'media' }));
    const { page } = load();
    page.post({ type: 'peer.destroy', peerKey: 1 });
    page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'me' }));
    await settled();
    sockets.last.welcome();
    expect(page.ofType('peer.open')).toHaveLength(2);
    expect(page.ofType('call.incoming')).toHaveLength(1);
  });

  it('gives parked connections on while an older page of the tab has another Peer parked', async () => {
    const { first, load, sockets, accept } = await makeKeeping();
    first.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    await settled();
    sockets.last.welcome();
    await accept({ socket: sockets.last }, 'dc_two');
    first.leave();
    load().leave();
    const { page } = load({ start: { requestedId: 'me' } });
    expect(page.ofType('connection.incoming')).toMatchObject([{ connectionId: 'dc_r' }]);
  });

  // PeerServer may hold back the answer for the ID. A second offer would make the remote peer start over.
  it('repeats a pending offer only after the server has delivered everything that it held back', async () => {
    const site = siteHost();
    const first = site.load();
    first.page.post(connectionCreate());
    await settled();
    const { last } = site.peerConnections;
    last.fireIceState('checking');
    first.leave();
    const { socket } = site.load({ isServed: false });
    socket.open();
    socket.receive({ type: 'OPEN' });
    expect(socket.signals).toEqual([]);
    socket.echo();
    expect(socket.signals).toMatchObject([{ type: 'OFFER', dst: 'remote' }]);
  });

  it('repeats no offer that was answered meanwhile, and sends none when the page reopens its connection', async () => {
    const site = siteHost();
    const first = site.load();
    for (const n of [1, 2]) {
      const ids = { connectionKey: n, connectionId: `dc_${n}`, label: `l${n}` };
      first.page.post(connectionCreate(ids));
    }
    await settled();
    first.leave();
    const { socket, page } = site.load({ isServed: false });
    socket.open();
    socket.receive({ type: 'OPEN' });
    const payload = { sdp: { type: 'answer', sdp: '' }, type: 'data', connectionId: 'dc_1' };
    socket.receive({ type: 'ANSWER', src: 'remote', payload });
    await settled();
    socket.echo();
    page.post(connectionCreate({ connectionKey: 9, connectionId: 'dc_9', label: 'l2' }));
    expect(socket.signals).toMatchObject([{ type: 'OFFER', payload: { connectionId: 'dc_2' } }]);
  });

  it('parks connections once, however often the page is reported gone', async () => {
    const { first, load, onParked } = await makeKeeping();
    first.leave();
    vi.advanceTimersByTime(30_000);
    first.leave();
    expect(onParked).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(29_999);
    expect(load().page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('sends the signals of a connection that were queued between the two sockets', async () => {
    const { first, load, peerConnections } = await makeKeeping();
    first.leave();
    first.socket.receive(dataOffer('dc_late'));
    await settled();
    const { socket } = load({ isServed: false });
    peerConnections.last.iceConnectionState = 'checking';
    peerConnections.last.fireCandidate('candidate:1');
    socket.welcome();
    const payload = { candidate: { candidate: 'candidate:1' }, connectionId: 'dc_late' };
    expect(socket.signals).toMatchObject([{ type: 'CANDIDATE', dst: 'remote', payload }]);
  });

  it('gives a further Peer of the page the connections that it reopens before it is admitted', async () => {
    const { first, load, sockets, peerConnections } = await makeKeeping();
    const second = (page: FakeEndpoint) => page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    second(first.page);
    await settled();
    sockets.last.welcome();
    first.page.post(connectionCreate({ peerKey: 2 }));
    await settled();
    peerConnections.last.channel.open();
    peerConnections.last.fireIceState('connected');
    first.leave();
    const { page } = load();
    second(page);
    for (const [connectionKey, label] of [
      [4, 'dc_4'],
      [5, 'another'],
    ] as const) {
      page.post(connectionCreate({ peerKey: 2, connectionKey, connectionId: `dc_${connectionKey}`, label }));
    }
    await settled();
    sockets.last.welcome();
    expect(page.ofType('connection.open')).toMatchObject([{ connectionKey: -1 }, { connectionKey: 4 }]);
    expect(peerConnections.made).toHaveLength(3);
  });

  it('creates no connection that a further Peer opens and closes before it is admitted', async () => {
    const { first, sockets, peerConnections } = await makeKeeping();
    first.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    first.page.post(connectionCreate({ peerKey: 2 }));
    first.page.post({ type: 'connection.close', connectionKey: 1 });
    await settled();
    sockets.last.welcome();
    await settled();
    expect(peerConnections.made).toHaveLength(1);
  });

  it('ignores messages of a page that is gone', async () => {
    const { first, connection } = await makeKeeping();
    first.leave();
    first.host.isClosed = false;
    first.page.post({ type: 'connection.close', connectionKey: -1 });
    expect(connection.channel.readyState).toBe('open');
    expect(connection.peerConnection.signalingState).toBe('stable');
  });
});

describe('EngineHost ends parked connections', () => {
  const hasEnded = ({ connection }: Awaited<ReturnType<typeof makeKeeping>>) =>
    connection.peerConnection.signalingState === 'closed';

  it('after a minute', async () => {
    const made = await makeKeeping();
    made.first.leave();
    vi.advanceTimersByTime(59_999);
    expect([hasEnded(made), made.host.isIdle]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([hasEnded(made), made.first.socket.isClosed, made.host.isIdle]).toEqual([true, true, true]);
  });

  it('not earlier because the parked Peer registers again', async () => {
    const made = await makeKeeping();
    made.first.socket.drop();
    made.first.page.post(peerStart({ token: 'token', requestedId: 'me', leased: true, epoch: 2 }));
    made.first.leave();
    made.sockets.last.welcome();
    vi.advanceTimersByTime(59_999);
    expect(hasEnded(made)).toBe(false);
  });

  it('after five seconds if the next page has a Peer with another ID', async () => {
    const made = await makeKeeping();
    made.first.leave();
    made.load({ ids: ['another'] });
    vi.advanceTimersByTime(4999);
    expect(hasEnded(made)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(hasEnded(made)).toBe(true);
  });

  it('when the tab shows another site', async () => {
    const made = await makeKeeping();
    made.first.leave();
    made.host.leaveTab(2);
    expect(hasEnded(made)).toBe(false);
    made.host.leaveTab(1);
    expect([hasEnded(made), made.host.isIdle]).toEqual([true, true]);
  });

  it('but not the connections of a page that is attached when its tab is left', async () => {
    const made = await makeKeeping();
    made.host.leaveTab(1);
    expect(hasEnded(made)).toBe(false);
  });

  it('when the user no longer allows parking', async () => {
    const made = await makeKeeping();
    const { documentId, leave } = made.first;
    leave();
    made.host.enforce([{ documentId, conditions: keepingConditions() }]);
    expect(hasEnded(made)).toBe(false);
    made.host.enforce([{ documentId, conditions: keepingConditions({ keepsConnections: false }) }]);
    expect([hasEnded(made), made.host.isIdle]).toEqual([true, true]);
  });

  it('when the user allows the site no data connections', async () => {
    const made = await makeKeeping();
    const { documentId, leave } = made.first;
    leave();
    const allows = { data: false, calls: true };
    made.host.enforce([{ documentId, conditions: keepingConditions({ allows }) }]);
    expect([hasEnded(made), made.host.isIdle]).toEqual([true, true]);
  });

  it('when the user blocks the site', async () => {
    const made = await makeKeeping();
    const { documentId, leave } = made.first;
    leave();
    made.host.enforce([{ documentId, revoked: 'taken away' }]);
    expect([hasEnded(made), made.first.socket.isClosed, made.host.isIdle]).toEqual([true, true, true]);
  });

  it('when the remote peer closes the last one', async () => {
    const made = await makeKeeping();
    const other = await made.accept(made.first, 'dc_other');
    made.first.leave();
    made.connection.channel.onclose?.();
    expect(made.host.isIdle).toBe(false);
    other.channel.onclose?.();
    expect([made.host.isIdle, made.first.socket.isClosed]).toEqual([true, true]);
  });

  it('of all tabs of a site that one review covers', async () => {
    const site = siteHost();
    const pages = [site.load({ tabId: 1, ids: ['1'] }), site.load({ tabId: 2, ids: ['2'] })];
    for (const page of pages) await site.accept(page);
    for (const page of pages) page.leave();
    site.host.enforce(pages.map(({ documentId }) => ({ documentId, revoked: 'taken away' })));
    expect(site.host.isIdle).toBe(true);
  });
});

describe('EngineHost with parked connections', () => {
  it('is occupied until the connections have ended', async () => {
    const { first, onOccupied, onIdle } = await makeKeeping();
    first.leave();
    vi.advanceTimersByTime(60_000);
    expect([onOccupied.mock.calls, onIdle.mock.calls.length]).toEqual([[[true], [false]], 0]);
    vi.advanceTimersByTime(60_000);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('counts nothing for a page whose connections the next page has adopted', async () => {
    const { first, load, host } = await makeKeeping();
    first.leave();
    const next = load();
    expect(host.documents().map(({ document }) => document.documentId)).toEqual([next.documentId]);
    next.page.post({ type: 'connection.close', connectionKey: -1 });
    next.leave();
    expect(host.isIdle).toBe(true);
  });

  it('gives each Peer back to the quota once when the user blocks the site', async () => {
    const { first, host, load } = await makeKeeping();
    // Another tab keeps the site's quota.
    const limits = { peers: 2, connections: 512, queuedBytes: 1e6 };
    const { page } = load({ tabId: 2, ids: ['other'], conditions: { limits } });
    first.leave();
    host.enforce([{ documentId: first.documentId, revoked: 'taken away' }]);
    for (const peerKey of [2, 3]) page.post(peerStart({ peerKey, token: 'token' }));
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect(page.ofType('peer.failed')).toMatchObject([{ peerKey: 3, error: { type: 'limit-reached' } }]);
  });

  it('closes a port that comes after its page is gone', async () => {
    const { first, host } = await makeKeeping();
    first.leave();
    const [port, page] = endpointPair();
    host.move(first.documentId, port);
    expect([port.isClosed, page.received]).toEqual([true, []]);
  });

  it('allows the next page as many Peers as the limit', async () => {
    const site = siteHost();
    const limits = { peers: 1, connections: 512, queuedBytes: 1e6 };
    const first = site.load({ conditions: { limits } });
    await site.accept(first);
    first.leave();
    const { page } = site.load({ conditions: { limits }, isServed: false });
    expect(page.ofType('peer.failed')).toEqual([]);
    page.post(peerStart({ peerKey: 2, token: 'token' }));
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect(page.ofType('peer.failed')).toMatchObject([{ peerKey: 2, error: { type: 'limit-reached' } }]);
  });

  it('parks no more Peers than the origin’s limit', async () => {
    const site = siteHost();
    const limits = { peers: 1, connections: 512, queuedBytes: 1e6 };
    for (const id of ['first', 'second']) {
      const page = site.load({ ids: [id], conditions: { limits } });
      await site.accept(page);
      page.leave();
    }
    expect(site.sockets.made.map(({ isClosed }) => isClosed)).toEqual([false, true]);
    vi.advanceTimersByTime(60_000);
    const page = site.load({ ids: ['third'], conditions: { limits } });
    await site.accept(page);
    page.leave();
    expect(site.sockets.last.isClosed).toBe(false);
  });

  it('ends a parked Peer once its connections are adopted, while other Peers stay parked', async () => {
    const { first, load, sockets, accept, host } = await makeKeeping();
    first.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    await settled();
    sockets.last.welcome();
    await accept({ socket: sockets.last }, 'dc_two');
    first.leave();
    load();
    const [end, panel] = endpointPair();
    host.watch(end);
    await settled();
    const { documents } = panel.received[0] as LiveReport;
    expect(documents.map(({ peers }) => peers.map(({ id, state }) => [id, state]))).toEqual([
      [['two', 'waiting']],
      [['me', 'open']],
    ]);
  });

  it('shows parked connections in the live view with their true age', async () => {
    const { first, host } = await makeKeeping();
    first.leave();
    const [end, panel] = endpointPair();
    host.watch(end);
    await settled();
    expect(panel.received[0]).toMatchObject({
      documents: [{ tabId: 1, peers: [{ id: 'me', state: 'waiting', connections: [{ remotePeerId: 'remote' }] }] }],
    });
  });

  it('counts each parked connection once in the badge, all the time', async () => {
    const { first, load, badge } = await makeKeeping();
    expect(badge()).toBe(1);
    first.leave();
    expect(badge()).toBe(1);
    const { page } = load();
    expect(badge()).toBe(1);
    page.post({ type: 'connection.close', connectionKey: -1 });
    expect(badge()).toBe(0);
  });

  it('counts each parked connection once against the limit', async () => {
    const { first, load, accept, peerConnections } = await makeKeeping();
    first.leave();
    const limits = { peers: 32, connections: 2, queuedBytes: 1e6 };
    const next = load({ conditions: { limits } });
    await accept(next, 'dc_2');
    next.socket.receive(dataOffer('dc_3'));
    await settled();
    expect(peerConnections.made).toHaveLength(2);
    for (const connectionKey of [-1, -2]) next.page.post({ type: 'connection.close', connectionKey });
    await accept(next, 'dc_4');
    await accept(next, 'dc_5');
    expect(peerConnections.made).toHaveLength(4);
  });
});

describe('EngineHost hands parked connections over', () => {
  it('to a page that reopens them while the site is at its limit', async () => {
    const site = siteHost();
    const conditions = { limits: { ...CONDITIONS.limits, connections: 1 } };
    const first = site.load({ conditions });
    const { channel } = await site.dial(first);
    first.leave();
    const { page } = site.load({ conditions, isServed: false });
    page.post(connectionCreate({ connectionKey: 5, connectionId: 'dc_5', label: 'dc_5' }));
    site.sockets.last.welcome();
    channel.receive(Uint8Array.of(5).buffer);
    expect(page.ofType('connection.open')).toMatchObject([{ connectionKey: 5, connectionId: 'dc_1' }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(page.ofType('connection.error')).toEqual([]);
  });

  it('to a page whose port has come, and not to one that is already gone', async () => {
    const { first, connection, load, host, sockets } = await makeKeeping();
    first.leave();
    connection.channel.receive('meanwhile');
    const hasty = siteDocument();
    const admission = admissionOf([{ id: 'me', secret: '0'.repeat(32) }], { keepsConnections: true });
    host.expect('hasty', hasty, peerStart({ token: 'token' }), admission);
    sockets.last.welcome();
    const { page } = load();
    expect(page.ofType('data')).toMatchObject([{ data: ['meanwhile'] }]);
  });

  it('to a document that is announced twice, by its latest ticket only', async () => {
    const { first, host, sockets } = await makeKeeping();
    first.leave();
    const document = siteDocument();
    const admission = admissionOf([{ id: 'me', secret: '0'.repeat(32) }], { keepsConnections: true });
    const start = peerStart({ token: 'token', requestedId: 'me' });
    for (const ticket of ['unheard', 'heard']) host.expect(ticket, document, start, admission);
    const [end, page] = endpointPair();
    host.bind('heard', document.documentId, end);
    sockets.last.welcome();
    expect(page.ofType('connection.incoming')).toHaveLength(1);
    const [late] = endpointPair();
    expect([host.bind('unheard', document.documentId, late), late.isClosed]).toEqual([undefined, true]);
  });

  it.each<[string, Parameters<ReturnType<typeof siteHost>['load']>[0]]>([
    ['may not keep connections', { conditions: { keepsConnections: false } }],
    ['may have no data connections', { conditions: { allows: { data: false, calls: true } } }],
    ['may use relays only', { conditions: { relayedOnly: true } }],
    ['has a custom serializer of that name', { start: { serializers: ['raw'] } }],
  ])('to no page that %s', async (_, options) => {
    const { first, connection, load } = await makeKeeping();
    first.leave();
    const { page } = load(options);
    expect(page.ofType('connection.incoming')).toEqual([]);
    expect(connection.peerConnection.signalingState).toBe('closed');
  });

  it('to a further Peer that reopens them before it has its ID', async () => {
    const site = siteHost();
    const first = site.load();
    first.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    await settled();
    site.sockets.last.welcome();
    const { channel } = await site.dial(first, { peerKey: 2 });
    first.leave();
    const { page } = site.load();
    page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    page.post(connectionCreate({ peerKey: 2, connectionKey: 9, connectionId: 'dc_9', label: 'dc_9' }));
    await settled();
    site.sockets.last.welcome();
    channel.receive(Uint8Array.of(5).buffer);
    expect(page.ofType('connection.open')).toMatchObject([{ connectionKey: 9, connectionId: 'dc_1' }]);
    expect(page.ofType('data')).toMatchObject([{ connectionKeys: [9], data: [5] }]);
  });

  it('from a page to a page, and from a frame to a frame', async () => {
    const { first, load, host, sockets } = await makeKeeping();
    first.leave();
    const frame = { ...siteDocument(), frameId: 7 };
    const start = peerStart({ token: 'token', requestedId: 'me' });
    host.expect('frame', frame, start, admissionOf([{ id: 'me', secret: '0'.repeat(32) }], { keepsConnections: true }));
    const [end, page] = endpointPair();
    host.bind('frame', frame.documentId, end);
    expect([page.ofType('peer.failed').length, sockets.made.length]).toEqual([1, 1]);
    expect(load().page.ofType('connection.incoming')).toHaveLength(1);
  });
});
