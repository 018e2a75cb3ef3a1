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

const LINK_TIMEOUT_MS = 3_000;
const PROVEN_LINK_TIMEOUT_MS = 20_000;

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
  /** Of a remote caller. */
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

/** What the page was told over the link. */
function overLink(page: FakeEndpoint): SignalMessage[] {
  return signalsFrom(page, 'link');
}

function signalsFrom(page: FakeEndpoint, from: 'link' | 'remote'): SignalMessage[] {
  const messages = page.ofType('call.signal') as unknown as { from: string; message: SignalMessage }[];
  return messages.filter((message) => message.from === from).map(({ message }) => message);
}

/** The page answers the last offer over the link as a browser would. */
async function answerOverLink({ call, page }: Made): Promise<void> {
  const offers = overLink(page).filter(({ type }) => type === 'OFFER');
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

/** A call of the page's whose offer is out. */
async function makeHosted(world: World = {}, create: Partial<CallCreate> = {}) {
  const made = makeCall(world);
  made.call.call(callCreate(create));
  await connectLink(made);
  return { ...made, link: made.connections.link, leg: made.connections.leg };
}

/** One that the remote peer has answered, and whose media go. */
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
  it('is hosted, whatever page and user have chosen, and says why', async () => {
    const { call, page } = makeCall({ context: { relayedOnly: true, forcedRoute: 'direct', defaultRoute: 'direct' } });
    call.call(callCreate({ route: 'direct' }));
    await settled();
    expect(page.ofType('call.route')).toMatchObject([
      { route: 'hosted', reason: expect.stringContaining('relays only') as string },
    ]);
    expect(overLink(page)).toHaveLength(1);
  });

  it.each([undefined, remoteOffer])(
    'ends where it finds no link, and the remote peer hears of nothing',
    async (offer) => {
      const { call, page, signals, connections, closed } = makeCall({
        context: { relayedOnly: true },
        ...(offer && { offer }),
      });
      if (offer) call.answer(callAnswer());
      else call.call(callCreate());
      await settled();
      vi.advanceTimersByTime(LINK_TIMEOUT_MS);
      expect(page.ofType('call.route')).toEqual([]);
      expect(page.ofType('connection.error')).toMatchObject([
        { error: { type: 'negotiation-failed', message: expect.stringContaining('relays only') as string } },
      ]);
      expect(closed).toHaveBeenCalledOnce();
      expect(signals).toEqual([]);
      expect(connections.made.map(({ connectionState }) => connectionState)).toEqual(['closed', 'closed']);
    },
  );
});

describe('HostedCall takes the route', () => {
  it.each<[CallRoute | undefined, CallRoute | undefined, CallRoute, CallRoute]>([
    // forced, wished, default, taken
    [undefined, undefined, 'hosted', 'hosted'],
    [undefined, undefined, 'direct', 'direct'],
    [undefined, 'direct', 'hosted', 'direct'],
    [undefined, 'hosted', 'direct', 'hosted'],
    ['direct', 'hosted', 'hosted', 'direct'],
    ['hosted', 'direct', 'direct', 'hosted'],
    ['direct', undefined, 'hosted', 'direct'],
  ])('forced %s, wished %s, by default %s: %s', async (forcedRoute, route, defaultRoute, taken) => {
    for (const offer of [undefined, remoteOffer]) {
      const { call, page, connections } = makeCall({ context: { forcedRoute, defaultRoute }, ...(offer && { offer }) });
      if (offer) call.answer(callAnswer({ ...(route && { route }) }));
      else call.call(callCreate({ ...(route && { route }) }));
      await settled();
      expect(connections.made).toHaveLength(taken === 'hosted' ? 2 : 0);
      // The page begins with its wish, or as if it had wished to be hosted.
      expect(routes(page)).toEqual(taken === (route ?? 'hosted') ? [] : [taken]);
    }
  });
});

