import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectionCreate, peerStart } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { dataOffer, keepingSite, siteHost } from '../../../support/fakes/site-host';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('EngineHost with the signalling of a parked Peer', () => {
  it('lets a parked call ring once, even if the page recreates its Peer', async () => {
    const { first, load, sockets, accept } = await keepingSite();
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

  it('sends the signals of a connection that were queued between the two sockets', async () => {
    const { first, load, peerConnections } = await keepingSite();
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
});
