import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RECLAIM_MS } from '../../../../src/engine/reload/adoption';
import { callCreate, connectionCreate } from '../../../support/fakes/page-messages';
import { siteDocument } from '../../../support/fakes/site-documents';
import { settled } from '../../../support/fakes/settled';
import {
  makeConnections,
  makeReload,
  makeCalling,
  answerSdp,
  offer,
  candidate,
  candidateOf,
} from '../../../support/fakes/peer-connections';

// A hosted call waits some seconds for its page leg.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

describe('PeerConnections with an outgoing call', () => {
  it('ends the former call of a name that the page uses again', () => {
    const { connections, page } = makeConnections();
    connections.call(callCreate({ route: 'direct' }));
    connections.call(callCreate({ connectionKey: 2, route: 'direct' }));
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    connections.closeAll();
    expect(page.ofType('connection.closed')).toHaveLength(2);
  });
});

describe('PeerConnections with a call that is not answered yet', () => {
  it('accepts the answer of the called peer only', () => {
    const { connections, page } = makeCalling();
    connections.handleAnswer({ type: 'ANSWER', src: 'attacker', payload: { sdp: answerSdp, connectionId: 'mc_1' } });
    expect(page.ofType('call.accepted')).toEqual([]);
    connections.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'mc_1' } });
    expect(page.ofType('call.accepted')).toHaveLength(1);
  });

  it('ends the call if the remote peer is absent', () => {
    const { connections, types } = makeCalling();
    connections.handleExpiry('another');
    expect(types()).toEqual(['peer.error']);
    connections.handleExpiry('remote');
    expect(types()).toEqual(['peer.error', 'peer.error', 'connection.error', 'connection.closed']);
  });

  it('keeps a call that was answered before a message to the remote peer expired', () => {
    const { connections, page } = makeCalling();
    connections.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'mc_1' } });
    connections.handleExpiry('remote');
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('ends the call if the remote peer leaves', () => {
    const { connections, types } = makeCalling();
    connections.handleLeave('remote');
    expect(types()).toEqual(['connection.closed', 'peer.leave']);
  });
});

describe('PeerConnections with a custom serializer', () => {
  const theirs = () => offer({ type: 'data', serialization: 'mine', connectionId: 'dc_r' });
  const own = { dst: 'remote', payload: { connectionId: 'dc_1', label: 'chat' } };

  it('list page-owned connections beside hosted ones until the page reports their end', async () => {
    const { connections } = makeConnections();
    connections.connect(connectionCreate({ connectionId: 'dc_0' }));
    connections.signal({ type: 'OFFER', ...own });
    connections.handleOffer(theirs());
    await settled();
    const ids = () => connections.all.map(({ description: { connectionId } }) => connectionId);
    expect(ids()).toEqual(['dc_0', 'dc_1', 'dc_r']);
    connections.handleGone({ type: 'peer.connectionGone', peerKey: 1, remotePeerId: 'remote', connectionId: 'dc_1' });
    expect(ids()).toEqual(['dc_0', 'dc_r']);
    connections.closeAll();
    expect(ids()).toEqual([]);
  });

  it('pass early candidates to the page after their offer', () => {
    const { connections, page } = makeConnections();
    connections.handleCandidate(candidateOf(1, 'remote', 'dc_r'));
    connections.handleOffer(theirs());
    expect(page.ofType('peer.signal')).toMatchObject([
      { message: { type: 'OFFER' } },
      { message: { type: 'CANDIDATE', payload: { candidate: candidate(1) } } },
    ]);
  });

  it('send no more signals of a connection that is closing', () => {
    const { connections, sent } = makeConnections();
    connections.signal({ type: 'OFFER', ...own });
    connections.all[0]!.close();
    connections.signal({ type: 'CANDIDATE', ...own });
    connections.handleOffer(offer({ type: 'data', serialization: 'mine', connectionId: 'dc_1' }));
    expect(sent.map(({ type }) => type)).toEqual(['OFFER']);
  });

  it('ask the page to close connections to a peer that leaves, and drop those to a peer that is absent', () => {
    const { connections, page } = makeConnections();
    connections.handleOffer(theirs());
    connections.handleLeave('remote');
    expect(page.ofType('peer.closeConnection')).toMatchObject([{ connectionId: 'dc_r' }]);
    connections.signal({ type: 'OFFER', ...own });
    connections.handleExpiry('remote');
    expect(connections.all.map(({ description: { connectionId } }) => connectionId)).toEqual(['dc_r']);
  });
});

