import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectionCreate } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { peerStart, admitted, makePeer, register, makeRegistered } from '../../../support/fakes/hosted-peer';
import { makeConnections, makeReload, makeCalling } from '../../../support/fakes/peer-connections';

// A hosted call waits some seconds for its page leg.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

describe('HostedPeer connects', () => {
  it('with an offer that waits until it is registered', async () => {
    const { peer, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    peer.connect(connectionCreate());
    await settled();
    expect(sockets.last.signals).toEqual([]);
    sockets.last.open();
    sockets.last.receive({ type: 'OPEN' });
    expect(sockets.last.signals).toMatchObject([{ type: 'OFFER' }]);
  });

  // The echo comes a round trip after OPEN, before any answer. Stock PeerJS treats a second offer as a new connection and
  // closes the first.
  it('with one offer if it connected before it was registered', async () => {
    const { peer, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    peer.connect(connectionCreate());
    await settled();
    sockets.last.welcome();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('with one offer if it connected between OPEN and its echo', async () => {
    const { peer, sockets } = makePeer();
    void register(peer, peerStart(), admitted('me'));
    sockets.last.open();
    sockets.last.receive({ type: 'OPEN' });
    peer.connect(connectionCreate());
    await settled();
    sockets.last.echo();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('with the offer again if the answer may be lost with its socket', async () => {
    const { peer, socket, sockets } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    socket.drop();
    void register(peer, peerStart({ requestedId: 'me', leased: true, epoch: 2 }), undefined);
    sockets.last.welcome();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('with one offer again if it disconnected while the offer was in the socket', async () => {
    const { peer, socket, sockets } = makeRegistered();
    socket.isFlowing = false;
    peer.connect(connectionCreate());
    await settled();
    peer.disconnect();
    void register(peer, peerStart({ requestedId: 'me', leased: true, epoch: 2 }), undefined);
    sockets.last.welcome();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('with the offer once if two sockets were lost before it went out', async () => {
    const { peer, socket, sockets } = makeRegistered();
    socket.drop();
    peer.connect(connectionCreate());
    await settled();
    for (const epoch of [2, 3]) {
      void register(peer, peerStart({ requestedId: 'me', leased: true, epoch }), undefined);
      if (epoch === 2) sockets.last.drop();
    }
    sockets.last.welcome();
    expect(sockets.last.signals.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('without a second offer if the answer was among the held-back messages', async () => {
    const { peer, socket, sockets } = makeRegistered();
    peer.connect(connectionCreate());
    await settled();
    socket.drop();
    void register(peer, peerStart({ requestedId: 'me', leased: true, epoch: 2 }), undefined);
    sockets.last.open();
    sockets.last.receive({ type: 'OPEN' });
    const answer = { sdp: { type: 'answer', sdp: 'remote answer' }, connectionId: 'dc_1' };
    sockets.last.receive({ type: 'ANSWER', src: 'remote', payload: answer });
    await settled();
    sockets.last.echo();
    expect(sockets.last.signals).toEqual([]);
  });
});

describe('PeerConnections whose offers are not answered', () => {
  it('repeats once an offer that may be lost with its socket', () => {
    const { connections, sent, forgotten, signal } = makeCalling();
    signal('CANDIDATE');
    connections.handleLoss();
    expect(forgotten).toEqual(['mc_1']);
    for (let n = 0; n < 2; n++) connections.handleReplayed();
    expect(sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE', 'OFFER', 'CANDIDATE']);
  });

  it('restarts the deadline whenever the offer goes out', async () => {
    const { connections, page, socket } = makeConnections();
    socket.isRegistered = false;
    connections.connect(connectionCreate());
    await settled();
    vi.advanceTimersByTime(3_600_000);
    connections.handleRegistered();
    vi.advanceTimersByTime(20_000);
    // The socket is lost, and connects again much later.
    connections.handleLoss();
    vi.advanceTimersByTime(3_600_000);
    connections.handleRegistered();
    vi.advanceTimersByTime(29_999);
    expect(page.ofType('connection.closed')).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('repeats adopted offers at once if the server has already delivered everything', async () => {
    const { former, next } = makeReload({}, ({ connections }) => {
      connections.connect(connectionCreate({ serialization: 'raw' }));
    });
    await settled();
    former.connections.handleLoss();
    next.connections.handleReplayed();
    next.connections.adopt();
    expect(next.sent).toMatchObject([{ type: 'OFFER', payload: { connectionId: 'dc_1' } }]);
  });
});
