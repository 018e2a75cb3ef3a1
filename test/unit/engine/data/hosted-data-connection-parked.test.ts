import { unpack } from 'peerjs-js-binarypack';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_PARKED_BYTES } from '../../../../src/engine/data/parked-frames';
import { makeConnection, makeHome, makeOpen, makeParked, packed } from '../../../support/fakes/data-connection';
import { settled } from '../../../support/fakes/settled';

// Small credits are delayed.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('HostedDataConnection that is parked', () => {
  it('posts its state and the parked data to the next page, in order, under the new key', async () => {
    const { channel, adopt } = await makeParked();
    for (const word of ['one', 'two']) channel.receive(packed(word));
    const { page, types, resume } = adopt();
    channel.receive(packed('three'));
    expect(types()).toEqual([]);
    resume();
    channel.receive(packed('four'));
    expect(types()).toEqual(['connection.state', 'connection.open', 'data', 'data', 'data', 'data']);
    expect(page.received.slice(1)).toMatchObject([
      { connectionKey: -7, iceStateChanged: true, state: { iceConnectionState: 'connected' } },
      { connectionKey: -7, dataChannel: { label: 'l' } },
      ...['one', 'two', 'three', 'four'].map((word) => ({ connectionKeys: [-7], data: [word] })),
    ]);
  });

  it('posts its descriptions to the next page too', async () => {
    const { connection, adopt } = await makeParked();
    await connection.handleAnswer({ type: 'answer', sdp: 'remote answer' });
    const { page, resume } = adopt();
    resume();
    expect(page.ofType('connection.state')).toMatchObject([
      { state: { localDescription: { sdp: 'own offer' }, remoteDescription: { sdp: 'remote answer' } } },
    ]);
  });

  it('parks JSON texts unread, even a request to close', async () => {
    const { channel, adopt, closed } = await makeParked({ serialization: 'json' });
    const text = '{"__peerData":{"type":"close"}}';
    channel.receive(text);
    const { page, resume } = adopt();
    resume();
    expect(page.ofType('texts')).toMatchObject([{ connectionKeys: [-7], byteLengths: [text.length] }]);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('opens for the next page if it was not established before', async () => {
    const { connection, peerConnection, outbox } = makeConnection();
    await connection.offer(undefined);
    connection.park();
    outbox.close();
    const next = makeHome();
    connection.rehome(-7, next.home);
    connection.resume();
    expect(next.types()).toEqual(['connection.state']);
    peerConnection.channel.open();
    expect(next.page.ofType('connection.open')).toMatchObject([{ connectionKey: -7 }]);
  });

  it('accepts the remote peer’s channel', async () => {
    const { connection, peerConnection, outbox } = makeConnection();
    connection.park();
    outbox.close();
    await connection.answer({ type: 'offer', sdp: 'remote offer' });
    const channel = peerConnection.fireChannel();
    channel.open();
    channel.receive(packed('early'));
    const next = makeHome();
    connection.rehome(-7, next.home);
    connection.resume();
    expect(next.types()).toEqual(['connection.state', 'connection.open', 'data']);
  });

  it('signals over the socket of the next page’s Peer', async () => {
    const { peerConnection, adopt, signals } = await makeParked();
    const next = adopt();
    peerConnection.iceConnectionState = 'checking';
    peerConnection.fireCandidate('candidate:1');
    expect(signals.map(({ type }) => type)).toEqual(['OFFER']);
    expect(next.signals).toMatchObject([{ type: 'CANDIDATE', dst: 'remote' }]);
  });

  type Parked = Awaited<ReturnType<typeof makeParked>>;
  const endings: [string, (made: Parked) => void][] = [
    ['closes the channel', ({ channel }) => channel.onclose?.()],
    ['is out of reach', ({ peerConnection }) => peerConnection.fireIceState('failed')],
  ];

  it.each(endings)('closes if the remote peer %s and has sent nothing', async (_, end) => {
    const made = await makeParked();
    end(made);
    expect(made.closed).toHaveBeenCalledOnce();
    expect(made.quota.queuedBytes).toBe(0);
  });

  it.each<[string, (made: Parked) => void]>([
    ...endings,
    ['asks for it', ({ channel }) => channel.receive(packed({ __peerData: { type: 'close' } }))],
    [
      'attacks the framing',
      ({ channel }) => channel.receive(packed({ __peerData: 1, n: 3, total: 2, data: new ArrayBuffer(1) })),
    ],
  ])('delivers parked data to the next page before it closes if the remote peer %s', async (_, end) => {
    const made = await makeParked();
    made.channel.receive(packed('before'));
    end(made);
    expect([made.closed.mock.calls.length, made.connection.isUsable]).toEqual([0, expect.any(Boolean)]);
    const next = made.adopt();
    next.resume();
    expect(next.page.ofType('data')).toMatchObject([{ data: ['before'] }]);
    expect(next.types().filter((type) => /open|data|closed/.test(type))).toEqual([
      'connection.open',
      'data',
      'connection.closed',
    ]);
    expect(made.quota.queuedBytes).toBe(0);
  });

  it('fails beyond its bound of parked bytes', async () => {
    const { channel, closed, quota } = await makeParked({ serialization: 'raw' });
    const half = new ArrayBuffer(MAX_PARKED_BYTES / 2 - 64);
    for (const _ of [1, 2]) channel.receive(half);
    expect(closed).not.toHaveBeenCalled();
    channel.receive('');
    expect(closed).toHaveBeenCalledOnce();
    expect(quota.queuedBytes).toBe(0);
  });

  it('counts empty messages too', async () => {
    const { channel, quota } = await makeParked({ serialization: 'raw' });
    for (const _ of [1, 2, 3]) channel.receive('');
    expect(quota.queuedBytes).toBe(3 * 64);
  });

  it('fails beyond the site’s limit of bytes', async () => {
    const { channel, closed, quota } = await makeParked({ serialization: 'raw' });
    quota.limits = { peers: 1, connections: 1, queuedBytes: 1000 };
    channel.receive(new ArrayBuffer(500));
    expect(closed).not.toHaveBeenCalled();
    channel.receive(new ArrayBuffer(500));
    expect(closed).toHaveBeenCalledOnce();
  });

  it('counts the parked bytes until the next page has them', async () => {
    const { channel, quota, adopt } = await makeParked({ serialization: 'raw' });
    channel.receive(new ArrayBuffer(500));
    const { resume } = adopt();
    expect(quota.queuedBytes).toBe(564);
    resume();
    expect(quota.queuedBytes).toBe(0);
  });

  it('credits the next page nothing for bytes of the former one', async () => {
    const { connection, channel, quota, outbox } = await makeOpen();
    connection.channel.send([1000], [new ArrayBuffer(1000)]);
    expect(quota.queuedBytes).toBe(1000);
    connection.park();
    expect(quota.queuedBytes).toBe(0);
    const post = vi.spyOn(outbox, 'post');
    channel.drain();
    vi.runAllTimers();
    expect(post).not.toHaveBeenCalled();
  });

  it('drops the former page’s unfinished message, and sends the next page’s message whole under the next ID', async () => {
    const { connection, channel } = await makeOpen();
    connection.channel.send([20_000, 5], [new ArrayBuffer(16_400)]);
    connection.park();
    connection.resume();
    connection.channel.send([20_000], [new ArrayBuffer(20_000)]);
    const numbers = channel.sent.map((frame) => unpack<{ __peerData: number }>(frame as never).__peerData);
    expect(numbers).toEqual([1, 2, 2]);
  });

  it('credits the next page for the bytes that it sends', async () => {
    const { connection, channel, adopt } = await makeParked();
    const { page, resume } = adopt();
    resume();
    connection.channel.send([3, 20_000], [new ArrayBuffer(20_003)]);
    channel.drain();
    vi.runAllTimers();
    expect(page.ofType('connection.credit')).toMatchObject([{ connectionKey: -7, bytes: 20_003 }]);
  });

  it('closes if it waits for the page to transform its description', async () => {
    const { connection, closed, signals } = makeConnection({}, { transformsSdp: true });
    void connection.offer(undefined);
    await settled();
    connection.park();
    expect(closed).toHaveBeenCalledOnce();
    expect(signals).toEqual([]);
  });

  it('closes once it would need a page to transform its description', async () => {
    const { connection, closed } = makeConnection({}, { transformsSdp: true });
    void connection.offer(undefined);
    connection.park();
    await settled();
    expect(closed).toHaveBeenCalledOnce();
  });

  // The next page can guess the key before it is announced.
  it('sends nothing for a page that guesses its key', async () => {
    const { connection, channel } = await makeParked();
    connection.channel.send([1], [new ArrayBuffer(1)]);
    connection.channel.sendFrames(['x']);
    expect(channel.sent).toEqual([]);
  });

  it('delivers no parked message after one that ends it', async () => {
    const { connection, channel, quota, adopt } = await makeParked();
    // An unfinished message, whose bytes would stay counted.
    channel.receive(packed({ __peerData: 1, n: 0, total: 2, data: new ArrayBuffer(1) }));
    for (const word of ['too large', 'next']) channel.receive(packed(word));
    const { host, page, resume } = adopt(() => connection.close());
    host.refuses = (message) => JSON.stringify(message).includes('too large');
    resume();
    expect(page.received.at(-1)).toEqual({ type: 'connection.closed', connectionKey: -7 });
    expect(quota.queuedBytes).toBe(0);
  });

  it('is parked once, however often it is called', async () => {
    const { connection, channel, adopt } = await makeParked();
    channel.receive(packed('kept'));
    connection.park();
    const { page, resume } = adopt();
    resume();
    resume();
    expect(page.ofType('data')).toHaveLength(1);
  });

  it('can be parked again', async () => {
    const { connection, channel, adopt } = await makeParked();
    adopt().resume();
    connection.park();
    channel.receive(packed('again'));
    const { page, resume } = adopt();
    resume();
    expect(page.ofType('data')).toMatchObject([{ data: ['again'] }]);
  });

  it('emits nothing to its former owner once it is released', async () => {
    const { connection, closed, adopt } = await makeParked();
    const { types } = adopt();
    connection.close();
    expect(closed).toHaveBeenCalledOnce();
    expect(types()).toEqual(['connection.closed']);
  });
});