describe('PeerConnections that adopt from a parked Peer', () => {
  it('have the former page’s connections, which the parked Peer no longer has', async () => {
    const { former, next } = makeReload({}, ({ connections }) => {
      connections.connect(connectionCreate());
      connections.handleOffer(offer({ type: 'data', serialization: 'json', connectionId: 'dc_r' }));
    });
    await settled();
    const { all } = former.connections;
    next.connections.adopt();
    expect([former.connections.all, next.connections.all, next.made]).toEqual([[], all, all]);
    former.connections.closeAll();
    expect(former.peerConnections.made.map(({ signalingState }) => signalingState)).not.toContain('closed');
    next.connections.closeAll();
    expect(former.environment.quotas.join(siteDocument().site)).toMatchObject({ connections: 0, queuedBytes: 0 });
  });

  it('receive the answer and candidates for a connection that the former page opened', async () => {
    const { former, next, peerConnections } = makeReload({}, ({ connections }) =>
      connections.connect(connectionCreate()),
    );
    await settled();
    // The server may deliver held-back messages before it confirms the registration.
    next.connections.handleCandidate(candidateOf(1, 'remote', 'dc_1'));
    next.connections.adopt();
    next.connections.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'dc_1' } });
    await settled();
    next.connections.handleCandidate(candidateOf(2, 'remote', 'dc_1'));
    await settled();
    expect(peerConnections.last.candidates).toEqual([1, 2].map(candidate));
    expect(former.sent).toHaveLength(1);
  });

  it('repeat a pending offer with its candidates over their own socket', async () => {
    const { former, next, peerConnections } = makeReload({}, ({ connections }) =>
      connections.connect(connectionCreate()),
    );
    await settled();
    peerConnections.last.fireCandidate('candidate:1');
    next.connections.adopt();
    next.connections.handleReplayed();
    expect(former.sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
    expect(next.sent.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
  });

  it('report native failures of adopted connections to their own page', async () => {
    const { former, next, peerConnections } = makeReload({}, ({ connections }) =>
      connections.connect(connectionCreate()),
    );
    await settled();
    next.connections.adopt();
    peerConnections.last.failures.set('setRemoteDescription', new Error('bad'));
    next.connections.handleAnswer({ type: 'ANSWER', src: 'remote', payload: { sdp: answerSdp, connectionId: 'dc_1' } });
    await settled();
    expect([former, next].map(({ page }) => page.ofType('peer.error').length)).toEqual([0, 1]);
  });

  it('post connections to their page: incoming ones at once, those that the page does not reopen after a moment', async () => {
    const { former, next, clock } = makeReload({}, ({ connections }) => {
      connections.connect(connectionCreate());
      connections.handleOffer(offer({ type: 'data', serialization: 'json', connectionId: 'dc_r' }));
    });
    await settled();
    for (const { channel, channels } of former.peerConnections.made) if (channels.length > 0) channel.open();
    next.connections.adopt();
    const incoming = () =>
      next.page.ofType('connection.incoming').map(({ connectionKey, connectionId }) => [connectionKey, connectionId]);
    expect(incoming()).toEqual([[-2, 'dc_r']]);
    expect(clock.delays).toEqual([RECLAIM_MS]);
    expect(next.page.ofType('connection.open')).toEqual([]);
    clock.run();
    expect(incoming()).toEqual([
      [-2, 'dc_r'],
      [-1, 'dc_1'],
    ]);
    expect(next.page.ofType('connection.open')).toMatchObject([{ connectionKey: -1 }]);
  });

  it.each(['before', 'after'])('give the page a connection that it reopens %s the adoption, once', async (moment) => {
    const { next, clock, peerConnections } = makeReload({}, ({ connections }) =>
      connections.connect(connectionCreate()),
    );
    await settled();
    peerConnections.last.channel.open();
    peerConnections.last.fireIceState('connected');
    const reopen = () =>
      next.connections.connect(connectionCreate({ connectionKey: 5, connectionId: 'dc_5', label: 'dc_5' }));
    if (moment === 'before') reopen();
    expect(next.types()).toEqual([]);
    next.connections.adopt();
    if (moment === 'after') reopen();
    clock.run();
    expect(next.page.ofType('connection.open')).toMatchObject([{ connectionKey: 5, connectionId: 'dc_1' }]);
    expect(next.page.ofType('connection.incoming')).toEqual([]);
    expect(peerConnections.made).toHaveLength(1);
  });

  it('post nothing to a page that is gone before it has reopened a connection', async () => {
    const { next, clock } = makeReload({}, ({ connections }) => connections.connect(connectionCreate()));
    await settled();
    next.connections.adopt();
    next.connections.park();
    clock.run();
    expect(next.page.ofType('connection.incoming')).toEqual([]);
  });

  it('give the page a new connection if the parked one is not usable', async () => {
    const { next, peerConnections } = makeReload({}, ({ connections }) => connections.connect(connectionCreate()));
    await settled();
    peerConnections.last.channel.open();
    peerConnections.last.iceConnectionState = 'disconnected';
    next.connections.adopt();
    next.connections.connect(connectionCreate({ connectionKey: 2, connectionId: 'dc_2', label: 'dc_2' }));
    expect(peerConnections.made).toHaveLength(2);
  });

  it('refuse metadata that is not JSON before they look for a parked connection', () => {
    const { next } = makeReload({}, ({ connections }) => connections.connect(connectionCreate()));
    next.connections.connect(connectionCreate({ connectionKey: 2, metadata: '{' }));
    expect(next.types()).toEqual(['connection.error', 'connection.closed']);
  });
});

