import '../../../support/fakes/media-globals';
import { describe, expect, it } from 'vitest';
import { encodedStreams, FrameForwarder } from '../../../../src/engine/calls/frame-forwarder';
import { delta, FakeEncodedEnd, key, names, noPlaceholders, sound } from '../../../support/fakes/encoded-end';
import { settled } from '../../../support/fakes/settled';

function makeForwarder(
  kind: 'audio' | 'video' = 'video',
  placeholders: { of: (mimeType: string) => ArrayBuffer | undefined } = noPlaceholders,
) {
  const receiver = new FakeEncodedEnd(kind);
  const sender = new FakeEncodedEnd(kind);
  const forwarder = new FrameForwarder(kind, encodedStreams(receiver.as()), placeholders);
  const writer = encodedStreams(sender.as()).writable.getWriter();
  const open = async (): Promise<void> => {
    forwarder.open(writer);
    await settled();
  };
  const come = async (...frames: Parameters<FakeEncodedEnd['produce']>): Promise<void> => {
    receiver.produce(...frames);
    await settled();
  };
  return { forwarder, receiver, sender, open, come };
}

describe('FrameForwarder', () => {
  it('forwards frames unchanged and in order', async () => {
    const { sender, open, come } = makeForwarder();
    await open();
    const frames = [key('k1'), delta('d1'), delta('d2'), key('k2')];
    await come(...frames);
    expect(sender.written).toEqual(frames);
    expect(sender.written[0]).toBe(frames[0]);
  });

  it('queues frames since the last keyframe until it is opened', async () => {
    const { sender, open, come } = makeForwarder();
    await come(key('k1'), delta('d1'), key('k2'), delta('d2'), delta('d3'));
    expect(sender.written).toEqual([]);
    await open();
    await come(delta('d4'));
    expect(names(sender.written)).toEqual(['k2', 'd2', 'd3', 'd4']);
  });

  it('queues no frames before a keyframe', async () => {
    const { sender, open, come } = makeForwarder();
    await come(delta('d1'), delta('d2'));
    await open();
    expect(sender.written).toEqual([]);
    await come(delta('d3'));
    expect(names(sender.written)).toEqual(['d3']);
  });

  it('queues the first 300 frames since a keyframe, and no more', async () => {
    const { sender, open, come } = makeForwarder();
    await come(key('k'), ...Array.from({ length: 400 }, (_, n) => delta(`d${n}`)));
    await open();
    expect(sender.written).toHaveLength(300);
    expect(names(sender.written.slice(0, 2))).toEqual(['k', 'd0']);
  });

  it('starts a new queue with a keyframe that comes when the queue is full', async () => {
    const { sender, open, come } = makeForwarder();
    await come(key('k1'), ...Array.from({ length: 400 }, (_, n) => delta(`d${n}`)), key('k2'), delta('d'));
    await open();
    expect(names(sender.written)).toEqual(['k2', 'd']);
  });

  it('queues no audio', async () => {
    const { sender, open, come } = makeForwarder('audio');
    await come(sound('a1'));
    await open();
    await come(sound('a2'));
    expect(names(sender.written)).toEqual(['a2']);
  });

  it('continues when the sender is gone', async () => {
    const { receiver, sender, open, come } = makeForwarder();
    await open();
    sender.isClosed = true;
    await come(key('k1'));
    await come(delta('d1'));
    expect(names(receiver.written)).toEqual(['k1', 'd1']);
  });
});

describe('FrameForwarder’s decoder', () => {
  it('gets a copy of each frame, whether it is open or not', async () => {
    const { receiver, sender, open, come } = makeForwarder();
    const [first, second] = [key('k1'), delta('d1')];
    await come(first);
    await open();
    await come(second);
    expect(receiver.written.map(({ copyOf }) => copyOf)).toEqual([first, second]);
    expect(sender.written).toEqual([first, second]);
  });

  it('gets a placeholder picture as soon as there is one', async () => {
    const asked: string[] = [];
    const placeholders: { picture?: ArrayBuffer } = {};
    const of = (mimeType: string) => {
      asked.push(mimeType);
      return placeholders.picture;
    };
    const { receiver, sender, open, come } = makeForwarder('video', { of });
    await open();
    await come(key('k1'));
    placeholders.picture = new TextEncoder().encode('grey').buffer;
    await come(delta('d1'), delta('d2'));
    expect(receiver.written.map(({ text }) => text)).toEqual(['k1', 'grey', 'grey']);
    expect(receiver.written[1]!.data).not.toBe(receiver.written[2]!.data);
    expect(names(sender.written)).toEqual(['k1', 'd1', 'd2']);
    expect(new Set(asked)).toEqual(new Set(['video/VP8']));
  });

  it('gets no audio', async () => {
    const { receiver, sender, open, come } = makeForwarder('audio');
    await open();
    await come(sound('a1'));
    expect(receiver.written).toEqual([]);
    expect(names(sender.written)).toEqual(['a1']);
  });

  it('gets one unreadable frame per keyframe request, while the sender gets the real one', async () => {
    const { forwarder, receiver, sender, open, come } = makeForwarder();
    await open();
    await come(key('k1'), delta('d1'));
    forwarder.requestKeyFrame();
    await come(delta('d2'), delta('d3'));
    expect(receiver.written.map(({ text }) => text)).toEqual(['k1', 'd1', '\u0001\u0002\u0003', 'd3']);
    expect(sender.written.map(({ text }) => text)).toEqual(['k1', 'd1', 'd2', 'd3']);
  });

  it('gets no unreadable frame if the next frame is a keyframe', async () => {
    const { forwarder, receiver, open, come } = makeForwarder();
    await open();
    forwarder.requestKeyFrame();
    await come(key('k1'), delta('d1'));
    expect(receiver.written.map(({ text }) => text)).toEqual(['k1', 'd1']);
  });
});

describe('FrameForwarder that is closed', () => {
  it('cancels its receiver and drops its queue', async () => {
    const { forwarder, receiver, sender, open, come } = makeForwarder();
    await come(key('k1'));
    expect(receiver.isCancelled).toBe(false);
    forwarder.close();
    await open();
    expect(receiver.isCancelled).toBe(true);
    expect(sender.written).toEqual([]);
  });

  it('may be closed twice', async () => {
    const { forwarder, receiver } = makeForwarder();
    forwarder.close();
    forwarder.close();
    await settled();
    expect(receiver.isCancelled).toBe(true);
  });
});
