import '../../../support/fakes/page-globals';
import { describe, expect, it, vi } from 'vitest';
import type { PeerConnectionState } from '../../../../src/protocol/host-messages';
import { tracksOf, fakeStream, NativeConnection } from '../../../support/fakes/native-connection';
import { dataChannel } from '../../../support/fakes/page';
import { makeCall, makeIncomingCall, toDirectRoute } from '../../../support/fakes/page-call';
import { settled } from '../../../support/fakes/settled';

const state: PeerConnectionState = {
  connectionState: 'new',
  iceConnectionState: 'new',
  iceGatheringState: 'new',
  signalingState: 'stable',
};

describe('an outgoing call', () => {
  it('tells the host which tracks show the screen', async () => {
    const shown = { kind: 'video', id: 'v', getSettings: () => ({ displaySurface: 'window' }) };
    const stream = { id: 'stream', getTracks: () => [shown] } as unknown as MediaStream;
    const { host } = await makeCall({}, stream);
    expect(host.ofType('call.create')).toMatchObject([{ stream: { tracks: [{ id: 'v', shows: 'window' }] } }]);
  });

  it('has PeerJS’s properties at once', async () => {
    const { call, stream, native } = await makeCall({ metadata: { a: 1 } });
    expect(call).toMatchObject({ type: 'media', peer: 'remote', open: false, metadata: { a: 1 } });
    expect(call.connectionId).toMatch(/^mc_/);
    expect(call.label).toBeUndefined();
    expect(call.localStream).toBe(stream);
    expect(call.remoteStream).toBeUndefined();
    expect(call.peerConnection).toBe(native);
    expect(call.dataChannel).toMatchObject({ label: 'undefined', ordered: false, readyState: 'connecting' });
  });

  it('sends the host a complete `call.create`', async () => {
    const { host, call } = await makeCall({ metadata: { a: 1 }, constraints: { offerToReceiveVideo: true } });
    const created = host.ofType('call.create');
    expect(created).toMatchObject([
      {
        peerKey: 1,
        connectionKey: 1,
        remotePeerId: 'remote',
        connectionId: call.connectionId,
        metadata: '{"a":1}',
        stream: { id: 'stream', tracks: tracksOf('audio', 'video') },
        constraints: { offerToReceiveVideo: true },
        transformsSdp: false,
      },
    ]);
    expect(created[0]).not.toHaveProperty('route');
  });

  it('describes no more tracks than the host accepts', async () => {
    const { host, native } = await makeCall({}, fakeStream(...new Array<string>(100).fill('audio')));
    const { stream } = host.ofType('call.create')[0] as unknown as { stream: { tracks: unknown[] } };
    expect(stream.tracks).toHaveLength(64);
    expect(native.transceivers).toHaveLength(64);
  });

  it('opens when the remote peer answers', async () => {
    const { host, call } = await makeCall();
    await host.say({ type: 'call.accepted', connectionKey: 1 });
    expect(call.open).toBe(true);
  });

  it('answers the host’s offer for the local connection', async () => {
    const { host, call } = await makeCall();
    const message = { type: 'OFFER' as const, payload: { sdp: { type: 'offer', sdp: 'link' } } };
    await host.say({ type: 'call.signal', connectionKey: 1, from: 'host', message });
    const payload = { sdp: { type: 'answer', sdp: 'page answer' }, type: 'media', connectionId: call.connectionId };
    expect(host.ofType('call.signal')).toMatchObject([{ to: 'host', message: { type: 'ANSWER', payload } }]);
  });

  it('emits a stream once for each track, as PeerJS does', async () => {
    const { call, callEvents, native } = await makeCall();
    const remote = fakeStream('audio', 'video');
    native.fireTrack(remote);
    native.fireTrack(remote);
    expect(callEvents).toEqual([
      ['stream', remote],
      ['stream', remote],
    ]);
    expect(call.remoteStream).toBe(remote);
  });

  it('emits willCloseOnRemote when its data channel opens', async () => {
    const { host, call, callEvents } = await makeCall();
    await host.say({ type: 'connection.open', connectionKey: 1, dataChannel: { ...dataChannel, label: 'undefined' } });
    expect(callEvents).toEqual([['willCloseOnRemote']]);
    expect(call.dataChannel).toMatchObject({ readyState: 'open' });
    expect(() => (call.dataChannel as RTCDataChannel).send('x')).toThrow('carries no data');
  });

  it('shows the states of the connection to the remote peer', async () => {
    const { host, call, callEvents } = await makeCall();
    const checking = { ...state, iceConnectionState: 'checking' } as const;
    await host.say({ type: 'connection.state', connectionKey: 1, state: checking, iceStateChanged: true });
    expect(call.peerConnection!.iceConnectionState).toBe('checking');
    expect(callEvents).toEqual([['iceStateChanged', 'checking']]);
  });

  it('ends with an error when ICE fails', async () => {
    const { host, callEvents } = await makeCall();
    await host.say({ type: 'call.accepted', connectionKey: 1 });
    const failed = { ...state, iceConnectionState: 'failed' } as const;
    await host.say({ type: 'connection.state', connectionKey: 1, state: failed, iceStateChanged: true });
    expect(callEvents).toEqual([['error', 'negotiation-failed'], ['close'], ['iceStateChanged', 'closed']]);
  });

  it('adjusts its sender as the host asks', async () => {
    const { host, native } = await makeCall();
    await host.say({ type: 'call.sending', connectionKey: 1, mid: '1', keyFrame: false, maxBitrate: 300_000 });
    expect(native.transceivers.map(({ sender }) => sender.maxBitrate)).toEqual([undefined, 300_000]);
  });

  it('returns the host’s statistics', async () => {
    const { host, call } = await makeCall();
    const report = call.getStats();
    await settled();
    const [{ requestId }] = host.ofType('connection.getStats') as unknown as [{ requestId: number }];
    await host.say({ type: 'connection.stats', connectionKey: 1, requestId, stats: [['T', { id: 'T' }]] });
    expect([...(await report)]).toEqual([['T', { id: 'T' }]]);
  });

  it('transforms the host’s description with the page’s function', async () => {
    const { host } = await makeCall({ sdpTransform: (sdp) => `${sdp} transformed` });
    await host.say({ type: 'connection.sdp', connectionKey: 1, sdp: 'host' });
    expect(host.ofType('call.create')).toMatchObject([{ transformsSdp: true }]);
    expect(host.ofType('connection.sdpTransformed')).toMatchObject([{ sdp: 'host transformed' }]);
  });
});

