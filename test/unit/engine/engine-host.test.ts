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
  const onWaiting = vi.fn();
  const admit = async () => ({ status: 'denied', message: '' }) as const;
  const background = { admit, leased: () => {} };
  const host = new EngineHost({ ...environment, background, onIdle, onOccupied, onConnections: () => {}, onWaiting });
  return { host, onIdle, onOccupied, onWaiting, ...world };
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

describe('EngineHost that tries a relay', () => {
  it('is not idle meanwhile', async () => {
    const { host } = makeHost();
    const trial = host.testRelay({ urls: ['turn:relay.example'] });
    expect(host.isIdle).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await trial).toMatchObject({ error: { code: 'timeout' } });
    expect(host.isIdle).toBe(true);
  });
});

describe('what EngineHost says of its occupation', () => {
  it('is told once it expects a document, and once the last one is gone', () => {
    const { host, onOccupied, onGone } = makeAttached();
    expect(onOccupied.mock.calls).toEqual([[true]]);
    host.expect('second', siteDocument({ documentId: 'second' }), peerStart({ token: 'token' }), admissionOf([]));
    onGone();
    expect(onOccupied.mock.calls).toEqual([[true]]);
    vi.advanceTimersByTime(30_000);
    expect(onOccupied.mock.calls).toEqual([[true], [false]]);
  });

  it('is told of the trial of a relay', async () => {
    const { host, onOccupied } = makeHost();
    const trial = host.testRelay({ urls: ['turn:relay.example'] });
    expect(onOccupied.mock.calls).toEqual([[true]]);
    await vi.advanceTimersByTimeAsync(10_000);
    await trial;
    expect(onOccupied.mock.calls).toEqual([[true], [false]]);
  });
});

