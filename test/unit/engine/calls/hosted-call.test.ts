import '../../../support/fakes/media-globals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { forwardingPaths } from '../../../../src/engine/calls/media-paths';
import { HostedCall, type CallContext, type CallDescription } from '../../../../src/engine/calls/hosted-call';
import { streamsOf } from '../../../../src/engine/calls/call-sdp';
import { Quota } from '../../../../src/engine/policy/quotas';
import { PageOutbox } from '../../../../src/engine/connection/page-outbox';
import type { CallCreate, CallRoute } from '../../../../src/protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../../../src/protocol/signalling';
import { FakeEncodedEnd, key, names, noPlaceholders } from '../../../support/fakes/encoded-end';
import { FakeDataChannel } from '../../../support/fakes/data-channel';
import { endpointPair, type FakeEndpoint } from '../../../support/fakes/endpoint-pair';
import { description, FakeMediaConnections } from '../../../support/fakes/media-connection';
import { FakeOutboxClock } from '../../../support/fakes/outbox-clock';
import { callAnswer, callCreate } from '../../../support/fakes/page-messages';
import { settled } from '../../../support/fakes/settled';

const TRIAL_TIMEOUT_MS = 3_000;
const PROVEN_TRIAL_TIMEOUT_MS = 20_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const remoteOffer = { type: 'offer' as const, sdp: description(['audio', 'sendrecv'], ['video', 'sendrecv']) };
const remoteAnswer = { type: 'answer' as const, sdp: description(['audio', 'sendrecv'], ['video', 'sendrecv']) };
const candidate = (n: number) => ({ candidate: `candidate:${n}`, sdpMid: '0' });
const directSignal = (type: SignalMessage['type'], payload: Record<string, unknown> = {}): SignalMessage => ({
  type,
  payload: { type: 'media', connectionId: 'mc_1', ...payload },
});

interface World {
  context?: Partial<CallContext>;
  about?: Partial<CallDescription>;
  /** The offer of a remote caller. */
  offer?: RTCSessionDescriptionInit;
}

function makeCall({ context, about, offer }: World = {}) {
  const [host, page] = endpointPair();
  const outbox = new PageOutbox(new FakeOutboxClock(), () => undefined);
  outbox.bind(host);
  const connections = new FakeMediaConnections();
  const signals: ClientMessage[] = [];
  const quota = new Quota();
  const call = new HostedCall(
    { connectionKey: 1, connectionId: 'mc_1', remotePeerId: 'remote', ...about },
    {
      outbox,
      send: (message) => {
        signals.push(message);
        return undefined;
      },
      paths: forwardingPaths(connections.create, noPlaceholders),
      config: () => ({ iceTransportPolicy: 'relay' }),
      pageLegs: { isProven: false },
      defaultRoute: 'hosted',
      forcedRoute: undefined,
      relayedOnly: false,
      quota,
      ...context,
    },
    offer,
  );
  const closed = vi.fn();
  call.on('gone', closed);
  const errors: unknown[] = [];
  call.on('webrtcError', (error) => void errors.push(error));
  return { call, page, connections, signals, closed, errors, quota };
}

type Made = ReturnType<typeof makeCall>;

/** The signals that the page received from the page leg. */
function pageLegSignals(page: FakeEndpoint): SignalMessage[] {
  return signalsFrom(page, 'link');
}

function signalsFrom(page: FakeEndpoint, from: 'link' | 'remote'): SignalMessage[] {
  const messages = page.ofType('call.signal') as unknown as { from: string; message: SignalMessage }[];
  return messages.filter((message) => message.from === from).map(({ message }) => message);
}

/** Answers the page leg’s last offer as the page’s browser would. */
async function answerOverLink({ call, page }: Made): Promise<void> {
  const offers = pageLegSignals(page).filter(({ type }) => type === 'OFFER');
  const { sdp } = offers.at(-1)!.payload.sdp as { sdp: string };
  const mirrored = { sendonly: 'recvonly', recvonly: 'sendonly' } as Record<string, string>;
  const answer = sdp.replace(/^a=(sendonly|recvonly)\r$/gm, (_, direction: string) => `a=${mirrored[direction]!}\r`);
  call.handlePageSignal('link', { type: 'ANSWER', payload: { sdp: { type: 'answer', sdp: answer } } });
  await settled();
}

