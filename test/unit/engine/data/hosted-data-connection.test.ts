import { pack, unpack } from 'peerjs-js-binarypack';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Quota } from '../../../../src/engine/policy/quotas';
import { WindowBudget } from '../../../../src/engine/data/flow-window';
import { MAX_PARKED_BYTES } from '../../../../src/engine/data/parked-frames';
import {
  HostedDataConnection,
  type ConnectionDescription,
  type ConnectionHome,
} from '../../../../src/engine/data/hosted-data-connection';
import { PageOutbox } from '../../../../src/engine/connection/page-outbox';
import { StreamViolation } from '../../../../src/engine/data/outgoing-stream';
import type { ClientMessage } from '../../../../src/protocol/signalling';
import { endpointPair } from '../../../support/fakes/endpoint-pair';
import { FakeOutboxClock } from '../../../support/fakes/outbox-clock';
import { FakePeerConnections } from '../../../support/fakes/peer-connection';
import { settled } from '../../../support/fakes/settled';

const KIB = 1024;

// Small credits are delayed.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A Peer as a connection sees it, and that Peer's page. */
function makeHome(quota = new Quota(), onUndeliverable: () => void = () => undefined) {
  const [host, page] = endpointPair();
  const outbox = new PageOutbox(new FakeOutboxClock(), onUndeliverable);
  outbox.bind(host);
  const signals: ClientMessage[] = [];
  const send = (message: ClientMessage) => {
    signals.push(message);
    return undefined;
  };
  const home: ConnectionHome = { outbox, budget: new WindowBudget(), quota, document: {}, send };
  const types = (): string[] => page.received.slice(1).map((message) => (message as { type: string }).type);
  return { home, host, page, outbox, quota, signals, types };
}

function makeConnection(description: Partial<ConnectionDescription> = {}, { transformsSdp = false } = {}) {
  const made = makeHome();
  const peerConnections = new FakePeerConnections();
  const usual = { connectionKey: 1, connectionId: 'dc_1', remotePeerId: 'remote', label: 'l', serialization: 'binary' };
  const connection = new HostedDataConnection(
    { ...usual, reliable: false, ...description },
    { ...made.home, createPeerConnection: peerConnections.create, config: {} },
    { transformsSdp },
  );
  const closed = vi.fn();
  connection.on('gone', closed);
  return { connection, peerConnection: peerConnections.last, closed, ...made };
}

async function makeOpen(description: Partial<ConnectionDescription> = {}) {
  const made = makeConnection(description);
  await made.connection.offer(undefined);
  const { channel } = made.peerConnection;
  channel.open();
  await settled();
  const before = made.page.received.length;
  return { ...made, channel, since: () => made.page.received.slice(before) };
}

/** An open connection whose page is gone. */
async function makeParked(description: Partial<ConnectionDescription> = {}) {
  const made = await makeOpen(description);
  made.peerConnection.fireIceState('connected');
  made.connection.park();
  /** Lets another page adopt it. */
  const adopt = (onUndeliverable?: () => void) => {
    made.outbox.close();
    const next = makeHome(made.quota, onUndeliverable);
    made.connection.release();
    made.connection.rehome(-7, next.home);
    return { ...next, resume: () => made.connection.resume() };
  };
  return { ...made, adopt };
}

function packed(value: unknown): ArrayBuffer {
  return pack(value as never) as ArrayBuffer;
}

