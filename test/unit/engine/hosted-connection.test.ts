import { pack } from 'peerjs-js-binarypack';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Quota } from '../../../src/engine/quotas';
import { WindowBudget } from '../../../src/engine/flow-window';
import { HostedConnection, type ConnectionDescription } from '../../../src/engine/hosted-connection';
import { Outbox } from '../../../src/engine/outbox';
import { StreamViolation } from '../../../src/engine/outgoing-stream';
import type { ClientMessage } from '../../../src/protocol/signalling';
import { endpointPair } from '../../support/fakes/endpoint-pair';
import { FakeOutboxClock } from '../../support/fakes/outbox-clock';
import { FakePeerConnections } from '../../support/fakes/peer-connection';
import { settled } from '../../support/fakes/settled';

const KIB = 1024;

// Small credits wait for a while.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

function makeConnection(description: Partial<ConnectionDescription> = {}, { transformsSdp = false } = {}) {
  const [host, page] = endpointPair();
  const outbox = new Outbox(new FakeOutboxClock(), () => undefined);
  outbox.bind(host);
  const peerConnections = new FakePeerConnections();
  const signals: ClientMessage[] = [];
  const usual = { connectionKey: 1, connectionId: 'dc_1', remotePeerId: 'remote', label: 'l', serialization: 'binary' };
  const connection = new HostedConnection(
    { ...usual, reliable: false, ...description },
    {
      outbox,
      budget: new WindowBudget(),
      quota: new Quota(),
      document: {},
      send: (message) => void signals.push(message),
      createPeerConnection: peerConnections.create,
      config: {},
    },
    { transformsSdp },
  );
  const closed = vi.fn();
  connection.on('gone', closed);
  const types = (): string[] => page.received.slice(1).map((message) => (message as { type: string }).type);
  return { connection, outbox, page, peerConnection: peerConnections.last, signals, closed, types };
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

function packed(value: unknown): ArrayBuffer {
  return pack(value as never) as ArrayBuffer;
}

describe('HostedConnection', () => {
  it.each([true, false])('offers a channel as PeerJS does, reliable: %s', async (reliable) => {
    const { connection, peerConnection } = makeConnection({ label: 'chat', reliable });
    await connection.offer(undefined);
    expect(peerConnection.channel).toMatchObject({ label: 'chat', ordered: reliable, binaryType: 'arraybuffer' });
  });

  it('is open when the channel is, and says what it is like', async () => {
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

  it('takes one channel of the remote peer and closes any other', async () => {
    const { connection, peerConnection, page } = makeConnection();
    await connection.answer({ type: 'offer', sdp: 'remote offer' });
    const first = peerConnection.fireChannel();
    const second = peerConnection.fireChannel();
    first.open();
    expect(second.readyState).toBe('closed');
    expect(page.ofType('connection.open')).toHaveLength(1);
  });

  it('asks the page for its description and goes on with the answer', async () => {
    const { connection, page, signals } = makeConnection({}, { transformsSdp: true });
    const offered = connection.offer(undefined);
    await settled();
    expect(page.received.at(-1)).toEqual({ type: 'connection.sdp', connectionKey: 1, sdp: 'own offer' });
    expect(signals).toEqual([]);
    connection.handleTransformedSdp('transformed');
    connection.handleTransformedSdp('again');
    await offered;
    expect(signals[0]!.payload.sdp).toEqual({ type: 'offer', sdp: 'transformed' });
  });

  it('is not troubled by a description that nobody asked for', async () => {
    const { connection, signals } = await makeOpen();
    connection.handleTransformedSdp('unasked');
    expect(signals).toHaveLength(1);
  });

  it('gives the statistics of its link', async () => {
    const { connection } = await makeOpen();
    expect(await connection.getStats()).toEqual([['T01', { id: 'T01', type: 'transport' }]]);
  });
});

describe('HostedConnection sends', () => {
  it('messages as frames and gives the bytes back as they drain', async () => {
    const { connection, channel, since } = await makeOpen();
    connection.send([3, 20_000], [new ArrayBuffer(20_003)]);
    expect(channel.sent.map(({ length }) => length)).toEqual([3, 16_331, 3731]);
    expect(since()).toEqual([]);
    channel.drain();
    vi.runAllTimers();
    expect(since()).toEqual([{ type: 'connection.credit', connectionKey: 1, bytes: 20_003, window: 1024 * KIB }]);
  });

  it('frames as they are', async () => {
    const { connection, channel, since } = await makeOpen({ serialization: 'raw' });
    connection.sendFrames(['text', Uint8Array.of(1, 2).buffer]);
    expect(channel.sent).toEqual(['text', Uint8Array.of(1, 2)]);
    channel.drain();
    vi.runAllTimers();
    expect(since()).toMatchObject([{ type: 'connection.credit', bytes: 6 }]);
  });

  it('nothing before the channel is open, and owes nothing for it', async () => {
    const { connection, peerConnection, types } = makeConnection();
    connection.send([1], [new ArrayBuffer(1)]);
    await connection.offer(undefined);
    connection.sendFrames(['x']);
    peerConnection.channel.open();
    expect(peerConnection.channel.sent).toEqual([]);
    expect(types()).not.toContain('connection.credit');
  });

  it('on after a frame that is too big for the link, with its credit given back', async () => {
    const { connection, channel, since } = await makeOpen({ serialization: 'raw' });
    channel.maxMessageSize = 10;
    connection.sendFrames(['much too long', 'short']);
    channel.drain();
    vi.runAllTimers();
    expect(channel.sent).toEqual(['short']);
    expect(since()).toMatchObject([
      { type: 'connection.error', error: { type: 'message-too-big' } },
      { type: 'connection.credit', bytes: 18 },
    ]);
  });

  it('no more than an honest page would have on the way', async () => {
    const { connection } = await makeOpen();
    const mebibyte = new ArrayBuffer(1024 * KIB);
    for (let n = 0; n < 20; n++) connection.send([mebibyte.byteLength], [mebibyte]);
    expect(() => connection.send([1], [new ArrayBuffer(1)])).toThrow(StreamViolation);
  });

  it('as much as it likes where the network keeps up', async () => {
    const { connection, channel } = await makeOpen();
    for (let n = 0; n < 20; n++) {
      connection.send([512 * KIB], [new ArrayBuffer(512 * KIB)]);
      channel.drain();
    }
    expect(channel.sent).toHaveLength(20 * 33);
  });

  it('the next message after one that is given up', async () => {
    const { connection, channel } = await makeOpen();
    connection.send([100], [new ArrayBuffer(50)]);
    connection.abortMessage();
    connection.send([2], [Uint8Array.of(7, 8).buffer]);
    expect(channel.sent).toEqual([Uint8Array.of(7, 8)]);
  });
});

describe('HostedConnection receives', () => {
  it('data and hands it to the page', async () => {
    const { channel, since } = await makeOpen();
    channel.receive(packed({ a: 1 }));
    expect(since()).toEqual([{ type: 'data', connectionKeys: [1], data: [{ a: 1 }] }]);
  });

  it.each<[string, ArrayBuffer | string]>([
    ['no bytes', new ArrayBuffer(0)],
    ['bytes that end too early', Uint8Array.of(0xb5).buffer],
    ['an array of four thousand million items', Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff).buffer],
    ['text', 'text'],
  ])('%s, and drops it as PeerJS does', async (_, frame) => {
    const { channel, since } = await makeOpen();
    channel.receive(frame);
    channel.receive(packed('next'));
    expect(since()).toEqual([{ type: 'data', connectionKeys: [1], data: ['next'] }]);
  });

  it('chunks that do not fit together, and ends the link', async () => {
    const { channel, since, closed } = await makeOpen();
    channel.receive(packed({ __peerData: 1, n: 3, total: 2, data: new ArrayBuffer(1) }));
    expect(since()).toMatchObject([
      { type: 'connection.error', error: { type: 'connection-closed' } },
      { type: 'connection.closed' },
    ]);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('a request to close, and closes', async () => {
    const { channel, since, peerConnection } = await makeOpen();
    channel.receive(packed({ __peerData: { type: 'close' } }));
    expect(since()).toEqual([{ type: 'connection.closed', connectionKey: 1 }]);
    expect(peerConnection.signalingState).toBe('closed');
  });
});

describe('HostedConnection ends', () => {
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

  it('when ICE fails, after the page has been told so', async () => {
    const { peerConnection, since } = await makeOpen();
    peerConnection.fireIceState('failed');
    expect(since()).toMatchObject([
      { type: 'connection.state', state: { iceConnectionState: 'failed' }, iceStateChanged: true },
      { type: 'connection.closed' },
    ]);
  });

  it('and takes every listener off its link', async () => {
    const { connection, channel, peerConnection } = await makeOpen();
    connection.close();
    const { onopen, onmessage, onclose, onbufferedamountlow } = channel;
    const { onicecandidate, ondatachannel, oniceconnectionstatechange } = peerConnection;
    expect([onopen, onmessage, onclose, onbufferedamountlow]).toEqual([null, null, null, null]);
    expect([onicecandidate, ondatachannel, oniceconnectionstatechange]).toEqual([null, null, null]);
  });

  it('and sends nothing any more', async () => {
    const { connection, channel, since } = await makeOpen();
    connection.close();
    connection.send([1], [new ArrayBuffer(1)]);
    connection.sendFrames(['x']);
    connection.abortMessage();
    expect(channel.sent).toEqual([]);
    expect(since()).toHaveLength(1);
  });
});
