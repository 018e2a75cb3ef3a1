import '../../../support/fakes/media-globals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodedStreams, FrameForwarder } from '../../../../src/engine/calls/frame-forwarder';
import type { PageLeg } from '../../../../src/engine/calls/page-leg';
import { forwardingPaths } from '../../../../src/engine/calls/media-paths';
import { MediaBridge } from '../../../../src/engine/calls/media-bridge';
import type { SendingWish } from '../../../../src/protocol/host-messages';
import type { RemoteLeg, RemoteSection } from '../../../../src/engine/calls/remote-leg';
import { delta, FakeEncodedEnd, key, names, noPlaceholders, sound } from '../../../support/fakes/encoded-end';
import { settled } from '../../../support/fakes/settled';

const CONTROL_INTERVAL_MS = 200;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

type Kind = 'audio' | 'video';
type Way = 'both' | 'in' | 'out';

/** A section of the remote leg and its counterpart in the page leg, each with a sender and a receiver. */
function makeSection(mid: number, kind: Kind, way: Way) {
  const [remoteSender, remoteReceiver, linkSender, linkReceiver] = Array.from(
    { length: 4 },
    () => new FakeEncodedEnd(kind),
  ) as [FakeEncodedEnd, FakeEncodedEnd, FakeEncodedEnd, FakeEncodedEnd];
  const transceiver = (sender: FakeEncodedEnd, receiver: FakeEncodedEnd) =>
    ({ mid: `${mid}`, sender, receiver }) as unknown as RTCRtpTransceiver;
  const section: RemoteSection = {
    kind,
    transceiver: transceiver(remoteSender, remoteReceiver),
    local: '',
    remote: '',
    streams: [],
    incoming: way === 'out' ? undefined : new FrameForwarder(kind, encodedStreams(remoteReceiver.as()), noPlaceholders),
    outgoing: way === 'in' ? undefined : encodedStreams(remoteSender.as()).writable.getWriter(),
  };
  const linkTransceiver = transceiver(linkSender, linkReceiver);
  return { section, linkTransceiver, remoteSender, remoteReceiver, linkSender, linkReceiver };
}

/** A bridge over sections of these kinds. The page accepts the media when the test says so. */
const paths = forwardingPaths(() => {
  throw new Error('a bridge makes no connection');
}, noPlaceholders);

function makeBridge(...kinds: [kind: Kind, way?: Way][]) {
  const sections = kinds.map(([kind, way = 'both'], mid) => makeSection(mid, kind, way));
  const wishes: SendingWish[] = [];
  const leg = { sections: () => sections.map(({ section }) => section) } as unknown as RemoteLeg;
  const bridge = new MediaBridge(leg, paths, (wish) => void wishes.push(wish));
  let take = (): void => undefined;
  const carried = vi.fn();
  const pageLeg = {
    carry: (carriedSections: unknown[]) => {
      carried(carriedSections.length);
      return new Promise((resolve) => {
        take = () =>
          resolve(sections.map(({ linkTransceiver }) => ({ mid: linkTransceiver.mid, transceiver: linkTransceiver })));
      });
    },
  } as unknown as PageLeg;
  const join = async (): Promise<void> => {
    void bridge.join(pageLeg);
    await settled();
  };
  const accept = async (): Promise<void> => {
    take();
    await settled();
  };
  const control = async (times = 1): Promise<void> => {
    for (let n = 0; n < times; n++) {
      vi.advanceTimersByTime(CONTROL_INTERVAL_MS);
      await settled();
    }
  };
  return { bridge, wishes, sections, carried, join, accept, control };
}

async function makeBridged(...kinds: [kind: Kind, way?: Way][]) {
  const made = makeBridge(...kinds);
  await made.join();
  await made.accept();
  return { ...made, first: made.sections[0]! };
}

const outbound = (pliCount = 0, firCount = 0) => ({ type: 'outbound-rtp', pliCount, firCount });
const estimate = (availableOutgoingBitrate: number) => ({
  type: 'candidate-pair',
  nominated: true,
  availableOutgoingBitrate,
});