describe('an incoming call', () => {
  it('is emitted with PeerJS’s properties, before it has a connection', async () => {
    const before = NativeConnection.made.length;
    const { peer, call, calls } = await makeIncomingCall();
    expect(calls).toHaveLength(1);
    expect(peer.getConnection('remote', 'mc_r')).toBe(call);
    expect(call).toMatchObject({ type: 'media', peer: 'remote', connectionId: 'mc_r', open: false });
    expect(call.metadata).toEqual({ a: 1 });
    expect([call.peerConnection, call.dataChannel, call.localStream]).toEqual([undefined, undefined, undefined]);
    expect(NativeConnection.made).toHaveLength(before);
  });

  it('opens as soon as the page answers', async () => {
    const { host, call } = await makeIncomingCall();
    const stream = fakeStream('audio');
    call.answer(stream);
    expect(call.open).toBe(true);
    expect(call.localStream).toBe(stream);
    expect(call.peerConnection).toBe(NativeConnection.last);
    await settled();
    expect(host.ofType('call.answer')).toEqual([
      {
        type: 'call.answer',
        connectionKey: -1,
        stream: { id: 'stream', tracks: tracksOf('audio') },
        transformsSdp: false,
      },
    ]);
  });

  it('can be answered without a stream', async () => {
    const { host, call } = await makeIncomingCall();
    call.answer();
    await settled();
    expect(host.ofType('call.answer')).toEqual([{ type: 'call.answer', connectionKey: -1, transformsSdp: false }]);
  });

  it.each([
    ['with', fakeStream('audio')],
    ['without', undefined],
  ])('is answered once, %s a stream', async (_, stream) => {
    const { host, call } = await makeIncomingCall();
    call.answer(stream);
    const { peerConnection } = call;
    call.answer(fakeStream('video'));
    await settled();
    expect(host.ofType('call.answer')).toHaveLength(1);
    expect(call.peerConnection).toBe(peerConnection);
    expect(call.localStream).toBe(stream);
  });

  it('cannot be answered once it is closed', async () => {
    const { host, call } = await makeIncomingCall();
    call.close();
    call.answer(fakeStream('audio'));
    await settled();
    expect(host.ofType('call.answer')).toEqual([]);
    expect(call.open).toBe(false);
  });

  it('is answered with the page’s options', async () => {
    const { host, call } = await makeIncomingCall();
    call.answer(undefined, { route: 'hosted', sdpTransform: (sdp) => `${sdp} mine` });
    await host.say({ type: 'connection.sdp', connectionKey: -1, sdp: 'answer' });
    expect(host.ofType('call.answer')).toMatchObject([{ route: 'hosted', transformsSdp: true }]);
    expect(host.ofType('connection.sdpTransformed')).toMatchObject([{ sdp: 'answer mine' }]);
  });

  it('gets its data channel from the remote peer', async () => {
    const { host, call, callEvents } = await makeIncomingCall();
    call.answer();
    await host.say({ type: 'connection.open', connectionKey: -1, dataChannel });
    expect(call.dataChannel).toMatchObject({ readyState: 'open' });
    expect(callEvents).toEqual([['willCloseOnRemote']]);
  });

  it('ignores unknown values of the page’s options', async () => {
    const { host, call } = await makeIncomingCall();
    call.answer(undefined, { route: 'toString' as never });
    await settled();
    expect(host.ofType('call.answer')[0]).not.toHaveProperty('route');
  });
});

