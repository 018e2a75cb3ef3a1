import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { fakeStream, NativeConnection } from '../../../support/fakes/native-connection';
import { makeCall, makeIncomingCall, remoteOffer, toDirectRoute } from '../../../support/fakes/page-call';
import { settled } from '../../../support/fakes/settled';

describe('a call on the direct route', () => {
  it('is negotiated in the page and signalled through the host', async () => {
    const { host, call, native, stream } = await makeCall({ route: 'direct', metadata: 1 });
    expect(host.ofType('call.create')).toMatchObject([{ route: 'direct' }]);
    expect(native.streams).toEqual([stream, stream]);
    const payload = { sdp: { type: 'offer', sdp: 'page offer' }, type: 'media', metadata: 1 };
    expect(host.ofType('call.signal')).toMatchObject([{ to: 'remote', message: { type: 'OFFER', payload } }]);
    expect(call.dataChannel).toBe(native.channels[0]);
    const message = { type: 'ANSWER' as const, payload: { sdp: { type: 'answer', sdp: 'remote' } } };
    await host.say({ type: 'call.signal', connectionKey: 1, from: 'remote', message });
    expect(native.remoteDescription).toEqual({ type: 'answer', sdp: 'remote' });
  });

  it('converts a connection ID that is not text', async () => {
    const { host } = await makeCall({ route: 'direct', connectionId: 7 as never });
    expect(host.ofType('call.create')).toMatchObject([{ connectionId: '7' }]);
    expect(host.ofType('call.signal')).toMatchObject([{ message: { payload: { connectionId: '7' } } }]);
  });

  it('answers the offer of a remote peer', async () => {
    const { host, call } = await makeIncomingCall();
    call.answer(fakeStream('audio'), { route: 'direct' });
    await settled();
    const native = NativeConnection.last;
    expect(native.remoteDescription).toEqual(remoteOffer);
    expect(host.ofType('call.signal')).toMatchObject([{ to: 'remote', message: { type: 'ANSWER' } }]);
    const channel = native.fireChannel();
    expect(call.dataChannel).toBe(channel);
  });

  it('emits the events of its own connection', async () => {
    const { callEvents, native } = await makeCall({ route: 'direct' });
    const remote = fakeStream('audio');
    native.fireState('iceConnectionState', 'checking');
    native.channels[0]!.fire('open');
    native.fireTrack(remote);
    expect(callEvents).toEqual([['iceStateChanged', 'checking'], ['willCloseOnRemote'], ['stream', remote]]);
  });

  it('ends when the remote peer hangs up by closing the data channel', async () => {
    const { host, callEvents, native } = await makeCall({ route: 'direct' });
    await host.say({ type: 'call.accepted', connectionKey: 1 });
    native.channels[0]!.fire('close');
    await settled();
    expect(callEvents).toEqual([['close']]);
    expect(native.signalingState).toBe('closed');
    expect(host.ofType('connection.close')).toHaveLength(1);
  });

  it('ends when ICE fails', async () => {
    const { callEvents, native } = await makeCall({ route: 'direct' });
    native.fireState('iceConnectionState', 'failed');
    expect(callEvents).toEqual([
      ['error', 'negotiation-failed'],
      ['iceStateChanged', 'closed'],
    ]);
  });

  it('ends when the encryption fails, which leaves ICE disconnected', async () => {
    const { callEvents, native } = await makeCall({ route: 'direct' });
    native.fireState('connectionState', 'failed');
    expect(callEvents).toEqual([
      ['error', 'negotiation-failed'],
      ['iceStateChanged', 'closed'],
    ]);
  });

  it('returns its own connection’s statistics', async () => {
    const { call } = await makeCall({ route: 'direct' });
    expect((await call.getStats()).has('native')).toBe(true);
  });

  it('applies the page’s sdpTransform, and ends if that throws', async () => {
    const transformed = await makeCall({ route: 'direct', sdpTransform: (sdp) => `${sdp} mine` });
    expect(transformed.host.ofType('call.signal')).toMatchObject([
      { message: { payload: { sdp: { sdp: 'page offer mine' } } } },
    ]);
    const thrown = await makeCall({
      route: 'direct',
      sdpTransform: () => {
        throw new Error('no');
      },
    });
    expect(thrown.host.ofType('call.signal')).toEqual([]);
    expect(thrown.events.at(-1)).toEqual(['error', 'webrtc']);
    expect(thrown.native.signalingState).toBe('closed');
  });
});

describe('a call whose route changes', () => {
  it('makes a new offer in the page', async () => {
    const { host, call, native } = await makeCall();
    await host.say({ ...toDirectRoute, connectionKey: 1 });
    expect(native.states.signalingState).toBe('closed');
    expect(call.peerConnection).toBe(NativeConnection.last);
    expect(call.peerConnection).not.toBe(native);
    expect(call.dataChannel).toBe(NativeConnection.last.channels[0]);
    expect(host.ofType('call.signal')).toMatchObject([{ to: 'remote', message: { type: 'OFFER' } }]);
  });

  it('answers the remote offer again in the page', async () => {
    const { host, call } = await makeIncomingCall();
    const stream = fakeStream('audio');
    call.answer(stream);
    await host.say({ ...toDirectRoute, connectionKey: -1 });
    expect(NativeConnection.last.streams).toEqual([stream]);
    expect(host.ofType('call.signal')).toMatchObject([{ to: 'remote', message: { type: 'ANSWER' } }]);
    expect(call.open).toBe(true);
  });

  it('moves to the local connection, with the host’s data channel', async () => {
    const { host, call, native } = await makeCall({ route: 'direct' });
    await host.say({ type: 'call.route', connectionKey: 1, route: 'hosted', reason: 'set so' });
    expect(native.signalingState).toBe('closed');
    expect(call.peerConnection).toBe(NativeConnection.last);
    expect(call.dataChannel).toMatchObject({ readyState: 'connecting' });
  });

  // Browsers close the channels of a closed connection, and some fire an event for it.
  it('does not end when its former data channel closes', async () => {
    const { host, call, callEvents, native } = await makeCall({ route: 'direct' });
    await host.say({ type: 'call.route', connectionKey: 1, route: 'hosted', reason: 'set so' });
    native.channels[0]!.fire('open');
    native.channels[0]!.fire('close');
    expect(callEvents).toEqual([]);
    expect(call.peerConnection).toBe(NativeConnection.last);
  });
});