describe('MediaBridge carries media', () => {
  it('from the remote peer once the page has accepted them', async () => {
    const { sections, join, accept } = makeBridge(['video']);
    const { remoteReceiver, linkSender } = sections[0]!;
    remoteReceiver.produce(key('k1'));
    await join();
    expect(linkSender.written).toEqual([]);
    await accept();
    remoteReceiver.produce(delta('d1'));
    await settled();
    expect(names(linkSender.written)).toEqual(['k1', 'd1']);
  });

  it('from the page once the remote leg is connected', async () => {
    const { bridge, first } = await makeBridged(['video']);
    first.linkReceiver.produce(key('k1'), delta('d1'));
    await settled();
    expect(first.remoteSender.written).toEqual([]);
    bridge.handleRemoteConnected();
    bridge.handleRemoteConnected();
    await settled();
    expect(names(first.remoteSender.written)).toEqual(['k1', 'd1']);
  });

  it('from the page at once if the remote leg was connected before', async () => {
    const { bridge, sections, join, accept } = makeBridge(['audio']);
    bridge.handleRemoteConnected();
    await join();
    await accept();
    sections[0]!.linkReceiver.produce(sound('a1'));
    await settled();
    expect(names(sections[0]!.remoteSender.written)).toEqual(['a1']);
  });

  it('of each section separately', async () => {
    const { bridge, sections } = await makeBridged(['audio', 'in'], ['video', 'out']);
    bridge.handleRemoteConnected();
    sections[0]!.remoteReceiver.produce(sound('in'));
    sections[1]!.linkReceiver.produce(key('out'));
    await settled();
    expect(names(sections[0]!.linkSender.written)).toEqual(['in']);
    expect(names(sections[1]!.remoteSender.written)).toEqual(['out']);
    expect(sections[0]!.remoteSender.written).toEqual([]);
  });

  it('reports nothing if no section carries media', async () => {
    const { carried, join } = makeBridge();
    await join();
    expect(carried).not.toHaveBeenCalled();
    const control = makeBridge(['audio']);
    await control.join();
    expect(control.carried).toHaveBeenCalledWith(1);
  });
});

describe('MediaBridge asks the page for a keyframe', () => {
  it.each([
    ['picture losses', outbound(1, 0)],
    ['intra requests', outbound(0, 1)],
  ])('when the count of %s rises, once for each rise', async (_, stats) => {
    const { first, wishes, control } = await makeBridged(['video', 'out']);
    first.remoteSender.stats = [outbound()];
    await control();
    expect(wishes).toEqual([]);
    first.remoteSender.stats = [stats];
    await control(3);
    expect(wishes).toEqual([{ mid: '0', keyFrame: true }]);
    first.remoteSender.stats = [outbound(2, 2)];
    await control();
    expect(wishes).toHaveLength(2);
  });

  it('in the section that the remote peer asked for', async () => {
    const { sections, wishes, control } = await makeBridged(['video'], ['video']);
    sections[1]!.remoteSender.stats = [outbound(1)];
    await control();
    expect(wishes).toEqual([{ mid: '1', keyFrame: true }]);
  });

  it('asks for no keyframe if the statistics have no counts', async () => {
    const { first, wishes, control } = await makeBridged(['video']);
    first.remoteSender.stats = [{ type: 'outbound-rtp' }, { type: 'inbound-rtp', pliCount: 9 }];
    await control();
    expect(wishes).toEqual([]);
    first.remoteSender.stats = [outbound(9)];
    await control();
    expect(wishes).toHaveLength(1);
  });
});