describe('EngineHost', () => {
  it('starts the first Peer before the document’s port has come', () => {
    const { sockets } = makeExpecting();
    expect(sockets.last.id).toBe('me');
  });

  it('acknowledges the port that shows the ticket, and says what it has kept', () => {
    const { host, sockets, documentId } = makeExpecting();
    sockets.last.welcome();
    const [end, page] = endpointPair();
    expect(host.bind('ticket', documentId, end)).toBeTypeOf('function');
    expect(page.received).toMatchObject([{ type: 'attached' }, { type: 'peer.open', peerId: 'me' }]);
  });

  it('takes a ticket for one port', () => {
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

  it.each(['another document', undefined])('closes a port of %s that shows the ticket, which stays good', (thief) => {
    const { host, documentId } = makeExpecting();
    const [stolen, page] = endpointPair();
    expect(host.bind('ticket', thief, stolen)).toBeUndefined();
    expect(stolen.isClosed).toBe(true);
    expect(page.received).toEqual([]);
    expect(host.bind('ticket', documentId, endpointPair()[0])).toBeDefined();
  });

  it('ends what a document had when its port is gone, once', () => {
    const { host, sockets, end, onGone } = makeAttached();
    onGone();
    onGone();
    expect(sockets.last.isClosed).toBe(true);
    expect(end.closings).toBe(1);
    expect(host.isIdle).toBe(true);
  });

  it('does not know the ticket of a document that has gone', () => {
    const { host, documentId, onGone } = makeAttached();
    onGone();
    const [end] = endpointPair();
    expect(host.bind('ticket', documentId, end)).toBeUndefined();
    expect(end.isClosed).toBe(true);
  });

  it('keeps documents apart', () => {
    const { host, sockets, onGone } = makeAttached();
    host.expect('two', siteDocument(), peerStart({ token: 'token' }), admissionOf());
    onGone();
    expect(sockets.made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(host.isIdle).toBe(false);
  });
});

describe('EngineHost with a document that is announced again and again', () => {
  it('has one attachment of it, whose port has come or not', () => {
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

  it('detaches one that keeps sending nonsense, and it alone', () => {
    const { host, page, end } = makeAttached();
    host.expect('other', siteDocument({ tabId: 2 }), peerStart({ token: 'token' }), admissionOf());
    for (let n = 0; n < 300; n++) page.post({ type: 'nonsense' });
    expect([host.documents().length, end.isClosed]).toEqual([1, true]);
  });
});

describe('EngineHost moves a document', () => {
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

  it('not before the document itself has come', () => {
    const { host, documentId } = makeExpecting();
    const [early] = endpointPair();
    host.move('ticket', early);
    expect(early.isClosed).toBe(true);
    expect(host.bind('ticket', documentId, endpointPair()[0])).toBeDefined();
  });

  it('not after it has gone', () => {
    const { host, onGone } = makeAttached();
    onGone();
    const [port] = endpointPair();
    host.move('ticket', port);
    expect(port.isClosed).toBe(true);
  });
});

describe('EngineHost that waits for a document', () => {
  it('does not wait longer than half a minute', () => {
    const { host, sockets } = makeExpecting();
    vi.advanceTimersByTime(29_999);
    expect(host.isIdle).toBe(false);
    vi.advanceTimersByTime(1);
    expect(host.isIdle).toBe(true);
    expect(sockets.last.isClosed).toBe(true);
  });

  it('keeps it when it has come', () => {
    const { host } = makeAttached();
    vi.advanceTimersByTime(10 * 60_000);
    expect(host.isIdle).toBe(false);
  });
});

describe('EngineHost that is idle', () => {
  it('says so after a minute', () => {
    const { onIdle } = makeHost();
    vi.advanceTimersByTime(59_999);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('says so again after a further minute, once a minute', () => {
    const { onIdle } = makeHost();
    vi.advanceTimersByTime(5 * 60_000);
    expect(onIdle).toHaveBeenCalledTimes(5);
  });

  it('does not say so while a document is attached', () => {
    const { onIdle } = makeAttached();
    vi.advanceTimersByTime(10 * 60_000);
    expect(onIdle).not.toHaveBeenCalled();
  });

  it('waits a whole minute from when the last has left, and says so once', () => {
    const { onIdle, onGone } = makeAttached();
    vi.advanceTimersByTime(20_000);
    onGone();
    onGone();
    vi.advanceTimersByTime(59_999);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('does not say so of the time before a document came', () => {
    const { host, onIdle } = makeHost();
    vi.advanceTimersByTime(59_000);
    host.expect('ticket', siteDocument(), peerStart({ token: 'token' }), admissionOf());
    vi.advanceTimersByTime(29_000);
    expect(onIdle).not.toHaveBeenCalled();
  });
});

describe('a document that the next one in its frame replaces', () => {
  it('is gone, though its port has not said so: its ID is free', () => {
    const { host, sockets } = makeAttached();
    const identities = [{ id: 'me', secret: '0'.repeat(32) }];
    const start = peerStart({ token: 'token', requestedId: 'me' });
    host.expect('second', siteDocument({ documentId: 'second' }), start, admissionOf(identities));
    expect(sockets.made.map(({ id }) => id)).toEqual(['me', 'me']);
  });

  it('is none in another frame', () => {
    const { host, documentId } = makeAttached();
    const ids = (): string[] => host.documents().map(({ document }) => document.documentId);
    host.expect('frame', { ...siteDocument({ documentId: 'frame' }), frameId: 7 }, peerStart(), admissionOf([]));
    expect(ids()).toHaveLength(2);
    host.expect('third', { ...siteDocument({ documentId: 'third' }), frameId: 7 }, peerStart(), admissionOf([]));
    expect(ids()).toEqual([documentId, 'third']);
  });
});

/** A site that keeps its links, and has one that a remote peer began. */
async function makeKeeping() {
  const site = siteHost();
  const first = site.load();
  return { ...site, first, link: await site.accept(first) };
}

describe('EngineHost that keeps links', () => {
  it('has them wait when their page is gone, and says so', async () => {
    const { first, link, onWaiting } = await makeKeeping();
    first.leave();
    expect([link.channel.readyState, link.peerConnection.signalingState]).toEqual(['open', 'stable']);
    expect([first.host.isClosed, first.socket.isClosed]).toEqual([true, false]);
    expect(onWaiting.mock.calls).toMatchObject([[{ documentId: first.documentId, tabId: 1 }]]);
  });

  it('ends them with their page where the user does not let it', async () => {
    const site = siteHost();
    const page = site.load({ conditions: { keepsLinks: false } });
    const { peerConnection } = await site.accept(page);
    page.leave();
    expect([peerConnection.signalingState, page.socket.isClosed, site.host.isIdle]).toEqual(['closed', true, true]);
    expect(site.onWaiting).not.toHaveBeenCalled();
  });

  it('keeps no Peer without a link, and none that is not registered', async () => {
    const site = siteHost();
    site.load({ ids: ['alone'] }).leave();
    const page = site.load({ ids: ['unserved'], isServed: false });
    page.page.post(connectionCreate());
    await settled();
    page.leave();
    expect(site.sockets.made.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(site.host.isIdle).toBe(true);
    expect(site.onWaiting).not.toHaveBeenCalled();
  });

  it('gives them to the next page under the same ID', async () => {
    const { first, link, load } = await makeKeeping();
    first.leave();
    link.channel.receive('meanwhile');
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
    expect(link.channel.sent).toEqual(['answer']);
  });

  it('gives them to a page that names the ID itself', async () => {
    const site = siteHost();
    const options = { ids: ['mine'], start: { requestedId: 'mine' } };
    const first = site.load(options);
    await site.accept(first);
    first.leave();
    const { page } = site.load(options);
    expect(page.ofType('peer.open')).toMatchObject([{ peerId: 'mine' }]);
    expect(page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('gives them on before the next page’s port has come', async () => {
    const { first, link, host, sockets } = await makeKeeping();
    first.leave();
    const { documentId, ...document } = siteDocument();
    const identities = [{ id: 'me', secret: '0'.repeat(32) }];
    const admission = admissionOf(identities, { keepsLinks: true });
    host.expect('early', { documentId, ...document }, peerStart({ token: 'token' }), admission);
    sockets.last.welcome();
    link.channel.receive('early');
    const [end, page] = endpointPair();
    host.bind('early', documentId, end);
    expect(page.ofType('connection.incoming')).toHaveLength(1);
    expect(page.ofType('data')).toMatchObject([{ data: ['early'] }]);
  });

  it('gives them on only once the next Peer is registered', async () => {
    const { first, load } = await makeKeeping();
    first.leave();
    const { page, socket } = load({ isServed: false });
    expect(page.ofType('connection.incoming')).toEqual([]);
    socket.welcome();
    expect(page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('gives each Peer its own', async () => {
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
    'gives nothing to a page %s, which finds the ID taken',
    async (_, options) => {
      const { first, link, load, sockets } = await makeKeeping();
      first.leave();
      const count = sockets.made.length;
      const { page } = load({ ...options, start: { requestedId: 'me' }, isServed: false });
      expect(page.ofType('peer.failed')).toMatchObject([{ error: { type: 'unavailable-id' } }]);
      expect([sockets.made.length, first.socket.isClosed, link.channel.readyState]).toEqual([count, false, 'open']);
    },
  );

  // It would learn from a refusal without a dial what this browser does elsewhere.
  it.each([
    ['of another site', { origin: 'https://other.example' }],
    ['embedded elsewhere', { topOrigin: 'https://news.example' }],
    ['in a private window', { isPrivate: true }],
  ])('gives nothing to a page %s, which the server has to answer', async (_, options) => {
    const { first, link, load, sockets } = await makeKeeping();
    first.leave();
    const count = sockets.made.length;
    const { page } = load({ ...options, start: { requestedId: 'me' }, isServed: false });
    expect([page.ofType('peer.failed'), page.ofType('connection.incoming')]).toEqual([[], []]);
    expect([sockets.made.length, first.socket.isClosed, link.channel.readyState]).toEqual([count + 1, false, 'open']);
  });

  it('gives them on again and again', async () => {
    const { first, link, load } = await makeKeeping();
    first.leave();
    load().leave();
    link.channel.receive('meanwhile');
    const { page } = load();
    expect(page.ofType('connection.incoming')).toHaveLength(1);
    expect(page.ofType('data')).toMatchObject([{ data: ['meanwhile'] }]);
  });

  it('gives the page that it began anew to the page after next, which begins it, too', async () => {
    const site = siteHost();
    const first = site.load();
    const { channel } = await site.dial(first);
    first.leave();
    site.load().leave();
    channel.receive(Uint8Array.of(5).buffer);
    // What was to be announced to the page between.
    site.clock.run();
    const { page } = site.load();
    page.post(connectionCreate({ connectionKey: 4, connectionId: 'dc_2', label: 'dc_2' }));
    expect(page.ofType('connection.open')).toMatchObject([{ connectionKey: 4 }]);
    expect(page.ofType('data')).toMatchObject([{ connectionKeys: [4], data: [5] }]);
    expect(site.peerConnections.made).toHaveLength(1);
  });

  it('keeps them for a next page that goes before it is registered', async () => {
    const { first, link, load } = await makeKeeping();
    first.leave();
    load({ isServed: false }).leave();
    expect(link.channel.readyState).toBe('open');
    expect(load().page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('closes what the page has begun anew and closes before it has it', async () => {
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

  // Out of the document's sight it would escape what the user decides later.
  it('has no two connections under one key, whatever the page says', async () => {
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

  it('gives nothing to a Peer that has to take another ID in the end', async () => {
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
    // It is a connection of its own.
    await settled();
    expect(site.sockets.last.messages.map(({ type }) => type)).toContain('OFFER');
  });

  it('lets a call that waited ring once, also where the page makes its Peer anew', async () => {
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

  it('gives them on where an older page of the tab waits for another Peer still', async () => {
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

  // PeerServer may hold the answer for the ID: with the offer sent twice, the remote peer would begin anew.
  it('repeats an offer that is out only once the server has delivered what it held', async () => {
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

  it('repeats no offer that has been answered meanwhile, and none because the page begins it anew', async () => {
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

  it('has them wait once, however often it is told that the page is gone', async () => {
    const { first, load, onWaiting } = await makeKeeping();
    first.leave();
    vi.advanceTimersByTime(30_000);
    first.leave();
    expect(onWaiting).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(29_999);
    expect(load().page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('says for a connection what it could not say between the two sockets', async () => {
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

  it('gives a further Peer of the page what it begins anew before the background has admitted it', async () => {
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

  it('begins nothing that a further Peer of the page has begun and closed before it was admitted', async () => {
    const { first, sockets, peerConnections } = await makeKeeping();
    first.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    first.page.post(connectionCreate({ peerKey: 2 }));
    first.page.post({ type: 'connection.close', connectionKey: 1 });
    await settled();
    sockets.last.welcome();
    await settled();
    expect(peerConnections.made).toHaveLength(1);
  });

  it('hears nothing of a page that is gone', async () => {
    const { first, link } = await makeKeeping();
    first.leave();
    first.host.isClosed = false;
    first.page.post({ type: 'connection.close', connectionKey: -1 });
    expect(link.channel.readyState).toBe('open');
    expect(link.peerConnection.signalingState).toBe('stable');
  });
});

describe('EngineHost ends the links that it keeps', () => {
  const hasEnded = ({ link }: Awaited<ReturnType<typeof makeKeeping>>) =>
    link.peerConnection.signalingState === 'closed';

  it('after a minute', async () => {
    const made = await makeKeeping();
    made.first.leave();
    vi.advanceTimersByTime(59_999);
    expect([hasEnded(made), made.host.isIdle]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([hasEnded(made), made.first.socket.isClosed, made.host.isIdle]).toEqual([true, true, true]);
  });

  it('not before that because the Peer that waits is registered anew', async () => {
    const made = await makeKeeping();
    made.first.socket.drop();
    made.first.page.post(peerStart({ token: 'token', requestedId: 'me', leased: true, epoch: 2 }));
    made.first.leave();
    made.sockets.last.welcome();
    vi.advanceTimersByTime(59_999);
    expect(hasEnded(made)).toBe(false);
  });

  it('soon where the next page has a Peer of another ID', async () => {
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

  it('not those of a page that is there when the tab is said to have left', async () => {
    const made = await makeKeeping();
    made.host.leaveTab(1);
    expect(hasEnded(made)).toBe(false);
  });

  it('when the user lets them be kept no longer', async () => {
    const made = await makeKeeping();
    const { documentId, leave } = made.first;
    leave();
    made.host.enforce([{ documentId, conditions: keepingConditions() }]);
    expect(hasEnded(made)).toBe(false);
    made.host.enforce([{ documentId, conditions: keepingConditions({ keepsLinks: false }) }]);
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

  it('when the remote peer closes the last', async () => {
    const made = await makeKeeping();
    const other = await made.accept(made.first, 'dc_other');
    made.first.leave();
    made.link.channel.onclose?.();
    expect(made.host.isIdle).toBe(false);
    other.channel.onclose?.();
    expect([made.host.isIdle, made.first.socket.isClosed]).toEqual([true, true]);
  });

  it('with all tabs of a site that are decided about at once', async () => {
    const site = siteHost();
    const pages = [site.load({ tabId: 1, ids: ['1'] }), site.load({ tabId: 2, ids: ['2'] })];
    for (const page of pages) await site.accept(page);
    for (const page of pages) page.leave();
    site.host.enforce(pages.map(({ documentId }) => ({ documentId, revoked: 'taken away' })));
    expect(site.host.isIdle).toBe(true);
  });
});

describe('EngineHost that has links waiting', () => {
  it('is occupied until they have ended', async () => {
    const { first, onOccupied, onIdle } = await makeKeeping();
    first.leave();
    vi.advanceTimersByTime(60_000);
    expect([onOccupied.mock.calls, onIdle.mock.calls.length]).toEqual([[[true], [false]], 0]);
    vi.advanceTimersByTime(60_000);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('counts nothing of a page any more that has given all to the next', async () => {
    const { first, load, host } = await makeKeeping();
    first.leave();
    const next = load();
    expect(host.documents().map(({ document }) => document.documentId)).toEqual([next.documentId]);
    next.page.post({ type: 'connection.close', connectionKey: -1 });
    next.leave();
    expect(host.isIdle).toBe(true);
  });

  it('counts no Peer twice when they end because the user blocks the site', async () => {
    const { first, host, load } = await makeKeeping();
    // The origin's count goes on in another tab.
    const limits = { peers: 2, connections: 512, heldBytes: 1e6 };
    const { page } = load({ tabId: 2, ids: ['other'], conditions: { limits } });
    first.leave();
    host.enforce([{ documentId: first.documentId, revoked: 'taken away' }]);
    for (const peerKey of [2, 3]) page.post(peerStart({ peerKey, token: 'token' }));
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect(page.ofType('peer.failed')).toMatchObject([{ peerKey: 3, error: { type: 'limit-reached' } }]);
  });

  it('closes a port that comes when the page is gone', async () => {
    const { first, host } = await makeKeeping();
    first.leave();
    const [port, page] = endpointPair();
    host.move(first.documentId, port);
    expect([port.isClosed, page.received]).toEqual([true, []]);
  });

  it('leaves the next page as many Peers as it may have', async () => {
    const site = siteHost();
    const limits = { peers: 1, connections: 512, heldBytes: 1e6 };
    const first = site.load({ conditions: { limits } });
    await site.accept(first);
    first.leave();
    const { page } = site.load({ conditions: { limits }, isServed: false });
    expect(page.ofType('peer.failed')).toEqual([]);
    page.post(peerStart({ peerKey: 2, token: 'token' }));
    await vi.advanceTimersByTimeAsync(ROOM_TIMEOUT_MS);
    expect(page.ofType('peer.failed')).toMatchObject([{ peerKey: 2, error: { type: 'limit-reached' } }]);
  });

  it('has no more Peers wait than the origin may have', async () => {
    const site = siteHost();
    const limits = { peers: 1, connections: 512, heldBytes: 1e6 };
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

  it('has no Peer wait any more whose links the next page has, though others do', async () => {
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

  it('shows the panel that they wait, and that they are as old as they are', async () => {
    const { first, host } = await makeKeeping();
    first.leave();
    const [end, panel] = endpointPair();
    host.watch(end);
    await settled();
    expect(panel.received[0]).toMatchObject({
      documents: [{ tabId: 1, peers: [{ id: 'me', state: 'waiting', connections: [{ remotePeerId: 'remote' }] }] }],
    });
  });

  it('counts them in the badge, throughout and once', async () => {
    const { first, load, badge } = await makeKeeping();
    expect(badge()).toBe(1);
    first.leave();
    expect(badge()).toBe(1);
    const { page } = load();
    expect(badge()).toBe(1);
    page.post({ type: 'connection.close', connectionKey: -1 });
    expect(badge()).toBe(0);
  });

  it('counts against the limit of connections each of them once', async () => {
    const { first, load, accept, peerConnections } = await makeKeeping();
    first.leave();
    const limits = { peers: 32, connections: 2, heldBytes: 1e6 };
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

describe('EngineHost hands kept links on', () => {
  it('to a page that begins them anew, though the site has as many as it may', async () => {
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

  it('to a page whose port has come, not to one that is gone again by then', async () => {
    const { first, link, load, host, sockets } = await makeKeeping();
    first.leave();
    link.channel.receive('meanwhile');
    const hasty = siteDocument();
    const admission = admissionOf([{ id: 'me', secret: '0'.repeat(32) }], { keepsLinks: true });
    host.expect('hasty', hasty, peerStart({ token: 'token' }), admission);
    sockets.last.welcome();
    const { page } = load();
    expect(page.ofType('data')).toMatchObject([{ data: ['meanwhile'] }]);
  });

  it('to a document that is asked for twice, because nobody heard that it was expected', async () => {
    const { first, host, sockets } = await makeKeeping();
    first.leave();
    const document = siteDocument();
    const admission = admissionOf([{ id: 'me', secret: '0'.repeat(32) }], { keepsLinks: true });
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
    ['may not keep links', { conditions: { keepsLinks: false } }],
    ['may have no data connections', { conditions: { allows: { data: false, calls: true } } }],
    ['may show nobody this browser’s addresses', { conditions: { relayedOnly: true } }],
    ['reads that serialization by itself', { start: { serializers: ['raw'] } }],
  ])('to no page that %s', async (_, options) => {
    const { first, link, load } = await makeKeeping();
    first.leave();
    const { page } = load(options);
    expect(page.ofType('connection.incoming')).toEqual([]);
    expect(link.peerConnection.signalingState).toBe('closed');
  });

  it('to what a further Peer connects to before it has its ID', async () => {
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
    host.expect('frame', frame, start, admissionOf([{ id: 'me', secret: '0'.repeat(32) }], { keepsLinks: true }));
    const [end, page] = endpointPair();
    host.bind('frame', frame.documentId, end);
    expect([page.ofType('peer.failed').length, sockets.made.length]).toEqual([1, 1]);
    expect(load().page.ofType('connection.incoming')).toHaveLength(1);
  });
});
