import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endpointPair, type FakeEndpoint } from '../../../support/fakes/endpoint-pair';
import { admissionOf, CONDITIONS } from '../../../support/fakes/hosted-world';
import { connectionCreate, peerStart } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { siteDocument } from '../../../support/fakes/site-documents';
import { keepingConditions, keepingSite, siteHost } from '../../../support/fakes/site-host';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('EngineHost with a page that comes after another', () => {
  it('gives parked connections to the next page under the same ID', async () => {
    const { first, connection, load } = await keepingSite();
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
    const { first, connection, host, sockets } = await keepingSite();
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
    const { first, load } = await keepingSite();
    first.leave();
    const { page, socket } = load({ isServed: false });
    expect(page.ofType('connection.incoming')).toEqual([]);
    socket.welcome();
    expect(page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('gives each Peer the connections of the Peer with its ID', async () => {
    const { first, load, accept, sockets } = await keepingSite();
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
      const { first, connection, load, sockets } = await keepingSite();
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
    const { first, connection, load, sockets } = await keepingSite();
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
    const { first, connection, load } = await keepingSite();
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
    const { first, connection, load } = await keepingSite();
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

  it('gives parked connections on while an older page of the tab has another Peer parked', async () => {
    const { first, load, sockets, accept } = await keepingSite();
    first.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    await settled();
    sockets.last.welcome();
    await accept({ socket: sockets.last }, 'dc_two');
    first.leave();
    load().leave();
    const { page } = load({ start: { requestedId: 'me' } });
    expect(page.ofType('connection.incoming')).toMatchObject([{ connectionId: 'dc_r' }]);
  });

  it('gives a further Peer of the page the connections that it reopens before it is admitted', async () => {
    const { first, load, sockets, peerConnections } = await keepingSite();
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
    const { first, connection, load, host, sockets } = await keepingSite();
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
    const { first, host, sockets } = await keepingSite();
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
    const { first, connection, load } = await keepingSite();
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
    const { first, load, host, sockets } = await keepingSite();
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