/** Expects 0.95 of the bandwidth, because frames are a little smaller than their packets. */
describe('MediaBridge limits the page’s bitrate', () => {
  it('to the bandwidth to the remote peer', async () => {
    const { first, wishes, control } = await makeBridged(['video', 'out']);
    first.remoteSender.stats = [estimate(800_000)];
    await control();
    expect(wishes).toEqual([{ mid: '0', keyFrame: false, maxBitrate: 0.95 * 800_000 }]);
  });

  it('by the candidate pair in use', async () => {
    const { first, wishes, control } = await makeBridged(['video', 'out']);
    first.remoteSender.stats = [
      { ...estimate(100_000), nominated: false },
      { type: 'candidate-pair', nominated: true },
      estimate(700_000),
    ];
    await control();
    expect(wishes).toMatchObject([{ maxBitrate: 0.95 * 700_000 }]);
  });

  it('again only after a change of a twentieth', async () => {
    const { first, wishes, control } = await makeBridged(['video', 'out']);
    for (const bitrate of [1_000_000, 1_049_000, 951_000, 1_050_000, 1_000_000, 997_400]) {
      first.remoteSender.stats = [estimate(bitrate)];
      await control();
    }
    expect(wishes.map(({ maxBitrate }) => maxBitrate)).toEqual([950_000, 997_500, 947_530]);
  });

  it('never below the least for a picture', async () => {
    const { sections, wishes, control } = await makeBridged(['audio'], ['video']);
    for (const bitrate of [99_000, 10_000]) {
      sections[1]!.remoteSender.stats = [estimate(bitrate)];
      await control();
    }
    expect(wishes).toEqual([{ mid: '1', keyFrame: false, maxBitrate: 50_000 }]);
  });

  it('after deducting the share of audio', async () => {
    const { sections, wishes, control } = await makeBridged(['audio'], ['video'], ['audio', 'in']);
    sections[1]!.remoteSender.stats = [estimate(450_000)];
    await control();
    expect(wishes).toEqual([{ mid: '1', keyFrame: false, maxBitrate: 0.95 * 400_000 }]);
  });

  it('to equal shares for several videos', async () => {
    const { sections, wishes, control } = await makeBridged(['audio'], ['video'], ['video'], ['video', 'in']);
    for (const { remoteSender } of sections) remoteSender.stats = [estimate(450_000)];
    await control();
    expect(wishes).toEqual([
      { mid: '1', keyFrame: false, maxBitrate: 0.95 * 200_000 },
      { mid: '2', keyFrame: false, maxBitrate: 0.95 * 200_000 },
    ]);
  });

  it('in one message with a keyframe request', async () => {
    const { first, wishes, control } = await makeBridged(['video']);
    first.remoteSender.stats = [outbound(1), estimate(300_000)];
    await control();
    expect(wishes).toEqual([{ mid: '0', keyFrame: true, maxBitrate: 0.95 * 300_000 }]);
  });
});

describe('MediaBridge asks the remote peer for a keyframe', () => {
  it('when the page asks the host for one', async () => {
    const { first, control } = await makeBridged(['video', 'in']);
    first.remoteReceiver.produce(key('k'), delta('d1'));
    await control();
    first.linkSender.stats = [outbound(1)];
    await control(2);
    first.remoteReceiver.produce(delta('d2'), delta('d3'));
    await settled();
    expect(first.remoteReceiver.written.map(({ text }) => text)).toEqual(['k', 'd1', '\u0001\u0002\u0003', 'd3']);
    expect(first.linkSender.written.map(({ text }) => text)).toEqual(['k', 'd1', 'd2', 'd3']);
  });
});

describe('MediaBridge leaves no timer', () => {
  it('if there is no video', async () => {
    await makeBridged(['audio']);
    expect(vi.getTimerCount()).toBe(0);
    await makeBridged(['video']);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('when it is closed, and closes the paths from the page', async () => {
    const { bridge, first } = await makeBridged(['video']);
    bridge.close();
    await settled();
    expect(vi.getTimerCount()).toBe(0);
    expect(first.linkReceiver.isCancelled).toBe(true);
  });

  it('when it is closed before the page has accepted the media', async () => {
    const { bridge, sections, join, accept } = makeBridge(['video']);
    await join();
    bridge.close();
    await accept();
    expect(vi.getTimerCount()).toBe(0);
    sections[0]!.remoteReceiver.produce(key('k'));
    await settled();
    expect(sections[0]!.linkSender.written).toEqual([]);
  });

  it('sends nothing when it is closed while it reads statistics', async () => {
    const { bridge, first, wishes } = await makeBridged(['video']);
    first.remoteSender.stats = [outbound(1)];
    vi.advanceTimersByTime(CONTROL_INTERVAL_MS);
    bridge.close();
    await settled();
    expect(first.remoteSender.statsAsked).toBe(1);
    expect(wishes).toEqual([]);
  });
});
