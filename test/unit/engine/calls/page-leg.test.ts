import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageLeg } from '../../../../src/engine/calls/page-leg';
import type { SignalMessage } from '../../../../src/protocol/signalling';
import type { FakeEndpoint } from '../../../support/fakes/endpoint-pair';
import { settled } from '../../../support/fakes/settled';
import {
  TRIAL_TIMEOUT_MS,
  answerOverLink,
  candidate,
  connectLink,
  makeCall,
  makeHosted,
  pageLegSignals,
  remoteOffer,
  routes,
} from '../../../support/fakes/hosted-call';
import { FakeMediaConnection } from '../../../support/fakes/media-connection';
import { callAnswer, callCreate } from '../../../support/fakes/page-messages';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const PROVEN_TRIAL_TIMEOUT_MS = 20_000;

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

describe('HostedCall’s page leg', () => {
  const RESERVE_MS = 150;
  const toPage = (page: FakeEndpoint) =>
    pageLegSignals(page)
      .filter(({ type }) => type === 'CANDIDATE')
      .map(({ payload }) => (payload.candidate as { candidate: string }).candidate);

  it('tries one candidate first, and more only if it does not connect', async () => {
    const made = makeCall();
    made.call.call(callCreate());
    await settled();
    for (const text of ['candidate:1 1 udp', 'candidate:2 1 udp', 'candidate:3 1 tcp 9']) {
      made.connections.link.fireCandidate(text);
    }
    await answerOverLink(made);
    made.call.handlePageSignal('host', { type: 'CANDIDATE', payload: { candidate: candidate(9) } });
    await settled();
    expect(toPage(made.page)).toEqual(['candidate:1 1 udp']);
    expect(made.connections.link.candidates).toEqual([]);
    vi.advanceTimersByTime(RESERVE_MS);
    await settled();
    expect(toPage(made.page)).toEqual(['candidate:1 1 udp', 'candidate:2 1 udp']);
    expect(made.connections.link.candidates).toEqual([candidate(9)]);
  });

  it('tries no further candidates once it is connected', async () => {
    const made = makeCall();
    made.call.call(callCreate());
    await settled();
    for (const text of ['candidate:1 1 udp', 'candidate:2 1 udp']) made.connections.link.fireCandidate(text);
    await connectLink(made);
    vi.advanceTimersByTime(RESERVE_MS);
    made.connections.link.fireCandidate('candidate:3 1 udp');
    expect(toPage(made.page)).toEqual(['candidate:1 1 udp']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('offers everything at once to a page that answers, if page legs have worked', async () => {
    const made = makeCall({ context: { pageLegs: { isProven: true } }, offer: remoteOffer });
    made.call.answer(callAnswer({ stream: callCreate().stream }));
    await settled();
    expect(pageLegSignals(made.page).map(({ type }) => type)).toEqual(['OFFER']);
    expect(made.connections.link.transceivers.map(({ direction }) => direction)).toEqual(['sendrecv', 'sendrecv']);
    await answerOverLink(made);
    made.connections.link.channel.open();
    await settled();
    expect(pageLegSignals(made.page)).toHaveLength(1);
  });
});

describe('HostedCall in a document whose page legs have worked', () => {
  const proven = () => ({ context: { pageLegs: { isProven: true } } });

  it('calls without waiting for its page leg', async () => {
    const made = makeCall(proven());
    made.call.call(callCreate());
    await settled();
    expect(made.signals.map(({ type }) => type)).toEqual(['OFFER']);
    await connectLink(made);
    expect(made.signals).toHaveLength(1);
  });

  it('answers without waiting for its page leg, and uses the candidates that came before', async () => {
    const made = makeCall({ ...proven(), offer: remoteOffer });
    made.call.handleCandidate(candidate(1));
    made.call.answer(callAnswer());
    await settled();
    made.call.handleCandidate(candidate(2));
    await settled();
    expect(made.signals.map(({ type }) => type)).toEqual(['ANSWER']);
    expect(made.connections.leg.candidates).toEqual([1, 2].map(candidate));
  });

  it('ends if its page leg fails, and puts the next page leg on trial', async () => {
    const context = { pageLegs: { isProven: true } };
    const made = makeCall({ context });
    made.call.call(callCreate());
    await settled();
    vi.advanceTimersByTime(TRIAL_TIMEOUT_MS);
    expect(made.closed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(PROVEN_TRIAL_TIMEOUT_MS);
    expect(routes(made.page)).toEqual([]);
    expect(made.page.ofType('connection.error')).toMatchObject([{ error: { type: 'negotiation-failed' } }]);
    expect(made.closed).toHaveBeenCalledOnce();
    const next = makeCall({ context });
    next.call.call(callCreate());
    await settled();
    expect(next.signals).toEqual([]);
  });

  it('counts page legs as working from the first that connects', async () => {
    const context = { pageLegs: { isProven: false } };
    await makeHosted({ context });
    expect(context.pageLegs.isProven).toBe(true);
  });
});
