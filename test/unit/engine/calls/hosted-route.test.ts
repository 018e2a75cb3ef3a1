import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { streamsOf } from '../../../../src/engine/calls/call-sdp';
import { FakeDataChannel } from '../../../support/fakes/data-channel';
import { settled } from '../../../support/fakes/settled';
import { FakeEncodedEnd, key, names } from '../../../support/fakes/encoded-end';
import {
  answerOverLink,
  candidate,
  connectLink,
  makeCall,
  makeCarried,
  makeHosted,
  pageLegSignals,
  remoteAnswer,
  remoteOffer,
} from '../../../support/fakes/hosted-call';
import { description } from '../../../support/fakes/media-connection';
import { callAnswer, callCreate } from '../../../support/fakes/page-messages';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

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

  it('ignores an answer of the page that is the caller', async () => {
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
