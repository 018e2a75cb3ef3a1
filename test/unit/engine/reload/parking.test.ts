import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ROOM_TIMEOUT_MS } from '../../../../src/engine/policy/room-queue';
import type { LiveReport } from '../../../../src/protocol/live-messages';
import { endpointPair } from '../../../support/fakes/endpoint-pair';
import { connectionCreate, peerStart } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { dataOffer, keepingConditions, keepingSite, siteHost } from '../../../support/fakes/site-host';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('EngineHost parks connections', () => {
  it('parks connections when their page is gone, and reports it', async () => {
    const { first, connection, onParked } = await keepingSite();
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

  it('parks connections once, however often the page is reported gone', async () => {
    const { first, load, onParked } = await keepingSite();
    first.leave();
    vi.advanceTimersByTime(30_000);
    first.leave();
    expect(onParked).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(29_999);
    expect(load().page.ofType('connection.incoming')).toHaveLength(1);
  });

  it('creates no connection that a further Peer opens and closes before it is admitted', async () => {
    const { first, sockets, peerConnections } = await keepingSite();
    first.page.post(peerStart({ peerKey: 2, token: 'token', requestedId: 'two' }));
    first.page.post(connectionCreate({ peerKey: 2 }));
    first.page.post({ type: 'connection.close', connectionKey: 1 });
    await settled();
    sockets.last.welcome();
    await settled();
    expect(peerConnections.made).toHaveLength(1);
  });

  it('ignores messages of a page that is gone', async () => {
    const { first, connection } = await keepingSite();
    first.leave();
    first.host.isClosed = false;
    first.page.post({ type: 'connection.close', connectionKey: -1 });
    expect(connection.channel.readyState).toBe('open');
    expect(connection.peerConnection.signalingState).toBe('stable');
  });
});

describe('EngineHost ends parked connections', () => {
  const hasEnded = ({ connection }: Awaited<ReturnType<typeof keepingSite>>) =>
    connection.peerConnection.signalingState === 'closed';

  it('after a minute', async () => {
    const made = await keepingSite();
    made.first.leave();
    vi.advanceTimersByTime(59_999);
    expect([hasEnded(made), made.host.isIdle]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([hasEnded(made), made.first.socket.isClosed, made.host.isIdle]).toEqual([true, true, true]);
  });

  it('not earlier because the parked Peer registers again', async () => {
    const made = await keepingSite();
    made.first.socket.drop();
    made.first.page.post(peerStart({ token: 'token', requestedId: 'me', leased: true, epoch: 2 }));
    made.first.leave();
    made.sockets.last.welcome();
    vi.advanceTimersByTime(59_999);
    expect(hasEnded(made)).toBe(false);
  });

  it('after five seconds if the next page has a Peer with another ID', async () => {
    const made = await keepingSite();
    made.first.leave();
    made.load({ ids: ['another'] });
    vi.advanceTimersByTime(4999);
    expect(hasEnded(made)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(hasEnded(made)).toBe(true);
  });

  it('when the tab shows another site', async () => {
    const made = await keepingSite();
    made.first.leave();
    made.host.leaveTab(2);
    expect(hasEnded(made)).toBe(false);
    made.host.leaveTab(1);
    expect([hasEnded(made), made.host.isIdle]).toEqual([true, true]);
  });

  it('but not the connections of a page that is attached when its tab is left', async () => {
    const made = await keepingSite();
    made.host.leaveTab(1);
    expect(hasEnded(made)).toBe(false);
  });

  it('when the user no longer allows parking', async () => {
    const made = await keepingSite();
    const { documentId, leave } = made.first;
    leave();
    made.host.enforce([{ documentId, conditions: keepingConditions() }]);
    expect(hasEnded(made)).toBe(false);
    made.host.enforce([{ documentId, conditions: keepingConditions({ keepsConnections: false }) }]);
    expect([hasEnded(made), made.host.isIdle]).toEqual([true, true]);
  });

  it('when the user allows the site no data connections', async () => {
    const made = await keepingSite();
    const { documentId, leave } = made.first;
    leave();
    const allows = { data: false, calls: true };
    made.host.enforce([{ documentId, conditions: keepingConditions({ allows }) }]);
    expect([hasEnded(made), made.host.isIdle]).toEqual([true, true]);
  });

  it('when the user blocks the site', async () => {
    const made = await keepingSite();
    const { documentId, leave } = made.first;
    leave();
    made.host.enforce([{ documentId, revoked: 'taken away' }]);
    expect([hasEnded(made), made.first.socket.isClosed, made.host.isIdle]).toEqual([true, true, true]);
  });

  it('when the remote peer closes the last one', async () => {
    const made = await keepingSite();
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
    const { first, onOccupied, onIdle } = await keepingSite();
    first.leave();
    vi.advanceTimersByTime(60_000);
    expect([onOccupied.mock.calls, onIdle.mock.calls.length]).toEqual([[[true], [false]], 0]);
    vi.advanceTimersByTime(60_000);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('counts nothing for a page whose connections the next page has adopted', async () => {
    const { first, load, host } = await keepingSite();
    first.leave();
    const next = load();
    expect(host.documents().map(({ document }) => document.documentId)).toEqual([next.documentId]);
    next.page.post({ type: 'connection.close', connectionKey: -1 });
    next.leave();
    expect(host.isIdle).toBe(true);
  });

  it('gives each Peer back to the quota once when the user blocks the site', async () => {
    const { first, host, load } = await keepingSite();
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
    const { first, host } = await keepingSite();
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
    const { first, load, sockets, accept, host } = await keepingSite();
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
    const { first, host } = await keepingSite();
    first.leave();
    const [end, panel] = endpointPair();
    host.watch(end);
    await settled();
    expect(panel.received[0]).toMatchObject({
      documents: [{ tabId: 1, peers: [{ id: 'me', state: 'waiting', connections: [{ remotePeerId: 'remote' }] }] }],
    });
  });

  it('counts each parked connection once in the badge, all the time', async () => {
    const { first, load, badge } = await keepingSite();
    expect(badge()).toBe(1);
    first.leave();
    expect(badge()).toBe(1);
    const { page } = load();
    expect(badge()).toBe(1);
    page.post({ type: 'connection.close', connectionKey: -1 });
    expect(badge()).toBe(0);
  });

  it('counts each parked connection once against the limit', async () => {
    const { first, load, accept, peerConnections } = await keepingSite();
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
