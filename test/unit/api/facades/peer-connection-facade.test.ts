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
  const getStats = async (): Promise<[string, unknown][]> => [['T', { id: 'T' }]];
  const facade = new PeerConnectionFacade({ getStats, close, configuration: () => ({ iceServers: [] }) });
  const events: string[] = [];
  const names = ['signalingstate', 'icegatheringstate', 'iceconnectionstate', 'connectionstate'];
  for (const name of names) facade.addEventListener(`${name}change`, () => events.push(name));
  return { facade, events, close };
}

describe('PeerConnectionFacade', () => {
  it('begins as RTCPeerConnection begins', () => {
    expect(makeFacade().facade).toMatchObject({ ...initial, localDescription: null, remoteDescription: null });
  });

  it('fires one event for each state that changed, with all states as they are then', () => {
    const { facade, events } = makeFacade();
    const seen: unknown[] = [];
    facade.addEventListener('signalingstatechange', () => seen.push(facade.connectionState));
    facade.handleState({ ...initial, signalingState: 'have-local-offer', connectionState: 'connecting' });
    expect(events).toEqual(['signalingstate', 'connectionstate']);
    expect(seen).toEqual(['connecting']);
  });

  it('fires nothing where nothing changed', () => {
    const { facade, events } = makeFacade();
    facade.handleState({ ...initial, localDescription: { type: 'offer', sdp: 'a' } });
    expect(events).toEqual([]);
  });

  it('keeps a description until another comes', () => {
    const { facade } = makeFacade();
    facade.handleState({ ...initial, localDescription: { type: 'offer', sdp: 'a' } });
    facade.handleState({ ...initial, remoteDescription: { type: 'answer', sdp: 'b' } });
    expect(facade).toMatchObject({ localDescription: { sdp: 'a' }, remoteDescription: { sdp: 'b' } });
  });

  it('is closed without an event, as the browser’s is', () => {
    const { facade, events } = makeFacade();
    facade.handleClose();
    expect(facade).toMatchObject({ connectionState: 'closed', iceConnectionState: 'closed', signalingState: 'closed' });
    expect(events).toEqual([]);
  });

  it('gives statistics as a report', async () => {
    expect([...(await makeFacade().facade.getStats())]).toEqual([['T', { id: 'T' }]]);
  });

  it('passes a close on', () => {
    const { facade, close } = makeFacade();
    facade.close();
    expect(close).toHaveBeenCalledOnce();
  });
});
