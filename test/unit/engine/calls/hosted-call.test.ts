import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallRoute } from '../../../../src/protocol/page-messages';
import { settled } from '../../../support/fakes/settled';
import {
  TRIAL_TIMEOUT_MS,
  answerOverLink,
  connectLink,
  directSignal,
  makeCall,
  makeCarried,
  makeDirect,
  makeHosted,
  pageLegSignals,
  remoteAnswer,
  remoteOffer,
  routes,
} from '../../../support/fakes/hosted-call';
import { callAnswer, callCreate } from '../../../support/fakes/page-messages';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

describe('HostedCall with relays only', () => {
  it('takes the hosted route whatever page and user have chosen, and reports why', async () => {
    const { call, page } = makeCall({ context: { relayedOnly: true, forcedRoute: 'direct', defaultRoute: 'direct' } });
    call.call(callCreate({ route: 'direct' }));
    await settled();
    expect(page.ofType('call.route')).toMatchObject([
      { route: 'hosted', reason: expect.stringContaining('relays only') as string },
    ]);
    expect(pageLegSignals(page)).toHaveLength(1);
  });

  it.each([undefined, remoteOffer])('fails without a page leg, and the remote peer hears nothing', async (offer) => {
    const { call, page, signals, connections, closed } = makeCall({
      context: { relayedOnly: true },
      ...(offer && { offer }),
    });
    if (offer) call.answer(callAnswer());
    else call.call(callCreate());
    await settled();
    vi.advanceTimersByTime(TRIAL_TIMEOUT_MS);
    expect(page.ofType('call.route')).toEqual([]);
    expect(page.ofType('connection.error')).toMatchObject([
      { error: { type: 'negotiation-failed', message: expect.stringContaining('relays only') as string } },
    ]);
    expect(closed).toHaveBeenCalledOnce();
    expect(signals).toEqual([]);
    expect(connections.made.map(({ connectionState }) => connectionState)).toEqual(['closed', 'closed']);
  });
});

describe('HostedCall chooses a route', () => {
  it.each<[CallRoute | undefined, CallRoute | undefined, CallRoute, CallRoute]>([
    // the user's, the page's, the default, the result
    [undefined, undefined, 'hosted', 'hosted'],
    [undefined, undefined, 'direct', 'direct'],
    [undefined, 'direct', 'hosted', 'direct'],
    [undefined, 'hosted', 'direct', 'hosted'],
    ['direct', 'hosted', 'hosted', 'direct'],
    ['hosted', 'direct', 'direct', 'hosted'],
    ['direct', undefined, 'hosted', 'direct'],
  ])('by the user’s %s, the page’s %s and the default %s: %s', async (forcedRoute, route, defaultRoute, taken) => {
    for (const offer of [undefined, remoteOffer]) {
      const { call, page, connections } = makeCall({ context: { forcedRoute, defaultRoute }, ...(offer && { offer }) });
      if (offer) call.answer(callAnswer({ ...(route && { route }) }));
      else call.call(callCreate({ ...(route && { route }) }));
      await settled();
      expect(connections.made).toHaveLength(taken === 'hosted' ? 2 : 0);
      // The page begins with its own wish, or with the hosted route.
      expect(routes(page)).toEqual(taken === (route ?? 'hosted') ? [] : [taken]);
    }
  });
});