async function connectLink(made: Made): Promise<void> {
  await settled();
  await answerOverLink(made);
  made.connections.link.channel.open();
  await settled();
}

/** A call of the page whose offer is out. */
async function makeHosted(world: World = {}, create: Partial<CallCreate> = {}) {
  const made = makeCall(world);
  made.call.call(callCreate(create));
  await connectLink(made);
  return { ...made, link: made.connections.link, leg: made.connections.leg };
}

/** A call that the remote peer has answered and whose media flow. */
async function makeCarried(world: World = {}) {
  const made = await makeHosted(world);
  made.call.handleAnswer(remoteAnswer);
  await settled();
  await answerOverLink(made);
  made.leg.fireConnectionState('connected');
  return made;
}

async function makeDirect(world: World = {}) {
  const made = makeCall(world);
  if (world.offer) made.call.answer(callAnswer({ route: 'direct' }));
  else made.call.call(callCreate({ route: 'direct' }));
  await settled();
  return made;
}

const routes = (page: FakeEndpoint) => page.ofType('call.route').map(({ route }) => route);

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

describe('HostedCall on the hosted route', () => {
  it('connects the page leg before the remote peer hears of the call', async () => {
    const made = makeCall();
    made.call.call(callCreate());
    await settled();
    expect(pageLegSignals(made.page).map(({ type }) => type)).toEqual(['OFFER']);
    await answerOverLink(made);
    // The offer is ready, and queued.
    expect(made.connections.leg.localDescription).toMatchObject({ type: 'offer' });
    made.connections.leg.fireCandidate('candidate:1');
    expect(made.signals).toEqual([]);
    made.connections.link.channel.open();
    await settled();
    expect(made.signals.map(({ type }) => type)).toEqual(['OFFER', 'CANDIDATE']);
  });

  it('offers as PeerJS does, with the page’s stream under its name', async () => {
    const about = { metadata: { a: 1 } };
    const constraints = { offerToReceiveVideo: true };
    const { signals, leg } = await makeHosted(
      { about },
      { stream: { id: 's', tracks: [{ kind: 'audio', id: 'a' }] }, constraints },
    );
    expect(leg.config).toEqual({
      bundlePolicy: 'max-bundle',
      iceTransportPolicy: 'relay',
      encodedInsertableStreams: true,
    });
    expect(leg.offerOptions).toEqual([constraints]);
    expect(leg.channel).toMatchObject({ label: 'undefined', ordered: false });
    const payload = { type: 'media', connectionId: 'mc_1', metadata: { a: 1 } };
    expect(signals).toMatchObject([{ type: 'OFFER', dst: 'remote', payload }]);
    const { sdp } = signals[0]!.payload.sdp as { sdp: string };
    expect(streamsOf(sdp)).toEqual([{ streamId: 's', trackId: 'a' }]);
  });

  it('gives the page leg no ICE servers', async () => {
    const { link } = await makeHosted();
    expect(link.config).toEqual({ bundlePolicy: 'max-bundle', encodedInsertableStreams: true });
  });

  it('reports the remote peer’s answer, and offers the media to the page', async () => {
    const made = await makeHosted();
    made.call.handleAnswer(remoteAnswer);
    await settled();
    expect(made.page.ofType('call.accepted')).toEqual([{ type: 'call.accepted', connectionKey: 1 }]);
    expect(pageLegSignals(made.page).map(({ type }) => type)).toEqual(['OFFER', 'OFFER']);
    expect(made.link.transceivers.map(({ kind, direction }) => [kind, direction])).toEqual([
      ['audio', 'sendrecv'],
      ['video', 'sendrecv'],
    ]);
  });

  it('asks for the page’s tracks with the codecs of our offer, before the remote peer has answered', async () => {
    const { link, leg, page } = await makeHosted();
    expect(link.transceivers.map(({ kind, direction }) => [kind, direction])).toEqual([
      ['audio', 'recvonly'],
      ['video', 'recvonly'],
    ]);
    const { sdp } = pageLegSignals(page)[0]!.payload.sdp as { sdp: string };
    const codecs = (sdp: string | undefined) => sdp?.match(/^a=rtpmap:.*$/gm);
    expect(codecs(sdp)).toEqual(codecs(leg.localDescription?.sdp));
    expect(codecs(sdp)).toHaveLength(2);
  });

  it('queues the page’s media until the remote leg is connected', async () => {
    const made = await makeHosted();
    made.link.transceivers[1]!.receiver.produce(key('early'));
    await settled();
    made.call.handleAnswer(remoteAnswer);
    await settled();
    expect(made.leg.transceivers[1]!.sender.written).toEqual([]);
    made.leg.fireConnectionState('connected');
    await settled();
    // Outgoing media need not wait for the page to accept the incoming ones.
    expect(names(made.leg.transceivers[1]!.sender.written)).toEqual(['early']);
  });

  it('stops the page from sending in a section that the remote peer has refused', async () => {
    const made = await makeHosted();
    const answer = description(['audio', 'sendrecv'], ['video', 'inactive']);
    made.call.handleAnswer({ type: 'answer', sdp: answer });
    await settled();
    expect(made.link.transceivers.map(({ direction }) => direction)).toEqual(['sendrecv', 'inactive']);
  });

  it('carries frames both ways', async () => {
    const { link, leg } = await makeCarried();
    const [, atLink] = link.transceivers;
    const [, atLeg] = leg.transceivers;
    atLink!.receiver.produce(key('out'));
    atLeg!.receiver.produce(key('in'));
    await settled();
    expect(names(atLeg!.sender.written)).toEqual(['out']);
    expect(names(atLink!.sender.written)).toEqual(['in']);
  });

  it('passes the remote peer’s requests on to the page’s sender', async () => {
    const { leg, page } = await makeCarried();
    leg.transceivers[1]!.sender.stats = [{ type: 'outbound-rtp', pliCount: 1 }];
    vi.advanceTimersByTime(200);
    await settled();
    expect(page.ofType('call.sending')).toEqual([{ type: 'call.sending', connectionKey: 1, mid: '1', keyFrame: true }]);
  });

  it('accepts one answer, and ignores another that comes at the same time', async () => {
    const made = await makeHosted();
    made.call.handleAnswer(remoteAnswer);
    made.call.handleAnswer(remoteAnswer);
    await settled();
    await answerOverLink(made);
    made.call.handleAnswer(remoteAnswer);
    await settled();
    expect(made.errors).toEqual([]);
    expect(made.page.ofType('call.accepted')).toHaveLength(1);
    expect(made.link.transceivers).toHaveLength(2);
    made.call.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('queues the remote peer’s candidates until there is a remote leg', async () => {
    const made = makeCall({ offer: remoteOffer });
    made.call.handleCandidate(candidate(1));
    made.call.answer(callAnswer());
    await settled();
    made.call.handleCandidate(candidate(2));
    await connectLink(made);
    made.call.handleCandidate(candidate(3));
    await settled();
    expect(made.connections.leg.candidates).toEqual([1, 2, 3].map(candidate));
  });

  it('queues 256 candidates at most', async () => {
    const made = makeCall({ offer: remoteOffer });
    for (let n = 0; n < 1000; n++) made.call.handleCandidate(candidate(n));
    made.call.answer(callAnswer());
    await connectLink(made);
    expect(made.connections.leg.candidates).toHaveLength(256);
  });

  it('mirrors the state of the remote leg, not of the page leg', async () => {
    const { link, leg, page } = await makeHosted();
    const before = page.ofType('connection.state').length;
    link.fireConnectionState('connected');
    await settled();
    expect(page.ofType('connection.state')).toHaveLength(before);
    leg.fireConnectionState('connecting');
    await settled();
    expect(page.ofType('connection.state').at(-1)).toMatchObject({ state: { connectionState: 'connecting' } });
  });

  it('asks the page to transform its description and continues with the result', async () => {
    const made = makeCall();
    const { call, page, signals } = made;
    call.call(callCreate({ transformsSdp: true }));
    await settled();
    expect(page.ofType('connection.sdp')).toHaveLength(1);
    call.sdpTransform?.settle('transformed');
    call.sdpTransform?.settle('again');
    await connectLink(made);
    expect(signals).toMatchObject([{ payload: { sdp: { type: 'offer', sdp: 'transformed' } } }]);
  });

  it('returns the statistics of the remote leg, and none before there is a remote leg', async () => {
    expect(await makeCall().call.getStats()).toEqual([]);
    const { call } = await makeHosted();
    expect(await call.getStats()).toEqual([['T01', { id: 'T01', type: 'transport' }]]);
  });

  it('reports native failures and an unusable answer to the Peer', async () => {
    const { call, leg, errors, link } = await makeHosted();
    const failure = new Error('bad answer');
    leg.failures.set('setRemoteDescription', failure);
    call.handleAnswer(remoteAnswer);
    await settled();
    expect(errors).toEqual([failure]);
    expect(link.transceivers.map(({ direction }) => direction)).toEqual(['recvonly', 'recvonly']);
  });

  it('fails if the browser refuses the configuration', async () => {
    const { call, errors, page, closed } = makeCall({
      context: { config: () => ({ bundlePolicy: 'bad' as RTCBundlePolicy }) },
    });
    call.call(callCreate());
    await settled();
    expect(errors).toMatchObject([{ message: 'bad configuration' }]);
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'negotiation-failed' } }]);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('fails with an error in a browser without encoded frames', async () => {
    const made = makeCall();
    const streams = vi.spyOn(FakeEncodedEnd.prototype, 'createEncodedStreams').mockImplementation(() => {
      throw new TypeError('no such function');
    });
    made.call.call(callCreate());
    await settled();
    streams.mockRestore();
    expect(made.errors).toHaveLength(1);
    expect(made.page.ofType('connection.error')).toMatchObject([{ error: { type: 'negotiation-failed' } }]);
    expect(made.closed).toHaveBeenCalledOnce();
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
    made.call.handlePageSignal('link', { type: 'CANDIDATE', payload: { candidate: candidate(9) } });
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

describe('HostedCall answers a remote peer', () => {
  it('with the page’s tracks in the fitting sections', async () => {
    const offer = {
      type: 'offer' as const,
      sdp: description(['video', 'sendonly'], ['audio', 'sendrecv'], ['video', 'recvonly']),
    };
    const made = makeCall({ offer });
    made.call.answer(
      callAnswer({
        stream: {
          id: 's',
          tracks: [
            { kind: 'audio', id: 'a' },
            { kind: 'video', id: 'v' },
          ],
        },
      }),
    );
    await connectLink(made);
    const { leg } = made.connections;
    expect(leg.transceivers.map(({ currentDirection }) => currentDirection)).toEqual([
      'recvonly',
      'sendrecv',
      'sendonly',
    ]);
    expect(made.signals).toMatchObject([{ type: 'ANSWER', dst: 'remote', payload: { connectionId: 'mc_1' } }]);
    // The page's own tracks come first, because the page leg had them before the remote leg had answered.
    const directions = made.connections.link.transceivers.map(({ direction }) => direction);
    expect(directions).toEqual(['sendrecv', 'recvonly', 'sendonly']);
  });

  it('without a stream, and only listens', async () => {
    const made = makeCall({ offer: remoteOffer });
    made.call.answer(callAnswer());
    await connectLink(made);
    const directions = made.connections.link.transceivers.map(({ direction }) => direction);
    expect(directions).toEqual(['sendonly', 'sendonly']);
  });

  it('once', async () => {
    const made = makeCall({ offer: remoteOffer });
    made.call.answer(callAnswer());
    made.call.answer(callAnswer());
    await connectLink(made);
    expect(made.connections.made).toHaveLength(2);
  });

  it('but not if the page is the caller', async () => {
    const { call, connections } = makeCall();
    call.answer(callAnswer());
    await settled();
    expect(connections.made).toEqual([]);
  });

  it('survives an offer with invalid payload types', async () => {
    const sdp = remoteOffer.sdp.replaceAll('SAVPF 96', 'SAVPF (((');
    const made = makeCall({ offer: { type: 'offer', sdp } });
    made.call.answer(callAnswer());
    await connectLink(made);
    expect(made.signals.map(({ type }) => type)).toEqual(['ANSWER']);
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

  it('and passes the page the candidates that came meanwhile', async () => {
    const { call, page } = makeCall({ offer: remoteOffer });
    call.handleCandidate(candidate(1));
    call.answer(callAnswer());
    call.handleCandidate(candidate(2));
    vi.advanceTimersByTime(TRIAL_TIMEOUT_MS);
    call.handleCandidate(candidate(3));
    const payloads = signalsFrom(page, 'remote').map(({ payload }) => payload);
    expect(payloads).toEqual([1, 2, 3].map((n) => ({ candidate: candidate(n) })));
  });

  it('but not once the page leg is connected', async () => {
    const { page } = await makeHosted();
    vi.advanceTimersByTime(10 * TRIAL_TIMEOUT_MS);
    expect(routes(page)).toEqual([]);
  });

  it('but not once the call is hosted: then a failing page leg ends the call', async () => {
    const made = await makeCarried();
    made.call.handlePageSignal('link', { type: 'ANSWER', payload: { sdp: { type: 'answer', sdp: '' } } });
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
    call.handlePageSignal('link', { type: 'ANSWER', payload: {} });
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

  it('not while the page leg is on trial, because the remote peer has not heard of the call', () => {
    const { call, signals } = makeCall();
    call.call(callCreate());
    call.repeatOffer();
    expect(call.isOffering).toBe(false);
    expect(signals).toEqual([]);
  });
});

describe('HostedCall’s data channel', () => {
  it('opens the page’s data channel', async () => {
    const { leg, page } = await makeHosted();
    leg.channel.open();
    expect(page.ofType('connection.open')).toMatchObject([
      { connectionKey: 1, dataChannel: { label: 'undefined', ordered: false, maxMessageSize: 262_144 } },
    ]);
  });

  it('is the only one: a second channel of the remote peer is closed without ending the call', async () => {
    const { leg, closed } = await makeHosted();
    const other = new FakeDataChannel('other');
    const close = vi.spyOn(other, 'close');
    leg.fireChannel(other);
    expect(close).toHaveBeenCalledOnce();
    expect(closed).not.toHaveBeenCalled();
  });

  it('ends the call once when it closes, because the remote peer has hung up', async () => {
    const { leg, page, closed } = await makeHosted();
    leg.channel.open();
    expect(closed).not.toHaveBeenCalled();
    leg.channel.onclose?.();
    leg.channel.onclose?.();
    expect(closed).toHaveBeenCalledOnce();
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
  });

  it('is the first channel of a remote caller', async () => {
    const made = makeCall({ offer: remoteOffer });
    made.call.answer(callAnswer());
    await connectLink(made);
    const first = made.connections.leg.fireChannel();
    const second = made.connections.leg.fireChannel();
    second.open();
    expect(made.page.ofType('connection.open')).toEqual([]);
    first.open();
    expect(made.page.ofType('connection.open')).toHaveLength(1);
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
    const bytes = quota.heldBytes;
    expect(bytes).toBe(JSON.stringify(remoteOffer).length * 2);
    for (let n = 0; n < 100; n++) call.handleCandidate({ candidate: 'x'.repeat(20_000) });
    expect(quota.heldBytes).toBeGreaterThan(900_000);
    expect(quota.heldBytes).toBeLessThanOrEqual(1024 * 1024);
    call.close();
    expect(quota.heldBytes).toBe(0);
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