describe('HostedCall on the hosted route', () => {
  it('connects the link before the remote peer hears of the call', async () => {
    const made = makeCall();
    made.call.call(callCreate());
    await settled();
    expect(overLink(made.page).map(({ type }) => type)).toEqual(['OFFER']);
    await answerOverLink(made);
    // It is ready to be sent, and waits.
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

  it('gives the link no ICE servers of the page’s', async () => {
    const { link } = await makeHosted();
    expect(link.config).toEqual({ bundlePolicy: 'max-bundle', encodedInsertableStreams: true });
  });

  it('says when the remote peer has answered, and brings the media to the page', async () => {
    const made = await makeHosted();
    made.call.handleAnswer(remoteAnswer);
    await settled();
    expect(made.page.ofType('call.accepted')).toEqual([{ type: 'call.accepted', connectionKey: 1 }]);
    expect(overLink(made.page).map(({ type }) => type)).toEqual(['OFFER', 'OFFER']);
    expect(made.link.transceivers.map(({ kind, direction }) => [kind, direction])).toEqual([
      ['audio', 'sendrecv'],
      ['video', 'sendrecv'],
    ]);
  });

  it('asks for the page’s tracks by our offer’s codecs before anybody has answered', async () => {
    const { link, leg, page } = await makeHosted();
    expect(link.transceivers.map(({ kind, direction }) => [kind, direction])).toEqual([
      ['audio', 'recvonly'],
      ['video', 'recvonly'],
    ]);
    const { sdp } = overLink(page)[0]!.payload.sdp as { sdp: string };
    const codecs = (sdp: string | undefined) => sdp?.match(/^a=rtpmap:.*$/gm);
    expect(codecs(sdp)).toEqual(codecs(leg.localDescription?.sdp));
    expect(codecs(sdp)).toHaveLength(2);
  });

  it('keeps what the page sends meanwhile, until the remote peer can be reached', async () => {
    const made = await makeHosted();
    made.link.transceivers[1]!.receiver.produce(key('early'));
    await settled();
    made.call.handleAnswer(remoteAnswer);
    await settled();
    expect(made.leg.transceivers[1]!.sender.written).toEqual([]);
    made.leg.fireConnectionState('connected');
    await settled();
    // The page has yet to take what comes in; what goes out need not wait for that.
    expect(names(made.leg.transceivers[1]!.sender.written)).toEqual(['early']);
  });

  it('lets the page send nothing in a section that the remote peer has refused', async () => {
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

  it('passes on what the remote asks of the page’s sender', async () => {
    const { leg, page } = await makeCarried();
    leg.transceivers[1]!.sender.stats = [{ type: 'outbound-rtp', pliCount: 1 }];
    vi.advanceTimersByTime(200);
    await settled();
    expect(page.ofType('call.sending')).toEqual([{ type: 'call.sending', connectionKey: 1, mid: '1', keyFrame: true }]);
  });

  it('hears one answer: another that comes at the same time changes nothing', async () => {
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

  it('holds the remote’s candidates until there is a leg to add them to', async () => {
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

  it('holds no more than 256', async () => {
    const made = makeCall({ offer: remoteOffer });
    for (let n = 0; n < 1000; n++) made.call.handleCandidate(candidate(n));
    made.call.answer(callAnswer());
    await connectLink(made);
    expect(made.connections.leg.candidates).toHaveLength(256);
  });

  it('mirrors the state of the remote leg, not of the link', async () => {
    const { link, leg, page } = await makeHosted();
    const before = page.ofType('connection.state').length;
    link.fireConnectionState('connected');
    await settled();
    expect(page.ofType('connection.state')).toHaveLength(before);
    leg.fireConnectionState('connecting');
    await settled();
    expect(page.ofType('connection.state').at(-1)).toMatchObject({ state: { connectionState: 'connecting' } });
  });

  it('asks the page for its description and goes on with what it says', async () => {
    const made = makeCall();
    const { call, page, signals } = made;
    call.call(callCreate({ transformsSdp: true }));
    await settled();
    expect(page.ofType('connection.sdp')).toHaveLength(1);
    call.handleTransformedSdp('transformed');
    call.handleTransformedSdp('again');
    await connectLink(made);
    expect(signals).toMatchObject([{ payload: { sdp: { type: 'offer', sdp: 'transformed' } } }]);
  });

  it('gives the statistics of the remote leg, and none before there is one', async () => {
    expect(await makeCall().call.getStats()).toEqual([]);
    const { call } = await makeHosted();
    expect(await call.getStats()).toEqual([['T01', { id: 'T01', type: 'transport' }]]);
  });

  it('tells the Peer of native failures, and of an answer that cannot be used', async () => {
    const { call, leg, errors, link } = await makeHosted();
    const failure = new Error('bad answer');
    leg.failures.set('setRemoteDescription', failure);
    call.handleAnswer(remoteAnswer);
    await settled();
    expect(errors).toEqual([failure]);
    expect(link.transceivers.map(({ direction }) => direction)).toEqual(['recvonly', 'recvonly']);
  });

  it('ends where the browser refuses the configuration', async () => {
    const { call, errors, page, closed } = makeCall({
      context: { config: () => ({ bundlePolicy: 'bad' as RTCBundlePolicy }) },
    });
    call.call(callCreate());
    await settled();
    expect(errors).toMatchObject([{ message: 'bad configuration' }]);
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'negotiation-failed' } }]);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('ends, and says so, in a browser that does not give its frames', async () => {
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

describe('HostedCall’s link', () => {
  const RESERVE_MS = 150;
  const toPage = (page: FakeEndpoint) =>
    overLink(page)
      .filter(({ type }) => type === 'CANDIDATE')
      .map(({ payload }) => (payload.candidate as { candidate: string }).candidate);

  it('tries one candidate, and more only where that does not do', async () => {
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

  it('tries no more once it is connected', async () => {
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

  it('brings everything in its first offer to a page that answers, where links have worked', async () => {
    const made = makeCall({ context: { pageLegs: { isProven: true } }, offer: remoteOffer });
    made.call.answer(callAnswer({ stream: callCreate().stream }));
    await settled();
    expect(overLink(made.page).map(({ type }) => type)).toEqual(['OFFER']);
    expect(made.connections.link.transceivers.map(({ direction }) => direction)).toEqual(['sendrecv', 'sendrecv']);
    await answerOverLink(made);
    made.connections.link.channel.open();
    await settled();
    expect(overLink(made.page)).toHaveLength(1);
  });
});

describe('HostedCall answers a remote peer', () => {
  it('over the link, with the page’s tracks in the places that fit', async () => {
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
    // The page's own come first: the link had them before the leg had answered.
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

  it('not where it is the page that calls', async () => {
    const { call, connections } = makeCall();
    call.answer(callAnswer());
    await settled();
    expect(connections.made).toEqual([]);
  });

  it('survives an offer whose payload types are none', async () => {
    const sdp = remoteOffer.sdp.replaceAll('SAVPF 96', 'SAVPF (((');
    const made = makeCall({ offer: { type: 'offer', sdp } });
    made.call.answer(callAnswer());
    await connectLink(made);
    expect(made.signals.map(({ type }) => type)).toEqual(['ANSWER']);
  });
});

describe('HostedCall in a document whose links have worked', () => {
  const proven = () => ({ context: { pageLegs: { isProven: true } } });

  it('waits for no other before it calls', async () => {
    const made = makeCall(proven());
    made.call.call(callCreate());
    await settled();
    expect(made.signals.map(({ type }) => type)).toEqual(['OFFER']);
    await connectLink(made);
    expect(made.signals).toHaveLength(1);
  });

  it('waits for no other before it answers, with all candidates that came before', async () => {
    const made = makeCall({ ...proven(), offer: remoteOffer });
    made.call.handleCandidate(candidate(1));
    made.call.answer(callAnswer());
    await settled();
    made.call.handleCandidate(candidate(2));
    await settled();
    expect(made.signals.map(({ type }) => type)).toEqual(['ANSWER']);
    expect(made.connections.leg.candidates).toEqual([1, 2].map(candidate));
  });

  it('ends where a link fails all the same, and puts the next on trial', async () => {
    const context = { pageLegs: { isProven: true } };
    const made = makeCall({ context });
    made.call.call(callCreate());
    await settled();
    vi.advanceTimersByTime(LINK_TIMEOUT_MS);
    expect(made.closed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(PROVEN_LINK_TIMEOUT_MS);
    expect(routes(made.page)).toEqual([]);
    expect(made.page.ofType('connection.error')).toMatchObject([{ error: { type: 'negotiation-failed' } }]);
    expect(made.closed).toHaveBeenCalledOnce();
    const next = makeCall({ context });
    next.call.call(callCreate());
    await settled();
    expect(next.signals).toEqual([]);
  });

  it('is one from the first that connects', async () => {
    const context = { pageLegs: { isProven: false } };
    await makeHosted({ context });
    expect(context.pageLegs.isProven).toBe(true);
  });
});

describe('HostedCall falls back to the direct route', () => {
  it('where the link does not connect in three seconds', async () => {
    const { call, page, connections, closed } = makeCall();
    call.call(callCreate());
    await settled();
    vi.advanceTimersByTime(LINK_TIMEOUT_MS - 1);
    expect(routes(page)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(routes(page)).toEqual(['direct']);
    expect(connections.link.signalingState).toBe('closed');
    expect(closed).not.toHaveBeenCalled();
  });

  it('where the link fails', async () => {
    const made = makeCall();
    made.call.call(callCreate());
    await settled();
    made.connections.link.failures.set('setRemoteDescription', new Error('no'));
    await answerOverLink(made);
    expect(routes(made.page)).toEqual(['direct']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('where there can be no link', async () => {
    const { call, page, connections } = makeCall();
    connections.failure = new DOMException('Cannot create so many PeerConnections', 'UnknownError');
    call.call(callCreate());
    await settled();
    expect(routes(page)).toEqual(['direct']);
    call.handlePageSignal('remote', directSignal('OFFER'));
    expect(call.isOffering).toBe(true);
  });

  it('and hands the page the candidates that have come meanwhile', async () => {
    const { call, page } = makeCall({ offer: remoteOffer });
    call.handleCandidate(candidate(1));
    call.answer(callAnswer());
    call.handleCandidate(candidate(2));
    vi.advanceTimersByTime(LINK_TIMEOUT_MS);
    call.handleCandidate(candidate(3));
    const payloads = signalsFrom(page, 'remote').map(({ payload }) => payload);
    expect(payloads).toEqual([1, 2, 3].map((n) => ({ candidate: candidate(n) })));
  });

  it('never once the link is connected', async () => {
    const { page } = await makeHosted();
    vi.advanceTimersByTime(10 * LINK_TIMEOUT_MS);
    expect(routes(page)).toEqual([]);
  });

  it('and not after hosting began: then a failing link is the end of the call', async () => {
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

  it('with the metadata that the call began with, and no others', async () => {
    const { call, signals } = await makeDirect({ about: { metadata: { a: 1 } } });
    call.handlePageSignal('remote', directSignal('OFFER', { metadata: 'another' }));
    call.handlePageSignal('remote', directSignal('CANDIDATE'));
    expect(signals.map(({ payload }) => payload.metadata)).toEqual([{ a: 1 }, undefined]);
  });

  it.each([
    ['another connection', { connectionId: 'dc_2' }],
    ['no connection', { connectionId: undefined }],
    ['a data connection', { type: 'data' }],
  ])('not those that speak for %s', async (_, payload) => {
    const { call, signals } = await makeDirect();
    call.handlePageSignal('remote', directSignal('OFFER', payload));
    expect(signals).toEqual([]);
    call.handlePageSignal('remote', directSignal('OFFER'));
    expect(signals).toHaveLength(1);
  });

  it('passes what the remote peer signals to the page', async () => {
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

  it('hears no answer that nobody asked for', async () => {
    const { call, page } = await makeDirect();
    call.handleAnswer(remoteAnswer);
    expect(page.ofType('call.accepted')).toEqual([]);
    call.handlePageSignal('remote', directSignal('OFFER'));
    call.handleAnswer(remoteAnswer);
    call.handleAnswer(remoteAnswer);
    expect(page.ofType('call.accepted')).toHaveLength(1);
  });

  it('has no ear for a link', async () => {
    const { call, signals, closed } = await makeDirect();
    call.handlePageSignal('link', { type: 'ANSWER', payload: {} });
    await settled();
    expect(signals).toEqual([]);
    expect(closed).not.toHaveBeenCalled();
  });

  it('and no other route lets the page signal by itself', async () => {
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
  it('of the hosted route until it is answered', async () => {
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

  it('of the direct route until it is answered', async () => {
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

  it('of which it keeps no more than 64 messages', async () => {
    const { call, signals } = await makeDirect();
    call.handlePageSignal('remote', directSignal('OFFER'));
    for (let n = 0; n < 100; n++) call.handlePageSignal('remote', directSignal('CANDIDATE'));
    expect(signals).toHaveLength(101);
    call.repeatOffer();
    expect(signals).toHaveLength(101 + 64);
  });

  it('never where the remote peer calls', async () => {
    const { call, signals } = await makeDirect({ offer: remoteOffer });
    call.handlePageSignal('remote', directSignal('ANSWER'));
    call.repeatOffer();
    expect(signals.map(({ type }) => type)).toEqual(['ANSWER']);
    expect(call.isOffering).toBe(false);
  });

  it('not while the link is being made: the remote peer has not heard of it', () => {
    const { call, signals } = makeCall();
    call.call(callCreate());
    call.repeatOffer();
    expect(call.isOffering).toBe(false);
    expect(signals).toEqual([]);
  });
});

describe('HostedCall’s data channel', () => {
  it('opens the page’s', async () => {
    const { leg, page } = await makeHosted();
    leg.channel.open();
    expect(page.ofType('connection.open')).toMatchObject([
      { connectionKey: 1, dataChannel: { label: 'undefined', ordered: false, maxMessageSize: 262_144 } },
    ]);
  });

  it('is one: another that the remote peer opens is closed, and is not the call’s end', async () => {
    const { leg, closed } = await makeHosted();
    const other = new FakeDataChannel('other');
    const close = vi.spyOn(other, 'close');
    leg.fireChannel(other);
    expect(close).toHaveBeenCalledOnce();
    expect(closed).not.toHaveBeenCalled();
  });

  it('closes the call once when it closes: the remote peer has hung up', async () => {
    const { leg, page, closed } = await makeHosted();
    leg.channel.open();
    expect(closed).not.toHaveBeenCalled();
    leg.channel.onclose?.();
    leg.channel.onclose?.();
    expect(closed).toHaveBeenCalledOnce();
    expect(page.ofType('connection.closed')).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
  });

  it('is the remote’s first where the remote calls', async () => {
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

  it('while the link is being made, and leaves no timer', async () => {
    const { call, page, connections } = makeCall();
    call.call(callCreate());
    expect(vi.getTimerCount()).toBe(1);
    call.close();
    expect(vi.getTimerCount()).toBe(0);
    await settled();
    expect(connections.made.map(({ signalingState }) => signalingState)).toEqual(['closed', 'closed']);
    expect(routes(page)).toEqual([]);
  });

  it('while it waits for the page’s description, and sends nothing more', async () => {
    const { call, signals, errors } = makeCall();
    call.call(callCreate({ transformsSdp: true }));
    await settled();
    call.close();
    call.handleTransformedSdp('late');
    await settled();
    expect(signals).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('while the page takes the media, and leaves no timer', async () => {
    const made = await makeHosted();
    made.call.handleAnswer(remoteAnswer);
    await settled();
    made.call.close();
    await answerOverLink(made);
    expect(vi.getTimerCount()).toBe(0);
    expect(made.errors).toEqual([]);
  });

  it('when the page closes its end of the link', async () => {
    const { link, leg, closed } = await makeCarried();
    link.channel.onclose?.();
    expect(closed).toHaveBeenCalledOnce();
    expect(leg.signalingState).toBe('closed');
  });

  it('when ICE fails, after the page was told of it', async () => {
    const { leg, page, closed } = await makeHosted();
    leg.fireIceState('failed');
    const types = page.received.map((message) => (message as { type: string }).type);
    expect(types.slice(-2)).toEqual(['connection.state', 'connection.closed']);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('with a reason where it fails', async () => {
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

describe('HostedCall that nobody completes', () => {
  const timedOut = {
    error: {
      type: 'negotiation-failed',
      message: expect.stringContaining('within 30 seconds of its answer') as string,
    },
  };

  it('rings as long as the two pages like, from either side', async () => {
    const incoming = makeCall({ offer: remoteOffer });
    const outgoing = await makeHosted();
    vi.advanceTimersByTime(3_600_000);
    expect([incoming.closed.mock.calls.length, outgoing.closed.mock.calls.length]).toEqual([0, 0]);
  });

  it.each(['by the page', 'by the remote peer'])('ends half a minute after it is answered %s', async (by) => {
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

  it('goes on once it is connected, and says so once', async () => {
    const made = await makeHosted();
    const established = vi.fn();
    made.call.on('established', established);
    made.call.handleAnswer(remoteAnswer);
    await settled();
    for (const _ of [1, 2]) made.leg.fireConnectionState('connected');
    vi.advanceTimersByTime(3_600_000);
    expect([established.mock.calls.length, made.closed.mock.calls.length]).toEqual([1, 0]);
  });

  it('is the page’s business on the direct route, once it is answered', async () => {
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

  it('ends where the page answers on the direct route, and no answer goes out', async () => {
    const made = await makeDirect({ offer: remoteOffer });
    vi.advanceTimersByTime(30_000);
    expect(made.page.ofType('connection.error')).toMatchObject([timedOut]);
  });

  it.each(['setRemoteDescription', 'createAnswer', 'setLocalDescription'] as const)(
    'ends where the remote peer’s description breaks %s',
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

  it('counts what it keeps towards what the site may have waiting, and drops what is too much', () => {
    const { call, quota } = makeCall({ offer: remoteOffer });
    const bytes = quota.heldBytes;
    expect(bytes).toBe(JSON.stringify(remoteOffer).length * 2);
    for (let n = 0; n < 100; n++) call.handleCandidate({ candidate: 'x'.repeat(20_000) });
    expect(quota.heldBytes).toBeGreaterThan(900_000);
    expect(quota.heldBytes).toBeLessThanOrEqual(1024 * 1024);
    call.close();
    expect(quota.heldBytes).toBe(0);
  });

  it('ends where what it signals is refused', async () => {
    const made = makeCall({ context: { send: () => 'Too much.' } });
    made.call.call(callCreate());
    await connectLink(made);
    expect(made.page.ofType('connection.error')).toMatchObject([
      { error: { type: 'limit-reached', message: 'Too much.' } },
    ]);
    expect(made.closed).toHaveBeenCalledOnce();
  });
});
