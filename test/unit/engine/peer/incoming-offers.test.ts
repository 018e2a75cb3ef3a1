import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CONDITIONS } from '../../../support/fakes/hosted-world';
import { siteDocument } from '../../../support/fakes/site-documents';
import { settled } from '../../../support/fakes/settled';
import { makeRegistered, offerMessage, candidateMessage } from '../../../support/fakes/hosted-peer';
import type { SignalMessage } from '../../../../src/protocol/signalling';
import { callAnswer } from '../../../support/fakes/page-messages';
import {
  makeConnections,
  makeReload,
  sdp,
  offer,
  candidate,
  candidateOf,
  dataOffer,
} from '../../../support/fakes/peer-connections';

// A hosted call waits some seconds for its page leg.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

describe('HostedPeer with an incoming offer', () => {
  it('announces the connection to the page and answers', async () => {
    const { page, socket } = makeRegistered();
    socket.receive(offerMessage({ metadata: { a: 1 } }));
    await settled();
    expect(page.ofType('connection.incoming')).toEqual([
      {
        type: 'connection.incoming',
        peerKey: 1,
        connectionKey: -1,
        remotePeerId: 'remote',
        connectionId: 'dc_r',
        label: 'l',
        metadata: { a: 1 },
        serialization: 'json',
        reliable: true,
      },
    ]);
    expect(socket.signals).toMatchObject([{ type: 'ANSWER', dst: 'remote', payload: { connectionId: 'dc_r' } }]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['another kind', { type: 'media' }],
    ['an unknown serialization', { serialization: 'toString' }],
    ['no serialization', { serialization: undefined }],
  ])('ignores %s', async (_, payload) => {
    const { page, socket, peerConnections } = makeRegistered();
    socket.receive(offerMessage(payload));
    await settled();
    expect(page.ofType('connection.incoming')).toEqual([]);
    expect(peerConnections.made).toEqual([]);
  });

  it('uses the ID of a connection without a label as its label, as PeerJS does', () => {
    const { page, socket } = makeRegistered();
    socket.receive(offerMessage({ label: undefined }));
    expect(page.ofType('connection.incoming')).toMatchObject([{ label: 'dc_r' }]);
  });

  it('closes the former connection when its offer is repeated, as PeerJS does', () => {
    const { page, socket } = makeRegistered();
    socket.receive(offerMessage());
    socket.receive(offerMessage());
    const types = page.received.map((message) => (message as { type: string }).type);
    expect(types.filter((type) => type.startsWith('connection.'))).toEqual([
      'connection.incoming',
      'connection.closed',
      'connection.incoming',
    ]);
  });

  it('does not close another peer’s connection of the same ID', () => {
    const { page, socket } = makeRegistered();
    socket.receive(offerMessage());
    socket.receive(offerMessage({}, 'attacker'));
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it('adds the candidates that came before the offer', async () => {
    const { socket, peerConnections } = makeRegistered();
    for (const n of [1, 2]) socket.receive(candidateMessage(n));
    socket.receive(candidateMessage(3, 'attacker'));
    socket.receive(offerMessage());
    socket.receive(candidateMessage(4));
    await settled();
    expect(peerConnections.last.candidates.map((each) => each.candidate)).toEqual([
      'candidate:1',
      'candidate:2',
      'candidate:4',
    ]);
  });

  it('announces as many unestablished connections as a remote peer may have', () => {
    const { page, socket, peerConnections } = makeRegistered();
    for (let n = 0; n < 1100; n++) socket.receive(offerMessage({ connectionId: `dc_${n}` }));
    expect(peerConnections.made).toHaveLength(16);
    expect(page.ofType('connection.incoming')).toHaveLength(16);
    expect(page.ofType('connection.closed')).toEqual([]);
  });

  it.each([
    [
      'an answer',
      { type: 'ANSWER', src: 'stranger', payload: { sdp: { type: 'answer', sdp: '' }, connectionId: 'dc_x' } },
    ],
    ['a candidate without a candidate', { type: 'CANDIDATE', src: 'stranger', payload: { connectionId: 'dc_x' } }],
  ])('survives %s for no connection', (_, message) => {
    const { page, socket } = makeRegistered();
    const before = page.received.length;
    socket.receive(message);
    expect(page.received).toHaveLength(before);
  });
});

describe('PeerConnections with an incoming call', () => {
  it('announces the call to the page, which may answer it or not', () => {
    const { connections, page, peerConnections } = makeConnections();
    connections.handleOffer(offer({ metadata: { a: 1 } }));
    expect(page.ofType('call.incoming')).toEqual([
      {
        type: 'call.incoming',
        peerKey: 1,
        connectionKey: -1,
        remotePeerId: 'remote',
        connectionId: 'mc_r',
        metadata: { a: 1 },
        offer: sdp,
      },
    ]);
    expect(peerConnections.made).toEqual([]);
  });

  it('treats a repeated offer as a new call, as PeerJS does', () => {
    const { connections, types, made } = makeConnections();
    connections.handleOffer(offer());
    connections.handleOffer(offer());
    expect(types()).toEqual(['call.incoming', 'connection.closed', 'call.incoming']);
    expect(made.map(({ description: { connectionKey } }) => connectionKey)).toEqual([-1, -2]);
  });

  it('keeps the call when another peer makes an offer with the same ID', () => {
    const { connections, types } = makeConnections();
    connections.handleOffer(offer());
    connections.handleOffer(offer({}, 'attacker'));
    expect(types()).toEqual(['call.incoming', 'call.incoming']);
  });

  it('passes early candidates to the call that they belong to', () => {
    const { connections, page, made } = makeConnections();
    for (const n of [1, 2]) connections.handleCandidate(candidateOf(n));
    connections.handleCandidate(candidateOf(3, 'attacker'));
    connections.handleCandidate(candidateOf(4, 'remote', 'mc_x'));
    connections.handleOffer(offer());
    connections.handleCandidate(candidateOf(5));
    if ('answer' in made[0]! && 'call' in made[0]) made[0].answer(callAnswer({ route: 'direct' }));
    const signals = page.ofType('call.signal') as unknown as { message: SignalMessage }[];
    expect(signals.map(({ message }) => message.payload.candidate)).toEqual([1, 2, 5].map(candidate));
  });

  it('accepts sixteen calls of one remote peer, and more only after it hangs up or one has rung for a minute', () => {
    const { connections, page } = makeConnections();
    for (let n = 0; n < 20; n++) connections.handleOffer(offer({ connectionId: `mc_${n}` }));
    expect(page.ofType('call.incoming')).toHaveLength(16);
    connections.handleLeave('remote');
    vi.advanceTimersByTime(30_000);
    connections.handleOffer(offer({ connectionId: 'mc_later' }));
    expect(page.ofType('call.incoming')).toHaveLength(17);
    for (let n = 0; n < 15; n++) connections.handleOffer(offer({ connectionId: `mc_more_${n}` }));
    vi.advanceTimersByTime(60_000);
    connections.handleOffer(offer({ connectionId: 'mc_last' }));
    // The call that rang longest has given up its place.
    expect(page.ofType('connection.closed').slice(16)).toEqual([{ type: 'connection.closed', connectionKey: -17 }]);
    expect(page.ofType('call.incoming').at(-1)).toMatchObject({ connectionId: 'mc_last' });
  });

  it('creates nothing for an offer without a valid description', () => {
    const { connections, page, peerConnections, environment } = makeConnections();
    for (const type of ['data', 'media']) {
      const serialization = 'raw';
      for (const text of ['x', '', 'v=0\r\n']) {
        const sdp = { type: 'offer' as const, sdp: text };
        connections.handleOffer(offer({ type, serialization, sdp, connectionId: `${type} ${text}` }));
      }
    }
    // The page gets one warning, however often a remote peer sends such offers.
    expect([page.received.length, page.ofType('peer.warning').length, peerConnections.made.length]).toEqual([2, 1, 0]);
    expect(environment.quotas.join(siteDocument().site)).toMatchObject({ connections: 0, unestablished: { size: 0 } });
  });
});

describe('PeerConnections with many incoming offers', () => {
  it('answers a limited number of offers of one remote peer, and the next when one is established', async () => {
    const { connections, page, peerConnections } = makeConnections();
    for (let n = 0; n < 20; n++) connections.handleOffer(dataOffer(n));
    connections.handleCandidate(candidateOf(7, 'remote', 'dc_16'));
    expect([peerConnections.made.length, page.ofType('connection.incoming').length]).toEqual([16, 16]);
    await settled();
    peerConnections.made[0]!.fireChannel().open();
    expect(page.ofType('connection.incoming').slice(16)).toMatchObject([{ connectionId: 'dc_16' }]);
    await settled();
    expect(peerConnections.last.candidates).toEqual([candidate(7)]);
  });

  it('ends connections that are not established in time, and drops queued offers that are as old', async () => {
    const { connections, page, peerConnections, quota } = makeConnections();
    for (let n = 0; n < 520; n++) connections.handleOffer(dataOffer(n));
    await settled();
    expect(peerConnections.made).toHaveLength(16);
    vi.advanceTimersByTime(30_000);
    expect(peerConnections.made.map(({ signalingState }) => signalingState)).toEqual(Array(16).fill('closed'));
    expect(page.ofType('connection.error')).toHaveLength(16);
    expect(page.ofType('connection.error')[0]).toMatchObject({
      error: { type: 'negotiation-failed', message: expect.stringContaining('within 30 seconds') as string },
    });
    expect(quota).toMatchObject({ connections: 0, peerConnections: 0, queuedBytes: 0, unestablished: { size: 0 } });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('forgets the offers of a remote peer that leaves', () => {
    const { connections, page } = makeConnections();
    for (let n = 0; n < 20; n++) connections.handleOffer(dataOffer(n));
    connections.handleLeave('remote');
    vi.advanceTimersByTime(30_000);
    expect(page.ofType('connection.incoming')).toHaveLength(16);
  });

  it('warns the page once a minute about unanswered offers, and signals nothing to remote peers', () => {
    const { connections, page, sent, quota } = makeConnections();
    quota.limits = { ...CONDITIONS.limits, connections: 0 };
    for (let n = 0; n < 50; n++) connections.handleOffer(dataOffer(n));
    vi.advanceTimersByTime(60_000);
    connections.handleOffer(dataOffer(51));
    expect(page.ofType('peer.warning')).toHaveLength(2);
    expect(page.ofType('peer.warning')[0]).toMatchObject({
      message: expect.stringMatching(/^An offer from a remote peer is not answered. This site already has/) as string,
    });
    expect([page.received.length, sent]).toEqual([3, []]);
  });

  it('hands queued offers over to the next page', async () => {
    const { former, next } = makeReload({}, ({ connections }) => {
      for (let n = 0; n < 17; n++) connections.handleOffer(dataOffer(n));
    });
    next.connections.adopt();
    vi.advanceTimersByTime(30_000);
    await settled();
    expect(former.page.ofType('connection.incoming')).toHaveLength(16);
    expect(next.page.ofType('connection.incoming').map(({ connectionId }) => connectionId)).toContain('dc_16');
  });

  it('closes a connection whose offer the browser cannot answer, and reports it', async () => {
    const { connections, types, peerConnections, quota } = makeConnections();
    connections.handleOffer(dataOffer(1));
    peerConnections.last.failures.set('createAnswer', new Error('no'));
    await settled();
    expect(types().filter((type) => type !== 'connection.state')).toEqual([
      'connection.incoming',

      'connection.error',
      'peer.error',
      'connection.closed',
    ]);
    expect(peerConnections.last.signalingState).toBe('closed');
    expect(quota).toMatchObject({ connections: 0, peerConnections: 0 });
  });

  it('limits the errors about candidates that it reports to the page', async () => {
    const { connections, page, peerConnections } = makeConnections();
    for (let n = 0; n < 4; n++) connections.handleOffer(dataOffer(n));
    await settled();
    for (const connection of peerConnections.made) connection.failures.set('addIceCandidate', new Error('no'));
    for (let n = 0; n < 400; n++) connections.handleCandidate(candidateOf(n, 'remote', `dc_${n % 4}`));
    await settled();
    expect(page.ofType('peer.error')).toHaveLength(16);
  });
});