describe('HostedDataConnection', () => {
  it.each([true, false])('offers a channel as PeerJS does, reliable: %s', async (reliable) => {
    const { connection, peerConnection } = makeConnection({ label: 'chat', reliable });
    await connection.offer(undefined);
    expect(peerConnection.channel).toMatchObject({ label: 'chat', ordered: reliable, binaryType: 'arraybuffer' });
  });

  it('opens with the channel, and reports the channel’s properties', async () => {
    const { page } = await makeOpen();
    expect(page.ofType('connection.open')).toEqual([
      {
        type: 'connection.open',
        connectionKey: 1,
        dataChannel: {
          label: 'l',
          ordered: false,
          protocol: '',
          id: 1,
          maxPacketLifeTime: null,
          maxRetransmits: null,
          negotiated: false,
          maxMessageSize: 262_144,
        },
      },
    ]);
  });

  it('uses one channel of the remote peer and closes any other', async () => {
    const { connection, peerConnection, page } = makeConnection();
    await connection.answer({ type: 'offer', sdp: 'remote offer' });
    const first = peerConnection.fireChannel();
    const second = peerConnection.fireChannel();
    first.open();
    expect(second.readyState).toBe('closed');
    expect(page.ofType('connection.open')).toHaveLength(1);
  });

  it('asks the page to transform its description and continues with the result', async () => {
    const { connection, page, signals } = makeConnection({}, { transformsSdp: true });
    const offered = connection.offer(undefined);
    await settled();
    expect(page.received.at(-1)).toEqual({ type: 'connection.sdp', connectionKey: 1, sdp: 'own offer' });
    expect(signals).toEqual([]);
    connection.sdpTransform.settle('transformed');
    connection.sdpTransform.settle('again');
    await offered;
    expect(signals[0]!.payload.sdp).toEqual({ type: 'offer', sdp: 'transformed' });
  });

  it('ignores a transformed description that it did not ask for', async () => {
    const { connection, signals } = await makeOpen();
    connection.sdpTransform.settle('unasked');
    expect(signals).toHaveLength(1);
  });

  it('returns the statistics of its RTCPeerConnection', async () => {
    const { connection } = await makeOpen();
    expect(await connection.getStats()).toEqual([['T01', { id: 'T01', type: 'transport' }]]);
  });
});