describe('a call that ends', () => {
  it.each(['hosted', 'direct'] as const)('releases its streams but stops no track: %s', async (route) => {
    const stop = vi.fn();
    const tracks = [{ kind: 'audio', stop, getSettings: () => ({}) }];
    const stream = { id: 'stream', getTracks: () => tracks } as unknown as MediaStream;
    const { peer, host, call, callEvents, native } = await makeCall({ route }, stream);
    await host.say({ type: 'call.accepted', connectionKey: 1 });
    native.fireTrack(fakeStream('audio'));
    const channel = call.dataChannel;
    expect([channel === undefined, call.route]).toEqual([false, route]);
    call.close();
    call.close();
    await settled();
    expect([call.localStream, call.remoteStream, call.peerConnection, call.route]).toEqual([
      null,
      null,
      null,
      undefined,
    ]);
    // Like PeerJS's call, it keeps its closed channel.
    expect(call.dataChannel).toBe(channel);
    expect(native.states.signalingState).toBe('closed');
    expect(stop).not.toHaveBeenCalled();
    expect(callEvents.slice(1)).toEqual([['close']]);
    expect(host.ofType('connection.close')).toHaveLength(1);
    expect(peer.connections.remote).toEqual([]);
  });

  it('emits no close if it never was open', async () => {
    const { call, callEvents } = await makeCall();
    call.close();
    expect(callEvents).toEqual([]);
  });

  it('posts no `connection.close` if the host has closed it', async () => {
    const { host, callEvents } = await makeCall();
    await host.say({ type: 'call.accepted', connectionKey: 1 }, { type: 'connection.closed', connectionKey: 1 });
    expect(callEvents).toEqual([['close']]);
    expect(host.ofType('connection.close')).toEqual([]);
  });

  it('emits close when the host is gone', async () => {
    const { host, call, native } = await makeCall();
    await host.tell({ type: 'lost', message: 'gone' });
    expect(call.peerConnection).toBeNull();
    expect(native.states.signalingState).toBe('closed');
  });

  it('ignores later messages', async () => {
    const { host, call, callEvents } = await makeCall();
    call.close();
    await host.say({ ...toDirectRoute, connectionKey: 1 }, { type: 'call.accepted', connectionKey: 1 });
    expect(callEvents).toEqual([]);
    expect([call.open, call.peerConnection]).toEqual([false, null]);
  });
});
