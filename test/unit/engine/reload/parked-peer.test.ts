import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PeerConnections } from '../../../../src/engine/peer/peer-connections';
import type { Offer } from '../../../../src/engine/signalling/server-messages';
import type { SignalMessage } from '../../../../src/protocol/signalling';
import { callAnswer, callCreate, connectionCreate } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';
import { makeConnections, makeReload, offer, candidate, candidateOf } from '../../../support/fakes/peer-connections';

// A hosted call waits some seconds for its page leg.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

describe('PeerConnections without a page', () => {
  const data = (connectionId: string, payload: Partial<Offer['payload']> = {}) =>
    offer({ type: 'data', serialization: 'json', connectionId, ...payload });

  it('end the calls and park the data connections', async () => {
    const { connections, types } = makeConnections();
    connections.connect(connectionCreate({ connectionKey: 1 }));
    connections.call(callCreate({ connectionKey: 2, route: 'direct' }));
    connections.handleOffer(offer());
    await settled();
    connections.park();
    expect(connections.all.map(({ description }) => description.connectionId)).toEqual(['dc_1']);
    expect(types().filter((type) => type === 'connection.closed')).toHaveLength(2);
  });

  it('answer offers of data connections, and park these connections', async () => {
    const { former, next, peerConnections } = makeReload();
    former.connections.handleOffer(data('dc_r', { label: 'chat', metadata: 1, reliable: true }));
    await settled();
    expect(former.sent).toMatchObject([{ type: 'ANSWER', dst: 'remote' }]);
    const channel = peerConnections.last.fireChannel();
    channel.open();
    channel.receive('"early"');
    next.connections.adopt();
    expect(next.types()).toEqual(['connection.incoming', 'connection.state', 'connection.open', 'texts']);
    expect(next.page.ofType('connection.incoming')).toEqual([
      {
        type: 'connection.incoming',
        peerKey: 1,
        connectionKey: -1,
        connectionId: 'dc_r',
        remotePeerId: 'remote',
        label: 'chat',
        metadata: 1,
        serialization: 'json',
        reliable: true,
      },
    ]);
  });

  it('park the offer of a call with its candidates', () => {
    const { former, next } = makeReload();
    former.connections.handleCandidate(candidateOf(1));
    former.connections.handleOffer(offer());
    former.connections.handleCandidate(candidateOf(2));
    next.connections.adopt();
    expect(next.page.ofType('call.incoming')).toMatchObject([{ connectionId: 'mc_r', remotePeerId: 'remote' }]);
    const [call] = next.made;
    if ('answer' in call! && 'call' in call) call.answer(callAnswer({ route: 'direct' }));
    const signals = next.page.ofType('call.signal') as unknown as { message: SignalMessage }[];
    expect(signals.map(({ message }) => message.payload.candidate)).toEqual([1, 2].map(candidate));
  });

  it('park an offer with a custom serializer and its candidates', () => {
    const { former, next } = makeReload();
    former.connections.handleOffer(data('dc_m', { serialization: 'mine' }));
    former.connections.handleCandidate(candidateOf(1, 'remote', 'dc_m'));
    next.connections.adopt();
    expect(next.page.ofType('peer.signal')).toMatchObject([
      { message: { type: 'OFFER' } },
      { message: { type: 'CANDIDATE', payload: { candidate: candidate(1) } } },
    ]);
  });

  it('park sixteen offers at most', () => {
    const { former, next } = makeReload();
    for (let n = 1; n <= 17; n++) former.connections.handleOffer(offer({ connectionId: `mc_${n}` }));
    next.connections.adopt();
    expect(
      next.page
        .ofType('call.incoming')
        .map(({ connectionId }) => connectionId)
        .at(-1),
    ).toBe('mc_16');
  });

  it('drop the parked call of a caller that leaves', () => {
    const { former, next } = makeReload();
    former.connections.handleOffer(offer());
    former.connections.handleOffer(offer({}, 'another'));
    former.connections.handleLeave('remote');
    next.connections.adopt();
    expect(next.page.ofType('call.incoming')).toMatchObject([{ remotePeerId: 'another' }]);
  });

  it('hide an offer with an unknown serialization from the next page too', () => {
    const { former, next } = makeReload();
    former.connections.handleOffer(data('dc_x', { serialization: 'unheard of' }));
    next.connections.adopt();
    expect([next.types(), next.sent]).toEqual([[], []]);
  });

  it('park no offer of a kind that is switched off', () => {
    const { former, next } = makeReload({ allows: { data: true, calls: false } });
    former.connections.handleOffer(offer());
    next.connections.adopt();
    expect(next.types()).toEqual([]);
  });

  it('replace a parked connection when its offer is repeated', async () => {
    const { former, next } = makeReload();
    former.connections.handleOffer(data('dc_r'));
    former.connections.handleOffer(data('dc_r'));
    await settled();
    next.connections.adopt();
    expect(next.page.ofType('connection.incoming')).toHaveLength(1);
  });

  it.each<[string, (connections: PeerConnections) => void]>([
    ['the remote peer leaves', (connections) => connections.handleLeave('remote')],
    ['the server gives up on its offer', (connections) => connections.handleExpiry('remote')],
  ])('end a connection when %s', async (_, end) => {
    const { former, next } = makeReload({}, ({ connections }) => connections.connect(connectionCreate()));
    await settled();
    end(former.connections);
    next.connections.adopt();
    expect([former.connections.all, next.connections.all, next.types()]).toEqual([[], [], []]);
  });
});