describe('PeerConnections with an outgoing connection', () => {
  it('ends a connection that is not established in time, and reports it', async () => {
    const { connections, page, peerConnections } = makeConnections();
    connections.connect(connectionCreate());
    await settled();
    vi.advanceTimersByTime(29_999);
    expect(page.ofType('connection.closed')).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(page.ofType('connection.error')).toMatchObject([
      { connectionKey: 1, error: { type: 'negotiation-failed' } },
    ]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
    expect(peerConnections.last.signalingState).toBe('closed');
  });

  it('leaves an open connection alone after its deadline', async () => {
    const { connections, page, peerConnections } = makeConnections();
    connections.connect(connectionCreate());
    await settled();
    peerConnections.last.channel.open();
    connections.handleRegistered();
    vi.advanceTimersByTime(3_600_000);
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('ends a connection whose offer the socket refuses, and reports why', async () => {
    const { connections, page, socket } = makeConnections();
    socket.refusal = 'Too much.';
    connections.connect(connectionCreate());
    await settled();
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'limit-reached', message: 'Too much.' } }]);
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('reports why the socket refuses a message that the page sends itself', () => {
    const { connections, page, socket } = makeConnections();
    socket.refusal = 'Too much.';
    connections.signal({ type: 'CUSTOM', payload: 'x' });
    const error = { type: 'limit-reached', message: 'Too much.' };
    expect(page.ofType('peer.error')).toEqual([{ type: 'peer.error', peerKey: 1, error }]);
  });
});

describe('PeerConnections with all kinds switched off', () => {
  it('queues no early candidates', () => {
    const { connections, quota } = makeConnections({ allows: { data: false, calls: false } });
    connections.handleCandidate(candidateOf(1));
    expect(quota.queuedBytes).toBe(0);
    const other = makeConnections({ allows: { data: false, calls: true } });
    other.connections.handleCandidate(candidateOf(1));
    expect(other.quota.queuedBytes).toBeGreaterThan(0);
  });
});
