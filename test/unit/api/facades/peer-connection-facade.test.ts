import '../../../support/fakes/page-globals';
import { describe, expect, it, vi } from 'vitest';
import { PeerConnectionFacade } from '../../../../src/api/facades/peer-connection-facade';
import type { PeerConnectionState } from '../../../../src/protocol/host-messages';

const initial: PeerConnectionState = {
  connectionState: 'new',
  iceConnectionState: 'new',
  iceGatheringState: 'new',
  signalingState: 'stable',
};

function makeFacade() {
  const close = vi.fn();
  const getStats = async (): Promise<RTCStatsReport> => new Map([['T', { id: 'T' }]]);
  const facade = new PeerConnectionFacade({ getStats, close, configuration: () => ({ iceServers: [] }) });
  const events: string[] = [];
  const names = ['signalingstate', 'icegatheringstate', 'iceconnectionstate', 'connectionstate'];
  for (const name of names) facade.addEventListener(`${name}change`, () => events.push(name));
  return { facade, events, close };
}

describe('PeerConnectionFacade', () => {
  it('starts with RTCPeerConnection’s states', () => {
    expect(makeFacade().facade).toMatchObject({ ...initial, localDescription: null, remoteDescription: null });
  });

  it('fires one event for each changed state, after all states have changed', () => {
    const { facade, events } = makeFacade();
    const seen: unknown[] = [];
    facade.addEventListener('signalingstatechange', () => seen.push(facade.connectionState));
    facade.handleState({ ...initial, signalingState: 'have-local-offer', connectionState: 'connecting' });
    expect(events).toEqual(['signalingstate', 'connectionstate']);
    expect(seen).toEqual(['connecting']);
  });

  it('fires nothing if no state changed', () => {
    const { facade, events } = makeFacade();
    facade.handleState({ ...initial, localDescription: { type: 'offer', sdp: 'a' } });
    expect(events).toEqual([]);
  });

  it('keeps a description until the next one comes', () => {
    const { facade } = makeFacade();
    facade.handleState({ ...initial, localDescription: { type: 'offer', sdp: 'a' } });
    facade.handleState({ ...initial, remoteDescription: { type: 'answer', sdp: 'b' } });
    expect(facade).toMatchObject({ localDescription: { sdp: 'a' }, remoteDescription: { sdp: 'b' } });
  });

  it('closes without an event, like a native connection', () => {
    const { facade, events } = makeFacade();
    facade.handleClose();
    expect(facade).toMatchObject({ connectionState: 'closed', iceConnectionState: 'closed', signalingState: 'closed' });
    expect(events).toEqual([]);
  });

  it('returns statistics as a report', async () => {
    expect([...(await makeFacade().facade.getStats())]).toEqual([['T', { id: 'T' }]]);
  });

  it('passes a close on', () => {
    const { facade, close } = makeFacade();
    facade.close();
    expect(close).toHaveBeenCalledOnce();
  });
});
