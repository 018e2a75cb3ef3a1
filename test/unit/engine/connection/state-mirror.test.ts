import { describe, expect, it } from 'vitest';
import type { ConnectionReporter } from '../../../../src/engine/connection/connection-reporter';
import { StateMirror } from '../../../../src/engine/connection/state-mirror';
import type { PeerConnectionState } from '../../../../src/protocol/host-messages';
import { FakePeerConnection } from '../../../support/fakes/peer-connection';
import { settled } from '../../../support/fakes/settled';

function makeMirror() {
  const peerConnection = new FakePeerConnection();
  const reports: [PeerConnectionState, boolean][] = [];
  let failures = 0;
  const post: ConnectionReporter['post'] = (report) => {
    if (report.type === 'connection.state') reports.push([report.state, report.iceStateChanged]);
  };
  const mirror = new StateMirror(peerConnection as unknown as RTCPeerConnection, { post }, () => {
    failures += 1;
  });
  return { mirror, peerConnection, reports, failures: () => failures };
}

describe('StateMirror', () => {
  it('reports the changes of one task together', async () => {
    const { peerConnection, reports } = makeMirror();
    peerConnection.connectionState = 'connecting';
    peerConnection.onconnectionstatechange?.();
    peerConnection.iceGatheringState = 'gathering';
    peerConnection.onicegatheringstatechange?.();
    expect(reports).toEqual([]);
    await settled();
    expect(reports).toEqual([
      [
        {
          connectionState: 'connecting',
          iceConnectionState: 'new',
          iceGatheringState: 'gathering',
          signalingState: 'stable',
        },
        false,
      ],
    ]);
  });

  it('reports the ICE state together with other changes, in either order', async () => {
    const { peerConnection, reports } = makeMirror();
    peerConnection.onconnectionstatechange?.();
    peerConnection.fireIceState('checking');
    await settled();
    peerConnection.fireIceState('connected');
    peerConnection.onconnectionstatechange?.();
    await settled();
    expect(reports.map(([state, changed]) => [state.iceConnectionState, changed])).toEqual([
      ['checking', true],
      ['connected', true],
    ]);
  });

  // After two changes in one task, the first report already shows the second state.
  it('reports each change of the ICE state on its own', async () => {
    const { peerConnection, reports } = makeMirror();
    peerConnection.fireIceState('checking');
    peerConnection.fireIceState('connected');
    await settled();
    expect(reports.map(([, changed]) => changed)).toEqual([true, true]);
  });

  it('reports a failed ICE state before the connection is closed', () => {
    const { peerConnection, reports, failures } = makeMirror();
    peerConnection.fireIceState('failed');
    expect(reports.map(([state]) => state.iceConnectionState)).toEqual(['failed']);
    expect(failures()).toBe(1);
  });

  it('reports failed encryption as a failed ICE state, because ICE itself never fails then', () => {
    const { peerConnection, reports, failures } = makeMirror();
    peerConnection.iceConnectionState = 'disconnected';
    peerConnection.connectionState = 'failed';
    peerConnection.onconnectionstatechange?.();
    expect(reports.map(([state, changed]) => [state.iceConnectionState, changed])).toEqual([['failed', true]]);
    expect(failures()).toBe(1);
  });

  it('does not report a failure while the connection is only disconnected', async () => {
    const { peerConnection, reports, failures } = makeMirror();
    peerConnection.fireIceState('disconnected');
    await settled();
    expect(reports).toHaveLength(1);
    expect(failures()).toBe(0);
  });

  it('reports descriptions only when they change', async () => {
    const { peerConnection, reports } = makeMirror();
    await peerConnection.setLocalDescription({ type: 'offer', sdp: 'a' });
    await settled();
    await peerConnection.setRemoteDescription({ type: 'answer', sdp: 'b' });
    await settled();
    peerConnection.onconnectionstatechange?.();
    await settled();
    expect(
      reports.map(([{ localDescription, remoteDescription }]) => [localDescription?.sdp, remoteDescription?.sdp]),
    ).toEqual([
      ['a', undefined],
      [undefined, 'b'],
      [undefined, undefined],
    ]);
  });

  it('repeats the whole state in one report for a page that adopts the connection', async () => {
    const { mirror, peerConnection, reports } = makeMirror();
    await peerConnection.setLocalDescription({ type: 'offer', sdp: 'a' });
    await settled();
    peerConnection.fireIceState('checking');
    mirror.repeat();
    await settled();
    expect(reports.slice(1)).toMatchObject([
      [{ iceConnectionState: 'checking', localDescription: { type: 'offer', sdp: 'a' } }, true],
    ]);
  });

  it('reports nothing after it is closed, not even a pending change', async () => {
    const { mirror, peerConnection, reports } = makeMirror();
    peerConnection.fireIceState('checking');
    mirror.close();
    peerConnection.fireIceState('connected');
    await settled();
    expect(reports).toEqual([]);
    expect(peerConnection.onconnectionstatechange).toBeNull();
  });
});