describe('HostedDataConnection that sends', () => {
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

  it.each<[string, (connection: HostedDataConnection, bytes: ArrayBuffer[]) => void]>([
    ['messages', (connection, bytes) => connection.channel.send([bytes.length * KIB * KIB], bytes)],
    ['frames', (connection, bytes) => connection.channel.sendFrames(bytes)],
  ])('accepts nothing beyond its bound at once: %s', async (_, send) => {
    const { connection, channel } = await makeOpen();
    const tooMuch = Array.from({ length: 21 }, () => new ArrayBuffer(KIB * KIB));
    expect(() => send(connection, tooMuch)).toThrow(StreamViolation);
    expect(channel.sent).toEqual([]);
  });

  it('fails with a limit when its site has too many bytes queued', async () => {
    const { connection, channel, quota, page } = await makeOpen();
    quota.limits = { peers: 1, connections: 1, heldBytes: 1000 };
    connection.channel.sendFrames([new ArrayBuffer(1001)]);
    expect(channel.sent).toEqual([]);
    expect(page.ofType('connection.error')).toMatchObject([{ error: { type: 'limit-reached' } }]);
    expect(quota.heldBytes).toBe(0);
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

describe('HostedDataConnection that receives', () => {
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

describe('HostedDataConnection closes', () => {
  it('once, whoever closes it', async () => {
    const { connection, channel, since, closed } = await makeOpen();
    const { onclose } = channel;
    connection.close();
    connection.close();
    connection.fail('connection-closed', 'late');
    onclose?.();
    expect(since()).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('when the remote peer closes the channel', async () => {
    const { channel, since } = await makeOpen();
    channel.onclose?.();
    expect(since()).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
  });

  it('when ICE fails, after reporting the state to the page', async () => {
    const { peerConnection, since } = await makeOpen();
    peerConnection.fireIceState('failed');
    expect(since()).toMatchObject([
      { type: 'connection.state', state: { iceConnectionState: 'failed' }, iceStateChanged: true },
      { type: 'connection.closed' },
    ]);
  });

  it('and removes every listener from its RTCPeerConnection', async () => {
    const { connection, channel, peerConnection } = await makeOpen();
    connection.close();
    const { onopen, onmessage, onclose, onbufferedamountlow } = channel;
    const { onicecandidate, ondatachannel, oniceconnectionstatechange } = peerConnection;
    expect([onopen, onmessage, onclose, onbufferedamountlow]).toEqual([null, null, null, null]);
    expect([onicecandidate, ondatachannel, oniceconnectionstatechange]).toEqual([null, null, null]);
  });

  it('and ends a negotiation that waits for the page to transform its description', async () => {
    const { connection, signals, types } = makeConnection({}, { transformsSdp: true });
    const offered = connection.offer(undefined);
    await settled();
    connection.close();
    await offered;
    expect(signals).toEqual([]);
    expect(types()).toEqual(['connection.sdp', 'connection.closed']);
  });

  it('and sends nothing afterwards', async () => {
    const { connection, channel, since } = await makeOpen();
    connection.close();
    connection.channel.send([1], [new ArrayBuffer(1)]);
    connection.channel.sendFrames(['x']);
    connection.channel.abortMessage();
    expect(channel.sent).toEqual([]);
    expect(since()).toHaveLength(1);
  });
});

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
    expect(made.quota.heldBytes).toBe(0);
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
    expect(made.quota.heldBytes).toBe(0);
  });

  it('fails beyond its bound of parked bytes', async () => {
    const { channel, closed, quota } = await makeParked({ serialization: 'raw' });
    const half = new ArrayBuffer(MAX_PARKED_BYTES / 2 - 64);
    for (const _ of [1, 2]) channel.receive(half);
    expect(closed).not.toHaveBeenCalled();
    channel.receive('');
    expect(closed).toHaveBeenCalledOnce();
    expect(quota.heldBytes).toBe(0);
  });

  it('counts empty messages too', async () => {
    const { channel, quota } = await makeParked({ serialization: 'raw' });
    for (const _ of [1, 2, 3]) channel.receive('');
    expect(quota.heldBytes).toBe(3 * 64);
  });

  it('fails beyond the site’s limit of bytes', async () => {
    const { channel, closed, quota } = await makeParked({ serialization: 'raw' });
    quota.limits = { peers: 1, connections: 1, heldBytes: 1000 };
    channel.receive(new ArrayBuffer(500));
    expect(closed).not.toHaveBeenCalled();
    channel.receive(new ArrayBuffer(500));
    expect(closed).toHaveBeenCalledOnce();
  });

  it('counts the parked bytes until the next page has them', async () => {
    const { channel, quota, adopt } = await makeParked({ serialization: 'raw' });
    channel.receive(new ArrayBuffer(500));
    const { resume } = adopt();
    expect(quota.heldBytes).toBe(564);
    resume();
    expect(quota.heldBytes).toBe(0);
  });

  it('credits the next page nothing for bytes of the former one', async () => {
    const { connection, channel, quota, outbox } = await makeOpen();
    connection.channel.send([1000], [new ArrayBuffer(1000)]);
    expect(quota.heldBytes).toBe(1000);
    connection.park();
    expect(quota.heldBytes).toBe(0);
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
    expect(quota.heldBytes).toBe(0);
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

describe('HostedDataConnection is usable', () => {
  it('while it is being established', () => {
    expect(makeConnection().connection.isUsable).toBe(true);
  });

  it.each<[RTCIceConnectionState, boolean]>([
    ['connected', true],
    ['completed', true],
    ['disconnected', false],
  ])('when it is open and ICE is %s: %s', async (state, isUsable) => {
    const { connection, peerConnection } = await makeOpen();
    peerConnection.fireIceState(state);
    expect(connection.isUsable).toBe(isUsable);
  });

  it('no longer when the remote peer begins to close it', async () => {
    const { connection, peerConnection, channel } = await makeOpen();
    peerConnection.fireIceState('connected');
    channel.readyState = 'closing';
    expect(connection.isUsable).toBe(false);
  });

  it('no longer when it is closed', async () => {
    const { connection } = await makeParked();
    connection.close();
    expect(connection.isUsable).toBe(false);
  });
});
