import '../../../support/fakes/media-globals';
import { describe, expect, it } from 'vitest';
import { PageLeg } from '../../../../src/engine/calls/page-leg';
import type { SignalMessage } from '../../../../src/protocol/signalling';
import { FakeMediaConnection } from '../../../support/fakes/media-connection';
import { settled } from '../../../support/fakes/settled';

function makeLeg() {
  const peerConnection = new FakeMediaConnection({});
  const signals: SignalMessage[] = [];
  const leg = new PageLeg({
    connectionId: 'mc_1',
    peerConnection: peerConnection as unknown as RTCPeerConnection,
    send: (message) => void signals.push(message),
  });
  return { leg, signals };
}

describe('PageLeg', () => {
  it('ends an offer that the page has not answered when it closes', async () => {
    const { leg, signals } = makeLeg();
    const carried = leg.carry([]);
    await settled();
    expect(signals.map(({ type }) => type)).toEqual(['OFFER']);
    leg.close();
    expect(await carried).toEqual([]);
  });

  it('offers no media if it closes before the page has answered the first offer', async () => {
    const { leg, signals } = makeLeg();
    leg.connect([]);
    const carried = leg.carry([]);
    await settled();
    leg.close();
    expect(await carried).toEqual([]);
    expect(signals).toHaveLength(1);
  });
});
