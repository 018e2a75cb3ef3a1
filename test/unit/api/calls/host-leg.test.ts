import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { HostLeg } from '../../../../src/api/calls/host-leg';
import type { SignalMessage } from '../../../../src/protocol/signalling';
import { fakeStream, NativeConnection } from '../../../support/fakes/native-connection';
import { settled } from '../../../support/fakes/settled';

function makeLeg(stream: MediaStream | undefined = fakeStream('audio', 'video')) {
  const sent: SignalMessage[] = [];
  const errors: unknown[] = [];
  const tracks: unknown[] = [];
  const leg = new HostLeg({
    connectionId: 'mc_1',
    stream,
    send: (message) => void sent.push(message),
    getConfiguration: () => ({}),
    getRemoteStats: async () => new Map(),
    onTrack: (event) => void tracks.push(event.streams),
    onError: (error) => void errors.push(error),
  });
  const native = NativeConnection.last;
  const sender = native.transceivers[1]?.sender;
  const wish = async (maxBitrate?: number, keyFrame = false): Promise<void> => {
    leg.handleSendingWish({ mid: '1', keyFrame, ...(maxBitrate !== undefined && { maxBitrate }) });
    await settled();
  };
  return { leg, native, sender: sender!, sent, errors, tracks, wish };
}

describe('HostLeg', () => {
  it('sends the page’s tracks without an ICE server', () => {
    const stream = fakeStream('audio', 'video');
    const { native } = makeLeg(stream);
    expect(native.config).toBeUndefined();
    expect(native.transceivers.map(({ sender }) => sender.track)).toEqual(stream.getTracks());
    expect(native.streams).toEqual([stream, stream]);
  });

  it('answers the host’s offers', async () => {
    const { leg, native, sent } = makeLeg();
    leg.handleSignal({ type: 'OFFER', payload: { sdp: { type: 'offer', sdp: 'host' } } });
    await settled();
    expect(native.remoteDescriptions).toEqual([{ type: 'offer', sdp: 'host' }]);
    const payload = { sdp: { type: 'answer', sdp: 'page answer' }, type: 'media', connectionId: 'mc_1' };
    expect(sent).toEqual([{ type: 'ANSWER', payload }]);
  });

  it('exchanges candidates', async () => {
    const { leg, native, sent } = makeLeg();
    leg.handleSignal({ type: 'CANDIDATE', payload: { candidate: { candidate: 'early' } } });
    leg.handleSignal({ type: 'OFFER', payload: { sdp: { type: 'offer', sdp: 'host' } } });
    await settled();
    leg.handleSignal({ type: 'CANDIDATE', payload: { candidate: { candidate: 'late' } } });
    native.fireCandidate('own');
    await settled();
    expect(native.candidates).toEqual([{ candidate: 'early' }, { candidate: 'late' }]);
    expect(sent.at(-1)).toMatchObject({ type: 'CANDIDATE', payload: { candidate: { candidate: 'own' } } });
  });

  it('reports incoming tracks and failures', async () => {
    const { leg, native, tracks, errors } = makeLeg();
    native.fireTrack('remote stream');
    native.failure = new Error('bad offer');
    leg.handleSignal({ type: 'OFFER', payload: { sdp: { type: 'offer', sdp: '' } } });
    await settled();
    expect(tracks).toEqual([['remote stream']]);
    expect(errors).toEqual([native.failure]);
  });

  it('hides the local connection’s data channel from the page', () => {
    const { native } = makeLeg();
    let heard = 0;
    native.addEventListener('datachannel', () => heard++);
    native.fireChannel();
    expect(heard).toBe(0);
  });

  it('reports nothing after close', async () => {
    const { leg, native, sent, errors } = makeLeg();
    leg.handleSignal({ type: 'OFFER', payload: { sdp: { type: 'offer', sdp: 'host' } } });
    native.failure = new Error('closed');
    leg.close();
    native.fireCandidate('own');
    await settled();
    expect(sent).toEqual([]);
    expect(errors).toEqual([]);
  });
});

describe('the bitrate limit of a HostLeg’s sender', () => {
  it('follows the remote leg’s wishes', async () => {
    const { sender, wish } = makeLeg();
    await wish(500_000);
    await wish(900_000);
    expect(sender.set).toEqual([
      [{ encodings: [{ maxBitrate: 500_000 }] }, undefined],
      [{ encodings: [{ maxBitrate: 900_000 }] }, undefined],
    ]);
  });

  it('stays within the page’s limit, whether set before or in between', async () => {
    const { sender, wish } = makeLeg();
    sender.parameters = { encodings: [{ maxBitrate: 300_000 }] };
    await wish(500_000);
    expect(sender.maxBitrate).toBe(300_000);
    await wish(200_000);
    expect(sender.maxBitrate).toBe(200_000);
    await wish(500_000);
    expect(sender.maxBitrate).toBe(300_000);
    sender.parameters = { encodings: [{ maxBitrate: 400_000 }] };
    await wish(500_000);
    expect(sender.maxBitrate).toBe(400_000);
  });

  it('ignores the page’s limit after the page has removed it', async () => {
    const { sender, wish } = makeLeg();
    sender.parameters = { encodings: [{ maxBitrate: 300_000 }] };
    await wish(500_000);
    sender.parameters = { encodings: [{}] };
    await wish(500_000);
    expect(sender.maxBitrate).toBe(500_000);
  });

  // If the failed limit counted as ours, the limit in force would count as the page's and could never rise again.
  it('still follows wishes after a limit could not be set', async () => {
    const { sender, wish } = makeLeg();
    await wish(300_000);
    sender.failure = new DOMException('meanwhile changed', 'InvalidModificationError');
    await wish(800_000);
    expect(sender.maxBitrate).toBe(300_000);
    sender.failure = undefined;
    await wish(900_000);
    expect(sender.maxBitrate).toBe(900_000);
  });

  it('does not change when the sender is asked for a keyframe', async () => {
    const { sender, wish } = makeLeg();
    sender.parameters = { encodings: [{ maxBitrate: 300_000 }] };
    await wish(undefined, true);
    const options = { encodingOptions: [{ keyFrame: true }] };
    expect(sender.set).toEqual([[{ encodings: [{ maxBitrate: 300_000 }] }, options]]);
    await wish(250_000, true);
    expect(sender.set.at(-1)).toEqual([{ encodings: [{ maxBitrate: 250_000 }] }, options]);
  });

  it('does not change for an unknown media section or a sender without encodings', async () => {
    const { leg, sender, wish } = makeLeg();
    leg.handleSendingWish({ mid: 'toString', keyFrame: true });
    sender.parameters = { encodings: [] };
    await wish(500_000);
    expect(sender.set).toEqual([]);
    sender.parameters = { encodings: [{}] };
    await wish(500_000);
    expect(sender.set).toHaveLength(1);
  });
});
