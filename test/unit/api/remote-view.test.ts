import '../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { RemoteView } from '../../../src/api/remote-view';
import type { PeerConnectionState } from '../../../src/protocol/host-messages';
import { NativeConnection } from '../../support/fakes/native-connection';

const initial: PeerConnectionState = {
  connectionState: 'new',
  iceConnectionState: 'new',
  iceGatheringState: 'new',
  signalingState: 'stable',
};

const CONFIG: RTCConfiguration = { iceServers: [{ urls: 'stun:page.example' }] };

function makeView() {
  const native = new NativeConnection();
  const peerConnection = native.as();
  const view = new RemoteView(
    peerConnection,
    async () => [['remote', { id: 'remote' }]],
    () => CONFIG,
  );
  const events: string[] = [];
  for (const name of ['signalingstate', 'icegatheringstate', 'iceconnectionstate', 'connectionstate']) {
    peerConnection.addEventListener(`${name}change`, () => void events.push(name));
  }
  return { view, native, peerConnection, events };
}

describe('RemoteView', () => {
  it('begins as RTCPeerConnection begins, whatever the link does', async () => {
    const { native, peerConnection } = makeView();
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
    const { view, peerConnection } = makeView();
    const state = { ...initial, connectionState: 'connected', iceConnectionState: 'completed' } as const;
    view.handleState({ ...state, localDescription: { type: 'offer', sdp: 'a' } });
    view.handleState({ ...state, remoteDescription: { type: 'answer', sdp: 'b' } });
    expect(peerConnection).toMatchObject({
      ...state,
      localDescription: { sdp: 'a' },
      currentLocalDescription: { sdp: 'a' },
      remoteDescription: { sdp: 'b' },
      currentRemoteDescription: { sdp: 'b' },
    });
  });

  it('shows the configuration that the page has set', () => {
    expect(makeView().peerConnection.getConfiguration()).toBe(CONFIG);
  });

  it('fires an event for each state that changed, and lets none of the link’s through', () => {
    const { view, native, events } = makeView();
    native.fireState('connectionState', 'connected');
    native.fireState('iceConnectionState', 'checking');
    expect(events).toEqual([]);
    view.handleState({ ...initial, signalingState: 'have-local-offer', connectionState: 'connecting' });
    view.handleState({ ...initial, signalingState: 'have-local-offer', connectionState: 'connecting' });
    expect(events).toEqual(['signalingstate', 'connectionstate']);
  });

  it('lets other events of the link through', () => {
    const { native, peerConnection } = makeView();
    const streams: unknown[] = [];
    peerConnection.addEventListener('track', (event) => streams.push(event.streams));
    native.fireTrack('stream');
    expect(streams).toEqual([['stream']]);
  });

  it('gives the statistics of the connection to the remote peer, and of a track those of the link', async () => {
    const { peerConnection } = makeView();
    const track = { kind: 'video' } as MediaStreamTrack;
    expect([...(await peerConnection.getStats())]).toEqual([['remote', { id: 'remote' }]]);
    expect([...(await peerConnection.getStats(null))]).toEqual([['remote', { id: 'remote' }]]);
    expect([...(await peerConnection.getStats(track))]).toEqual([['native', track]]);
  });

  it('leaves the link to whoever negotiates it as the browser sees it', async () => {
    const { view, native, peerConnection } = makeView();
    const handler = () => undefined;
    view.native.onicecandidate = handler;
    await view.native.setRemoteDescription({ type: 'offer', sdp: 'link' });
    native.fireState('iceConnectionState', 'checking');
    expect(view.native).toMatchObject({ signalingState: 'have-remote-offer', iceConnectionState: 'checking' });
    expect(view.native.remoteDescription).toEqual({ type: 'offer', sdp: 'link' });
    expect(native.onicecandidate).toBe(handler);
    expect(peerConnection.signalingState).toBe('stable');
  });

  it('is closed without an event, as the browser’s is', () => {
    const { view, native, peerConnection, events } = makeView();
    view.handleState({ ...initial, iceGatheringState: 'complete', connectionState: 'connected' });
    events.length = 0;
    view.close();
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
