import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settled } from '../../../support/fakes/settled';
import {
  TRIAL_TIMEOUT_MS,
  answerOverLink,
  candidate,
  directSignal,
  makeCall,
  makeCarried,
  makeDirect,
  makeHosted,
  remoteAnswer,
  remoteOffer,
  routes,
  signalsFrom,
} from '../../../support/fakes/hosted-call';
import { callAnswer, callCreate } from '../../../support/fakes/page-messages';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

describe('HostedCall falls back to the direct route', () => {
  it('if the page leg does not connect in three seconds', async () => {
    const { call, page, connections, closed } = makeCall();
    call.call(callCreate());
    await settled();
    vi.advanceTimersByTime(TRIAL_TIMEOUT_MS - 1);
    expect(routes(page)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(routes(page)).toEqual(['direct']);
    expect(connections.link.signalingState).toBe('closed');
    expect(closed).not.toHaveBeenCalled();
  });

  it('if the page leg fails', async () => {
    const made = makeCall();
    made.call.call(callCreate());
    await settled();
    made.connections.link.failures.set('setRemoteDescription', new Error('no'));
    await answerOverLink(made);
    expect(routes(made.page)).toEqual(['direct']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('if no page leg can be created', async () => {
    const { call, page, connections } = makeCall();
    connections.failure = new DOMException('Cannot create so many PeerConnections', 'UnknownError');
    call.call(callCreate());
    await settled();
    expect(routes(page)).toEqual(['direct']);
    call.handlePageSignal('remote', directSignal('OFFER'));
    expect(call.isOffering).toBe(true);
  });

  it('passes the page the candidates that came before the fallback', async () => {
    const { call, page } = makeCall({ offer: remoteOffer });
    call.handleCandidate(candidate(1));
    call.answer(callAnswer());
    call.handleCandidate(candidate(2));
    vi.advanceTimersByTime(TRIAL_TIMEOUT_MS);
    call.handleCandidate(candidate(3));
    const payloads = signalsFrom(page, 'remote').map(({ payload }) => payload);
    expect(payloads).toEqual([1, 2, 3].map((n) => ({ candidate: candidate(n) })));
  });

  it('keeps the hosted route once the page leg is connected', async () => {
    const { page } = await makeHosted();
    vi.advanceTimersByTime(10 * TRIAL_TIMEOUT_MS);
    expect(routes(page)).toEqual([]);
  });

  it('ends a hosted call when its page leg fails, instead of falling back', async () => {
    const made = await makeCarried();
    made.call.handlePageSignal('host', { type: 'ANSWER', payload: { sdp: { type: 'answer', sdp: '' } } });
    await settled();
    expect(routes(made.page)).toEqual([]);
    expect(made.page.ofType('connection.error')).toMatchObject([{ error: { type: 'negotiation-failed' } }]);
    expect(made.closed).toHaveBeenCalledOnce();
  });
});

describe('HostedCall on the direct route', () => {
  it('passes the page’s signals to the remote peer', async () => {
    const { call, signals } = await makeDirect();
    const signal = directSignal('OFFER', { sdp: { type: 'offer', sdp: 'x' } });
    call.handlePageSignal('remote', signal);
    expect(signals).toEqual([{ ...signal, dst: 'remote' }]);
  });

  it('signals only the metadata that the call began with', async () => {
    const { call, signals } = await makeDirect({ about: { metadata: { a: 1 } } });
    call.handlePageSignal('remote', directSignal('OFFER', { metadata: 'another' }));
    call.handlePageSignal('remote', directSignal('CANDIDATE'));
    expect(signals.map(({ payload }) => payload.metadata)).toEqual([{ a: 1 }, undefined]);
  });

  it.each([
    ['another connection', { connectionId: 'dc_2' }],
    ['no connection', { connectionId: undefined }],
    ['a data connection', { type: 'data' }],
  ])('does not pass the page’s signals for %s', async (_, payload) => {
    const { call, signals } = await makeDirect();
    call.handlePageSignal('remote', directSignal('OFFER', payload));
    expect(signals).toEqual([]);
    call.handlePageSignal('remote', directSignal('OFFER'));
    expect(signals).toHaveLength(1);
  });

  it('passes the remote peer’s signals to the page', async () => {
    const { call, page } = await makeDirect();
    call.handlePageSignal('remote', directSignal('OFFER'));
    call.handleCandidate(candidate(1));
    call.handleAnswer(remoteAnswer);
    expect(signalsFrom(page, 'remote')).toEqual([
      { type: 'CANDIDATE', payload: { candidate: candidate(1) } },
      { type: 'ANSWER', payload: { sdp: remoteAnswer } },
    ]);
    expect(page.ofType('call.accepted')).toHaveLength(1);
  });

  it('ignores an answer without an offer', async () => {
    const { call, page } = await makeDirect();
    call.handleAnswer(remoteAnswer);
    expect(page.ofType('call.accepted')).toEqual([]);
    call.handlePageSignal('remote', directSignal('OFFER'));
    call.handleAnswer(remoteAnswer);
    call.handleAnswer(remoteAnswer);
    expect(page.ofType('call.accepted')).toHaveLength(1);
  });

  it('ignores signals for a page leg', async () => {
    const { call, signals, closed } = await makeDirect();
    call.handlePageSignal('host', { type: 'ANSWER', payload: {} });
    await settled();
    expect(signals).toEqual([]);
    expect(closed).not.toHaveBeenCalled();
  });

  it('is the only route on which the page signals itself', async () => {
    const { call, signals } = await makeHosted();
    const before = signals.length;
    call.handlePageSignal('remote', directSignal('OFFER'));
    const unanswered = makeCall({ offer: remoteOffer });
    unanswered.call.handlePageSignal('remote', directSignal('ANSWER'));
    expect(signals).toHaveLength(before);
    expect(unanswered.signals).toEqual([]);
  });
});