describe('HostedCall repeats its offer', () => {
  it('on the hosted route until it is answered', async () => {
    const { call, leg, signals } = await makeHosted();
    leg.fireCandidate('candidate:1');
    const first = [...signals];
    expect(first.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
    call.repeatOffer();
    expect(signals).toEqual([...first, ...first]);
    call.handleAnswer(remoteAnswer);
    await settled();
    call.repeatOffer();
    expect(signals).toHaveLength(4);
  });

  it('on the direct route until it is answered', async () => {
    const { call, signals } = await makeDirect();
    call.handlePageSignal('remote', directSignal('OFFER'));
    call.handlePageSignal('remote', directSignal('CANDIDATE'));
    const first = [...signals];
    call.repeatOffer();
    expect(signals).toEqual([...first, ...first]);
    call.handleAnswer(remoteAnswer);
    call.handlePageSignal('remote', directSignal('CANDIDATE'));
    call.repeatOffer();
    expect(signals).toHaveLength(5);
    expect(call.isOffering).toBe(false);
  });

  it('with 64 messages at most', async () => {
    const { call, signals } = await makeDirect();
    call.handlePageSignal('remote', directSignal('OFFER'));
    for (let n = 0; n < 100; n++) call.handlePageSignal('remote', directSignal('CANDIDATE'));
    expect(signals).toHaveLength(101);
    call.repeatOffer();
    expect(signals).toHaveLength(101 + 64);
  });

  it('never if the remote peer is the caller', async () => {
    const { call, signals } = await makeDirect({ offer: remoteOffer });
    call.handlePageSignal('remote', directSignal('ANSWER'));
    call.repeatOffer();
    expect(signals.map(({ type }) => type)).toEqual(['ANSWER']);
    expect(call.isOffering).toBe(false);
  });

  it('repeats no offer while the page leg is on trial, because the remote peer has not heard of the call', () => {
    const { call, signals } = makeCall();
    call.call(callCreate());
    call.repeatOffer();
    expect(call.isOffering).toBe(false);
    expect(signals).toEqual([]);
  });
});

describe('HostedCall closes', () => {
  it('once, with both legs, and leaves no timer', async () => {
    const { call, link, leg, page, closed } = await makeCarried();
    expect(vi.getTimerCount()).toBe(1);
    call.close();
    call.close();
    expect([link.signalingState, leg.signalingState]).toEqual(['closed', 'closed']);
    expect(vi.getTimerCount()).toBe(0);
    expect(closed).toHaveBeenCalledOnce();
    expect(page.ofType('connection.closed')).toHaveLength(1);
  });

  it('while the page leg is on trial, and leaves no timer', async () => {
    const { call, page, connections } = makeCall();
    call.call(callCreate());
    expect(vi.getTimerCount()).toBe(1);
    call.close();
    expect(vi.getTimerCount()).toBe(0);
    await settled();
    expect(connections.made.map(({ signalingState }) => signalingState)).toEqual(['closed', 'closed']);
    expect(routes(page)).toEqual([]);
  });

  it('while it waits for the page’s transformed description, and sends nothing more', async () => {
    const { call, signals, errors } = makeCall();
    call.call(callCreate({ transformsSdp: true }));
    await settled();
    expect(call.sdpTransform?.isPending).toBe(true);
    call.close();
    expect(call.sdpTransform?.isPending).toBe(false);
    call.sdpTransform?.settle('late');
    await settled();
    expect(signals).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('while the page accepts the media, and leaves no timer', async () => {
    const made = await makeHosted();
    made.call.handleAnswer(remoteAnswer);
    await settled();
    made.call.close();
    await answerOverLink(made);
    expect(vi.getTimerCount()).toBe(0);
    expect(made.errors).toEqual([]);
  });

  it('when the page closes its end of the page leg', async () => {
    const { link, leg, closed } = await makeCarried();
    link.channel.onclose?.();
    expect(closed).toHaveBeenCalledOnce();
    expect(leg.signalingState).toBe('closed');
  });

  it('when ICE fails, after reporting the state to the page', async () => {
    const { leg, page, closed } = await makeHosted();
    leg.fireIceState('failed');
    const types = page.received.map((message) => (message as { type: string }).type);
    expect(types.slice(-2)).toEqual(['connection.state', 'connection.closed']);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('with a reason if it fails', async () => {
    const { call, page } = await makeDirect();
    call.fail('peer-unavailable', 'not there');
    call.fail('peer-unavailable', 'again');
    const error = { type: 'peer-unavailable', message: 'not there' };
    expect(page.received.slice(-2)).toEqual([
      { type: 'connection.error', connectionKey: 1, error },
      { type: 'connection.closed', connectionKey: 1 },
    ]);
  });
});

describe('HostedCall that is not established', () => {
  const timedOut = {
    error: {
      type: 'negotiation-failed',
      message: expect.stringContaining('within 30 seconds of its answer') as string,
    },
  };

  it('rings without a deadline, from either side', async () => {
    const incoming = makeCall({ offer: remoteOffer });
    const outgoing = await makeHosted();
    vi.advanceTimersByTime(3_600_000);
    expect([incoming.closed.mock.calls.length, outgoing.closed.mock.calls.length]).toEqual([0, 0]);
  });

  it.each(['by the page', 'by the remote peer'])('ends half a minute after the answer %s', async (by) => {
    const made = by === 'by the page' ? makeCall({ offer: remoteOffer }) : await makeHosted();
    if (by === 'by the page') {
      made.call.answer(callAnswer());
      await connectLink(made);
    } else {
      made.call.handleAnswer(remoteAnswer);
    }
    await settled();
    vi.advanceTimersByTime(29_999);
    expect(made.closed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(made.page.ofType('connection.error')).toMatchObject([timedOut]);
    expect(made.closed).toHaveBeenCalledOnce();
    expect(made.connections.made.map(({ connectionState }) => connectionState)).toEqual(['closed', 'closed']);
  });

  it('has no deadline once it is connected, and emits `established` once', async () => {
    const made = await makeHosted();
    const established = vi.fn();
    made.call.on('established', established);
    made.call.handleAnswer(remoteAnswer);
    await settled();
    for (const _ of [1, 2]) made.leg.fireConnectionState('connected');
    vi.advanceTimersByTime(3_600_000);
    expect([established.mock.calls.length, made.closed.mock.calls.length]).toEqual([1, 0]);
  });

  it('has no deadline on the direct route once it is answered', async () => {
    for (const offer of [undefined, remoteOffer]) {
      const made = await makeDirect(offer && { offer });
      const established = vi.fn();
      made.call.on('established', established);
      if (offer) made.call.handlePageSignal('remote', directSignal('ANSWER', { sdp: remoteAnswer }));
      else {
        made.call.handlePageSignal('remote', directSignal('OFFER', { sdp: remoteOffer }));
        made.call.handleAnswer(remoteAnswer);
      }
      vi.advanceTimersByTime(3_600_000);
      expect([established.mock.calls.length, made.closed.mock.calls.length]).toEqual([1, 0]);
    }
  });

  it('ends if the page takes the direct route and sends no answer', async () => {
    const made = await makeDirect({ offer: remoteOffer });
    vi.advanceTimersByTime(30_000);
    expect(made.page.ofType('connection.error')).toMatchObject([timedOut]);
  });

  it.each(['setRemoteDescription', 'createAnswer', 'setLocalDescription'] as const)(
    'fails if the remote peer’s description makes %s throw',
    async (method) => {
      const made = makeCall({ offer: remoteOffer, context: { pageLegs: { isProven: true } } });
      made.call.answer(callAnswer());
      made.connections.leg.failures.set(method, new Error('native'));
      await settled();
      expect(made.errors).toHaveLength(1);
      expect(made.page.ofType('connection.error')).toMatchObject([
        { error: { type: 'negotiation-failed', message: 'The call cannot be negotiated: native' } },
      ]);
      expect(made.closed).toHaveBeenCalledOnce();
      expect(made.connections.made.map(({ connectionState }) => connectionState)).toEqual(['closed', 'closed']);
    },
  );

  it('counts its queued bytes in the site’s quota, and drops what exceeds it', () => {
    const { call, quota } = makeCall({ offer: remoteOffer });
    const bytes = quota.queuedBytes;
    expect(bytes).toBe(JSON.stringify(remoteOffer).length * 2);
    for (let n = 0; n < 100; n++) call.handleCandidate({ candidate: 'x'.repeat(20_000) });
    expect(quota.queuedBytes).toBeGreaterThan(900_000);
    expect(quota.queuedBytes).toBeLessThanOrEqual(1024 * 1024);
    call.close();
    expect(quota.queuedBytes).toBe(0);
  });

  it('ends if the socket refuses its signals', async () => {
    const made = makeCall({ context: { send: () => 'Too much.' } });
    made.call.call(callCreate());
    await connectLink(made);
    expect(made.page.ofType('connection.error')).toMatchObject([
      { error: { type: 'limit-reached', message: 'Too much.' } },
    ]);
    expect(made.closed).toHaveBeenCalledOnce();
  });
});
