import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { RemoteMirror } from '../../../../src/api/calls/remote-mirror';
import type { PeerConnectionState } from '../../../../src/protocol/host-messages';
import { NativeConnection } from '../../../support/fakes/native-connection';

const initial: PeerConnectionState = {
  connectionState: 'new',
  iceConnectionState: 'new',
  iceGatheringState: 'new',
  signalingState: 'stable',
};

const CONFIG: RTCConfiguration = { iceServers: [{ urls: 'stun:page.example' }] };

function makeMirror() {
  const native = new NativeConnection();
  const peerConnection = native.as();
  const mirror = new RemoteMirror(
    peerConnection,
    async () => new Map([['remote', { id: 'remote' }]]),
    () => CONFIG,
  );
  const events: string[] = [];
  for (const name of ['signalingstate', 'icegatheringstate', 'iceconnectionstate', 'connectionstate']) {
    peerConnection.addEventListener(`${name}change`, () => void events.push(name));
  }
  return { mirror, native, peerConnection, events };
}

describe('RemoteMirror', () => {
  it('starts with RTCPeerConnection’s states, whatever the local connection does', async () => {
    const { native, peerConnection } = makeMirror();
    native.fireState('connectionState', 'connected');
    await native.setRemoteDescription({ type: 'offer' });
    expect(peerConnection).toMatchObject({
      ...initial,
      localDescription: null,
      remoteDescription: null,
      currentLocalDescription: null,
      currentRemoteDescription: null,
    });
  });

  it('shows the states and descriptions of the connection to the remote peer', () => {
    const { mirror, peerConnection } = makeMirror();
    const state = { ...initial, connectionState: 'connected', iceConnectionState: 'completed' } as const;
    mirror.handleState({ ...state, localDescription: { type: 'offer', sdp: 'a' } });
    mirror.handleState({ ...state, remoteDescription: { type: 'answer', sdp: 'b' } });
    expect(peerConnection).toMatchObject({
      ...state,
      localDescription: { sdp: 'a' },
      currentLocalDescription: { sdp: 'a' },
      remoteDescription: { sdp: 'b' },
      currentRemoteDescription: { sdp: 'b' },
    });
  });

  it('shows the configuration that the page has set', () => {
    expect(makeMirror().peerConnection.getConfiguration()).toBe(CONFIG);
  });

  it('fires an event for each changed state, and hides the local connection’s state events', () => {
    const { mirror, native, events } = makeMirror();
    native.fireState('connectionState', 'connected');
    native.fireState('iceConnectionState', 'checking');
    expect(events).toEqual([]);
    mirror.handleState({ ...initial, signalingState: 'have-local-offer', connectionState: 'connecting' });
    mirror.handleState({ ...initial, signalingState: 'have-local-offer', connectionState: 'connecting' });
    expect(events).toEqual(['signalingstate', 'connectionstate']);
  });

  it('lets other events of the local connection through', () => {
    const { native, peerConnection } = makeMirror();
    const streams: unknown[] = [];
    peerConnection.addEventListener('track', (event) => streams.push(event.streams));
    native.fireTrack('stream');
    expect(streams).toEqual([['stream']]);
  });

  it('returns statistics of the connection to the remote peer, but of the local connection for a track', async () => {
    const { peerConnection } = makeMirror();
    const track = { kind: 'video' } as MediaStreamTrack;
    expect([...(await peerConnection.getStats())]).toEqual([['remote', { id: 'remote' }]]);
    expect([...(await peerConnection.getStats(null))]).toEqual([['remote', { id: 'remote' }]]);
    expect([...(await peerConnection.getStats(track))]).toEqual([['native', track]]);
  });

  it('offers the local connection with its real states for negotiation', async () => {
    const { mirror, native, peerConnection } = makeMirror();
    const handler = () => undefined;
    mirror.native.onicecandidate = handler;
    await mirror.native.setRemoteDescription({ type: 'offer', sdp: 'link' });
    native.fireState('iceConnectionState', 'checking');
    expect(mirror.native).toMatchObject({ signalingState: 'have-remote-offer', iceConnectionState: 'checking' });
    expect(mirror.native.remoteDescription).toEqual({ type: 'offer', sdp: 'link' });
    expect(native.onicecandidate).toBe(handler);
    expect(peerConnection.signalingState).toBe('stable');
  });

  it('closes without an event, like a native connection', () => {
    const { mirror, native, peerConnection, events } = makeMirror();
    mirror.handleState({ ...initial, iceGatheringState: 'complete', connectionState: 'connected' });
    events.length = 0;
    mirror.close();
    expect(peerConnection).toMatchObject({
      connectionState: 'closed',
      iceConnectionState: 'closed',
      signalingState: 'closed',
      iceGatheringState: 'complete',
    });
    expect(native.states.signalingState).toBe('closed');
    expect(events).toEqual([]);
  });
});
