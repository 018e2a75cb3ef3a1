import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HostedDataChannel } from '../../../../src/engine/data/hosted-data-channel';
import { StreamViolation } from '../../../../src/engine/data/outgoing-stream';
import { makeConnection, makeOpen, packed } from '../../../support/fakes/data-connection';

const KIB = 1024;

// Small credits are delayed.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('HostedDataChannel that sends', () => {
  it('sends messages as frames and credits the bytes back as the channel drains', async () => {
    const { connection, channel, since } = await makeOpen();
    connection.channel.send([3, 20_000], [new ArrayBuffer(20_003)]);
    expect(channel.sent.map(({ length }) => length)).toEqual([3, 16_331, 3731]);
    expect(since()).toEqual([]);
    channel.drain();
    vi.runAllTimers();
    expect(since()).toEqual([{ type: 'connection.credit', connectionKey: 1, bytes: 20_003, window: 1024 * KIB }]);
  });

  it('sends frames unchanged', async () => {
    const { connection, channel, since } = await makeOpen({ serialization: 'raw' });
    connection.channel.sendFrames(['text', Uint8Array.of(1, 2).buffer]);
    expect(channel.sent).toEqual(['text', Uint8Array.of(1, 2)]);
    channel.drain();
    vi.runAllTimers();
    expect(since()).toMatchObject([{ type: 'connection.credit', bytes: 6 }]);
  });

  it('sends and credits nothing before the channel is open', async () => {
    const { connection, peerConnection, types } = makeConnection();
    connection.channel.send([1], [new ArrayBuffer(1)]);
    await connection.offer(undefined);
    connection.channel.sendFrames(['x']);
    peerConnection.channel.open();
    expect(peerConnection.channel.sent).toEqual([]);
    expect(types()).not.toContain('connection.credit');
  });

  it('continues after a frame that is too big, and credits it back', async () => {
    const { connection, channel, since } = await makeOpen({ serialization: 'raw' });
    channel.maxMessageSize = 10;
    connection.channel.sendFrames(['much too long', 'short']);
    channel.drain();
    vi.runAllTimers();
    expect(channel.sent).toEqual(['short']);
    expect(since()).toMatchObject([
      { type: 'connection.error', error: { type: 'message-too-big' } },
      { type: 'connection.credit', bytes: 18 },
    ]);
  });

  it('throws for more bytes on the way than an honest page has', async () => {
    const { connection } = await makeOpen();
    const mebibyte = new ArrayBuffer(1024 * KIB);
    for (let n = 0; n < 20; n++) connection.channel.send([mebibyte.byteLength], [mebibyte]);
    expect(() => connection.channel.send([1], [new ArrayBuffer(1)])).toThrow(StreamViolation);
  });

  it.each<[string, (channel: HostedDataChannel, bytes: ArrayBuffer[]) => void]>([
    ['messages', (channel, bytes) => channel.send([bytes.length * KIB * KIB], bytes)],
    ['frames', (channel, bytes) => channel.sendFrames(bytes)],
  ])('accepts nothing beyond its bound at once: %s', async (_, send) => {
    const { connection, channel } = await makeOpen();
    const tooMuch = Array.from({ length: 21 }, () => new ArrayBuffer(KIB * KIB));
    expect(() => send(connection.channel, tooMuch)).toThrow(StreamViolation);
    expect(channel.sent).toEqual([]);
  });

  it('fails with a limit when its site has too many bytes queued', async () => {
    const { connection, channel, quota, page } = await makeOpen();
    quota.limits = { peers: 1, connections: 1, queuedBytes: 1000 };
    connection.channel.sendFrames([new ArrayBuffer(1001)]);
    expect(channel.sent).toEqual([]);
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'limit-reached' } }]);
    expect(quota.queuedBytes).toBe(0);
  });

  it('sends without limit while the network keeps up', async () => {
    const { connection, channel } = await makeOpen();
    for (let n = 0; n < 20; n++) {
      connection.channel.send([512 * KIB], [new ArrayBuffer(512 * KIB)]);
      channel.drain();
    }
    expect(channel.sent).toHaveLength(20 * 33);
  });

  it('sends the next message after an aborted one', async () => {
    const { connection, channel } = await makeOpen();
    connection.channel.send([100], [new ArrayBuffer(50)]);
    connection.channel.abortMessage();
    connection.channel.send([2], [Uint8Array.of(7, 8).buffer]);
    expect(channel.sent).toEqual([Uint8Array.of(7, 8)]);
  });
});

describe('HostedDataChannel that receives', () => {
  it('delivers data to the page', async () => {
    const { channel, since } = await makeOpen();
    channel.receive(packed({ a: 1 }));
    expect(since()).toEqual([{ type: 'data', connectionKeys: [1], data: [{ a: 1 }] }]);
  });

  it.each<[string, ArrayBuffer | string]>([
    ['no bytes', new ArrayBuffer(0)],
    ['bytes that end too early', Uint8Array.of(0xb5).buffer],
    ['an array of four thousand million items', Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff).buffer],
    ['text', 'text'],
  ])('drops %s, as PeerJS does', async (_, frame) => {
    const { channel, since } = await makeOpen();
    channel.receive(frame);
    channel.receive(packed('next'));
    expect(since()).toEqual([{ type: 'data', connectionKeys: [1], data: ['next'] }]);
  });

  it('reports the loss of a message that is nested too deep', async () => {
    const { channel, since, closed } = await makeOpen();
    channel.receive(new Uint8Array(4001).fill(0x91).buffer);
    channel.receive(packed('next'));
    expect(since()).toMatchObject([
      {
        type: 'connection.error',
        error: { type: 'message-too-big', message: expect.stringContaining('500') as string },
      },
      { type: 'data', data: ['next'] },
    ]);
    expect(closed).not.toHaveBeenCalled();
  });

  it('reports the loss of a chunked message that is nested too deep', async () => {
    const { channel, since } = await makeOpen();
    const message = new Uint8Array(4000).fill(0x91);
    for (const n of [0, 1]) {
      const data = message.slice(n * 2000, (n + 1) * 2000).buffer;
      channel.receive(packed({ __peerData: 1, n, total: 2, data }));
    }
    channel.receive(packed('next'));
    expect(since()).toMatchObject([
      { type: 'connection.error', error: { type: 'message-too-big' } },
      { type: 'data', data: ['next'] },
    ]);
  });

  it('fails on chunks that contradict each other', async () => {
    const { channel, since, closed } = await makeOpen();
    channel.receive(packed({ __peerData: 1, n: 3, total: 2, data: new ArrayBuffer(1) }));
    expect(since()).toMatchObject([
      { type: 'connection.error', error: { type: 'connection-closed' } },
      { type: 'connection.closed' },
    ]);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('closes at the remote peer’s request', async () => {
    const { channel, since, peerConnection } = await makeOpen();
    channel.receive(packed({ __peerData: { type: 'close' } }));
    expect(since()).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    expect(peerConnection.signalingState).toBe('closed');
  });
});
