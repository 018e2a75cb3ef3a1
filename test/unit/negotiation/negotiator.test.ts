import { describe, expect, it, vi } from 'vitest';
import { Negotiator, type Signalling } from '../../../src/negotiation/negotiator';
import type { SignalMessage } from '../../../src/protocol/signalling';
import { FakePeerConnection } from '../../support/fakes/peer-connection';

function makeNegotiator(signalling: Partial<Signalling> = {}) {
  const peerConnection = new FakePeerConnection();
  const sent: SignalMessage[] = [];
  const errors: unknown[] = [];
  const negotiator = new Negotiator(peerConnection as unknown as RTCPeerConnection, {
    type: 'data',
    connectionId: 'dc_1',
    send: (message) => void sent.push(message),
    onError: (error) => void errors.push(error),
    offerPayload: { metadata: { a: 1 }, label: 'l', reliable: true, serialization: 'binary' },
    ...signalling,
  });
  return { negotiator, peerConnection, sent, errors };
}

const remoteOffer = { type: 'offer' as const, sdp: 'remote offer' };
const remoteAnswer = { type: 'answer' as const, sdp: 'remote answer' };
const candidate = (n: number): RTCIceCandidateInit => ({ candidate: `candidate:${n}`, sdpMid: '0' });

describe('Negotiator', () => {
  it('signals an offer as PeerJS does', async () => {
    const { negotiator, sent } = makeNegotiator();
    await negotiator.offer(undefined);
    expect(sent).toEqual([
      {
        type: 'OFFER',
        payload: {
          sdp: { type: 'offer', sdp: 'own offer' },
          type: 'data',
          connectionId: 'dc_1',
          metadata: { a: 1 },
          label: 'l',
          reliable: true,
          serialization: 'binary',
        },
      },
    ]);
    expect(Object.keys(sent[0]!.payload)).toEqual([
      'sdp',
      'type',
      'connectionId',
      'metadata',
      'label',
      'reliable',
      'serialization',
    ]);
  });

  it('signals an answer as PeerJS does', async () => {
    const { negotiator, sent } = makeNegotiator();
    await negotiator.answer(remoteOffer);
    const payload = { sdp: { type: 'answer', sdp: 'own answer' }, type: 'data', connectionId: 'dc_1' };
    expect(sent).toEqual([{ type: 'ANSWER', payload }]);
  });

  it('hands the constraints to createOffer', async () => {
    const { negotiator, peerConnection } = makeNegotiator();
    await negotiator.offer({ iceRestart: true });
    expect(peerConnection.offerOptions).toEqual([{ iceRestart: true }]);
  });

  it('reports that it is offering until the answer comes', async () => {
    const { negotiator } = makeNegotiator();
    const states = [negotiator.isOffering];
    await negotiator.offer(undefined);
    states.push(negotiator.isOffering);
    await negotiator.handleAnswer(remoteAnswer);
    expect([...states, negotiator.isOffering]).toEqual([false, true, false]);
  });

  it('sets and signals the description that the page’s sdpTransform returns', async () => {
    const { negotiator, peerConnection, sent } = makeNegotiator({ transformSdp: async (sdp) => `${sdp} transformed` });
    await negotiator.offer(undefined);
    const description = { type: 'offer', sdp: 'own offer transformed' };
    expect(peerConnection.localDescription).toEqual(description);
    expect(sent[0]!.payload.sdp).toEqual(description);
  });

  describe('our candidates', () => {
    it('are signalled as in PeerJS', () => {
      const { peerConnection, sent } = makeNegotiator();
      peerConnection.fireCandidate('candidate:1');
      const candidateInit = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' };
      const payload = { candidate: candidateInit, type: 'data', connectionId: 'dc_1' };
      expect(sent).toEqual([{ type: 'CANDIDATE', payload }]);
      expect(Object.keys(sent[0]!.payload)).toEqual(['candidate', 'type', 'connectionId']);
    });

    it.each([null, ''])('are not signalled if they are %j', (text) => {
      const { peerConnection, sent } = makeNegotiator();
      peerConnection.fireCandidate(text);
      expect(sent).toEqual([]);
    });

    it('are not signalled once the connection is completed', () => {
      const { peerConnection, sent } = makeNegotiator();
      peerConnection.iceConnectionState = 'completed';
      peerConnection.fireCandidate('candidate:1');
      expect(sent).toEqual([]);
    });

    it('are not signalled after close', () => {
      const { negotiator, peerConnection, sent } = makeNegotiator();
      negotiator.close();
      peerConnection.fireCandidate('candidate:1');
      expect(sent).toEqual([]);
    });
  });

  describe('candidates of the remote peer', () => {
    it('are queued until the remote description is set', async () => {
      const { negotiator, peerConnection } = makeNegotiator();
      await negotiator.offer(undefined);
      await negotiator.handleCandidate(candidate(1));
      await negotiator.handleCandidate(candidate(2));
      expect(peerConnection.candidates).toEqual([]);
      await negotiator.handleAnswer(remoteAnswer);
      expect(peerConnection.candidates).toEqual([candidate(1), candidate(2)]);
    });

    it('are added at once after the remote description is set', async () => {
      const { negotiator, peerConnection } = makeNegotiator();
      await negotiator.answer(remoteOffer);
      await negotiator.handleCandidate(candidate(1));
      expect(peerConnection.candidates).toEqual([candidate(1)]);
    });

    it('are queued up to a limit', async () => {
      const { negotiator, peerConnection } = makeNegotiator();
      for (let n = 0; n < 1000; n++) await negotiator.handleCandidate(candidate(n));
      await negotiator.answer(remoteOffer);
      expect(peerConnection.candidates).toHaveLength(256);
    });

    it('are added up to 256, counting those that came before the description', async () => {
      const { negotiator, peerConnection } = makeNegotiator();
      for (let n = 0; n < 200; n++) await negotiator.handleCandidate(candidate(n));
      await negotiator.answer(remoteOffer);
      for (let n = 200; n < 1000; n++) await negotiator.handleCandidate(candidate(n));
      expect(peerConnection.candidates).toHaveLength(256);
    });

    it('are added after an invalid candidate, which is reported', async () => {
      const { negotiator, peerConnection, errors } = makeNegotiator();
      await negotiator.handleCandidate(candidate(1));
      await negotiator.handleCandidate(candidate(2));
      peerConnection.failures.set('addIceCandidate', new TypeError('bad candidate'));
      await negotiator.answer(remoteOffer);
      peerConnection.failures.clear();
      await negotiator.handleCandidate(candidate(3));
      expect(errors).toHaveLength(2);
      expect(peerConnection.candidates).toEqual([candidate(3)]);
    });
  });

  describe('repeatOffer', () => {
    it('signals the offer and its candidates again, in order', async () => {
      const { negotiator, peerConnection, sent } = makeNegotiator();
      await negotiator.offer(undefined);
      peerConnection.fireCandidate('candidate:1');
      const first = [...sent];
      negotiator.repeatOffer();
      expect(first.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
      expect(sent).toEqual([...first, ...first]);
    });

    it('does nothing before an offer', () => {
      const { negotiator, sent } = makeNegotiator();
      negotiator.repeatOffer();
      expect(sent).toEqual([]);
    });

    it('does nothing once the offer is answered', async () => {
      const { negotiator, sent } = makeNegotiator();
      await negotiator.offer(undefined);
      await negotiator.handleAnswer(remoteAnswer);
      negotiator.repeatOffer();
      expect(sent).toHaveLength(1);
    });

    it('does nothing if the other end made the offer', async () => {
      const { negotiator, sent } = makeNegotiator();
      await negotiator.answer(remoteOffer);
      negotiator.repeatOffer();
      expect(sent).toHaveLength(1);
    });
  });

  describe('errors', () => {
    it.each(['createOffer', 'setLocalDescription'] as const)(
      'in %s are reported, and no offer is signalled',
      async (method) => {
        const { negotiator, peerConnection, sent, errors } = makeNegotiator();
        const failure = new Error('native');
        peerConnection.failures.set(method, failure);
        await negotiator.offer(undefined);
        expect(errors).toEqual([failure]);
        expect(sent).toEqual([]);
      },
    );

    it.each(['setRemoteDescription', 'createAnswer', 'setLocalDescription'] as const)(
      'in %s are reported, and no answer is signalled',
      async (method) => {
        const { negotiator, peerConnection, sent, errors } = makeNegotiator();
        peerConnection.failures.set(method, new Error('native'));
        await negotiator.answer(remoteOffer);
        expect(errors).toHaveLength(1);
        expect(sent).toEqual([]);
      },
    );

    it.each(['createOffer', 'setLocalDescription'] as const)(
      'in %s end the negotiation of an offer',
      async (method) => {
        const onFailed = vi.fn();
        const { negotiator, peerConnection } = makeNegotiator({ onFailed });
        const failure = new Error('native');
        peerConnection.failures.set(method, failure);
        await negotiator.offer(undefined);
        expect(onFailed.mock.calls).toEqual([[failure]]);
      },
    );

    it.each(['setRemoteDescription', 'createAnswer', 'setLocalDescription'] as const)(
      'in %s end the negotiation of an answer',
      async (method) => {
        const onFailed = vi.fn();
        const { negotiator, peerConnection } = makeNegotiator({ onFailed });
        peerConnection.failures.set(method, new Error('native'));
        await negotiator.answer(remoteOffer);
        expect(onFailed).toHaveBeenCalledOnce();
      },
    );

    it('in setting a remote answer end the negotiation, but errors of a repeated answer do not', async () => {
      const onFailed = vi.fn();
      const { negotiator, peerConnection, errors } = makeNegotiator({ onFailed });
      await negotiator.offer(undefined);
      peerConnection.failures.set('setRemoteDescription', new Error('native'));
      await negotiator.handleAnswer(remoteAnswer);
      expect(onFailed).toHaveBeenCalledOnce();
      peerConnection.failures.clear();
      for (const _ of [1, 2]) await negotiator.handleAnswer(remoteAnswer);
      expect([onFailed.mock.calls.length, errors.length]).toEqual([1, 1]);
    });

    it('in adding a candidate do not end the negotiation', async () => {
      const onFailed = vi.fn();
      const { negotiator, peerConnection } = makeNegotiator({ onFailed });
      await negotiator.answer(remoteOffer);
      peerConnection.failures.set('addIceCandidate', new Error('native'));
      await negotiator.handleCandidate(candidate(1));
      expect(onFailed).not.toHaveBeenCalled();
    });

    it('are reported for an answer without an offer', async () => {
      const { negotiator, errors } = makeNegotiator();
      await negotiator.handleAnswer(remoteAnswer);
      expect(errors).toHaveLength(1);
    });

    it('are reported for a second answer, which leaves the connection unchanged', async () => {
      const { negotiator, peerConnection, errors } = makeNegotiator();
      await negotiator.offer(undefined);
      await negotiator.handleAnswer(remoteAnswer);
      await negotiator.handleAnswer({ type: 'answer', sdp: 'another' });
      expect(errors).toHaveLength(1);
      expect(peerConnection.remoteDescription).toEqual(remoteAnswer);
    });

    it('of a closed connection are not reported', async () => {
      const { negotiator, peerConnection, errors } = makeNegotiator();
      peerConnection.failures.set('createOffer', new Error('closed'));
      peerConnection.close();
      await negotiator.offer(undefined);
      expect(errors).toEqual([]);
    });
  });
});
