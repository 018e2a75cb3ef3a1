import '../../../support/fakes/page-globals';
import { describe, expect, it, vi } from 'vitest';
import { INITIAL_WINDOW } from '../../../../src/protocol/host-messages';
import { dataChannel, makeOpenConnection, makeOpenPeer, watch } from '../../../support/fakes/page';
import { settled } from '../../../support/fakes/settled';

const NAMES = ['open', 'data', 'error', 'close', 'iceStateChanged'];
const closeRequest = { __peerData: { type: 'close' } };
const state = { connectionState: 'new', iceGatheringState: 'new', signalingState: 'stable' } as const;

async function makeConnecting(options: Record<string, unknown> = {}) {
  const page = await makeOpenPeer();
  const connection = page.peer.connect('remote', options)!;
  const connectionEvents = watch(connection, NAMES);
  await settled();
  return { ...page, connection, connectionEvents };
}

describe('DataConnection', () => {
  it('generates its ID and label like PeerJS', async () => {
    const { connection } = await makeConnecting();
    expect(connection.connectionId).toMatch(/^dc_[0-9a-z]{8,13}$/);
    expect(connection).toMatchObject({ type: 'data', peer: 'remote', label: connection.connectionId, reliable: false });
  });

  it('has its data channel at once, and opens together with it', async () => {
    const { connection, connectionEvents, host } = await makeConnecting();
    expect([connection.open, connection.dataChannel?.readyState]).toEqual([false, 'connecting']);
    await host.say({ type: 'connection.open', connectionKey: 1, dataChannel });
    expect([connection.open, connection.dataChannel?.readyState]).toEqual([true, 'open']);
    expect(connectionEvents).toEqual([['open']]);
  });

  it('emits an error instead of throwing when the page sends before it is open', async () => {
    const { connection, connectionEvents, host } = await makeConnecting();
    const sending = connection.send('early');
    expect(connectionEvents).toEqual([['error', 'not-open-yet']]);
    await expect(sending).rejects.toMatchObject({ type: 'not-open-yet' });
    expect(host.ofType('connection.send')).toEqual([]);
  });

  it('causes no unhandled rejection in a page that ignores send’s promise', async () => {
    const rejected = vi.fn();
    process.on('unhandledRejection', rejected);
    const { connection } = await makeConnecting();
    void connection.send('early');
    await settled();
    process.off('unhandledRejection', rejected);
    expect(rejected).not.toHaveBeenCalled();
  });

  it('throws synchronously for a value that cannot be packed', async () => {
    const { connection } = await makeOpenConnection();
    expect(() => connection.send(new Map())).toThrow('not yet supported');
    expect(() => connection.send(1n)).toThrow('not yet supported');
  });

  it('counts messages queued for credit', async () => {
    const { connection, host } = await makeOpenConnection();
    await connection.send(new ArrayBuffer(INITIAL_WINDOW - 100));
    void connection.send(new ArrayBuffer(1000));
    await settled();
    expect(connection.bufferSize).toBe(1);
    await host.say({ type: 'connection.credit', connectionKey: 1, bytes: INITIAL_WINDOW - 95, window: INITIAL_WINDOW });
    expect(connection.bufferSize).toBe(0);
  });

  it('fires bufferedamountlow when the network has taken the sent data', async () => {
    const { connection, host } = await makeOpenConnection({ serialization: 'raw' });
    const low = vi.fn();
    connection.dataChannel!.addEventListener('bufferedamountlow', low);
    await connection.send('12345');
    expect(connection.dataChannel!.bufferedAmount).toBe(5);
    await host.say({ type: 'connection.credit', connectionKey: 1, bytes: 5, window: INITIAL_WINDOW });
    expect(low).toHaveBeenCalledOnce();
  });

  it('delivers data only while it is open', async () => {
    const { connection, connectionEvents, host } = await makeConnecting();
    await host.say({ type: 'data', connectionKeys: [1], data: ['early'] });
    await host.say({ type: 'connection.open', connectionKey: 1, dataChannel });
    connection.on('data', () => connection.close());
    await host.say({ type: 'data', connectionKeys: [1], data: ['one', 'two'] });
    expect(connectionEvents).toEqual([['open'], ['data', 'one'], ['close']]);
  });

  it('closes once, and tells the host', async () => {
    const { connection, connectionEvents, host, peer } = await makeOpenConnection();
    connection.close();
    connection.close();
    await host.say({ type: 'connection.closed', connectionKey: 1 });
    expect(connectionEvents).toEqual([['open'], ['close']]);
    expect(host.ofType('connection.close')).toHaveLength(1);
    expect([connection.open, connection.peerConnection, connection.dataChannel]).toEqual([false, null, null]);
    expect(peer.connections.remote).toEqual([]);
  });

  it('emits no close if it never was open', async () => {
    const { connection, connectionEvents } = await makeConnecting();
    connection.close();
    expect(connectionEvents).toEqual([]);
  });

  it('rejects unsent messages when it closes', async () => {
    const { connection } = await makeOpenConnection();
    await connection.send(new ArrayBuffer(INITIAL_WINDOW - 100));
    const waiting = connection.send(new ArrayBuffer(1000));
    connection.close();
    await expect(waiting).rejects.toMatchObject({ type: 'connection-closed' });
  });

  it('asks the remote peer to close on close with flush, and stays open itself', async () => {
    const { connection, host } = await makeOpenConnection();
    connection.close({ flush: true });
    await settled();
    expect(connection.open).toBe(true);
    expect(host.ofType('connection.send')).toHaveLength(1);
    expect(host.ofType('connection.close')).toEqual([]);
  });

  it('ends when the host is gone', async () => {
    const { connection, connectionEvents, host } = await makeOpenConnection();
    await host.tell({ type: 'lost', message: 'gone' });
    expect(connectionEvents).toEqual([['open'], ['close']]);
    expect(connection.open).toBe(false);
  });

  it('fails like PeerJS when ICE fails', async () => {
    const { connectionEvents, host } = await makeOpenConnection();
    const failed = { ...state, iceConnectionState: 'failed' } as const;
    await host.say({ type: 'connection.state', connectionKey: 1, state: failed, iceStateChanged: true });
    expect(connectionEvents).toEqual([
      ['open'],
      ['error', 'negotiation-failed'],
      ['close'],
      ['iceStateChanged', 'closed'],
    ]);
  });

  it('passes its description to the page’s sdpTransform', async () => {
    const { host } = await makeConnecting({ sdpTransform: (sdp: string) => `${sdp}!` });
    expect(host.ofType('connection.create')).toMatchObject([{ transformsSdp: true }]);
    await host.say({ type: 'connection.sdp', connectionKey: 1, sdp: 'v=0' });
    expect(host.received.at(-1)).toEqual({ type: 'connection.sdpTransformed', connectionKey: 1, sdp: 'v=0!' });
  });

  it('ends if sdpTransform throws, and emits errors on the connection and on the Peer', async () => {
    const fail = (): string => {
      throw new Error('mine');
    };
    const { host, events, connectionEvents } = await makeConnecting({ sdpTransform: fail });
    await host.say({ type: 'connection.sdp', connectionKey: 1, sdp: 'v=0' });
    expect(events.at(-1)).toEqual(['error', 'webrtc']);
    expect(connectionEvents).toEqual([['error', 'negotiation-failed']]);
    expect(host.received.at(-1)).toEqual({ type: 'connection.close', connectionKey: 1 });
  });

  it('settles every request for statistics, also when it closes', async () => {
    const { connection, host } = await makeOpenConnection();
    const [first, second] = [connection.peerConnection!.getStats(), connection.peerConnection!.getStats()];
    await host.say({ type: 'connection.stats', connectionKey: 1, requestId: 1, stats: [['T', { id: 'T' }]] });
    connection.close();
    expect([...(await first)]).toEqual([['T', { id: 'T' }]]);
    expect([...(await second)]).toEqual([]);
  });
});

describe('JsonConnection', () => {
  it('sends JSON, using the page’s own stringify if it has one', async () => {
    const { connection, host } = await makeOpenConnection({ serialization: 'json' });
    void connection.send({ a: 'ä' });
    (connection as unknown as { stringify: () => string }).stringify = () => 'own';
    await connection.send(1);
    await settled();
    const [message] = host.ofType('connection.send') as unknown as { announced: number[]; chunks: ArrayBuffer[] }[];
    expect(message!.announced).toEqual([10, 3]);
    expect(new TextDecoder().decode(message!.chunks[0])).toBe('{"a":"ä"}own');
  });

  it.each([
    [16_297, true],
    [16_298, false],
  ])('sends a text of %d characters: %s', async (length, isSent) => {
    const { connection, connectionEvents } = await makeOpenConnection({ serialization: 'json' });
    const sending = connection.send('x'.repeat(length)).then(
      () => true,
      () => false,
    );
    expect(await sending).toBe(isSent);
    expect(connectionEvents.slice(1)).toEqual(isSent ? [] : [['error', 'message-too-big']]);
  });

  it('throws synchronously for cyclic values and bigints', async () => {
    const { connection } = await makeOpenConnection({ serialization: 'json' });
    expect(() => connection.send(1n)).toThrow(TypeError);
  });

  it('parses incoming messages, and closes on the remote peer’s close request', async () => {
    const { connectionEvents, host } = await makeOpenConnection({ serialization: 'json' });
    await host.say(texts('{"a":"ä"}', 'null', JSON.stringify(closeRequest), '"after"'));
    expect(connectionEvents).toEqual([['open'], ['data', { a: 'ä' }], ['data', null], ['close']]);
  });

  it('replaces invalid UTF-8', async () => {
    const { connectionEvents, host } = await makeOpenConnection({ serialization: 'json' });
    const bytes = Uint8Array.of(0x22, 0xff, 0x22).buffer;
    await host.say({ type: 'texts', connectionKeys: [1], byteLengths: [3], bytes });
    expect(connectionEvents.at(-1)).toEqual(['data', '\ufffd']);
  });

  it('sends text of any length as UTF-8, whether its size is counted or estimated', async () => {
    const { connection, host } = await makeOpenConnection({ serialization: 'json' });
    const messages = ['a', 'ä€😀', 'x'.repeat(1_363), 'ä'.repeat(1_364), '€'.repeat(5_000)];
    for (const message of messages) void connection.send(message);
    await settled();
    const sent = host.ofType('connection.send');
    const bytes = Buffer.concat(
      sent.flatMap(({ chunks }) => (chunks as ArrayBuffer[]).map((chunk) => new Uint8Array(chunk))),
    );
    expect(sent.flatMap(({ announced }) => announced)).toEqual(messages.map((text) => Buffer.byteLength(text) + 2));
    expect(bytes.toString()).toBe(messages.map((text) => JSON.stringify(text)).join(''));
  });
});

function texts(...items: string[]) {
  const encoded = items.map((text) => Buffer.from(text));
  const bytes = new Uint8Array(Buffer.concat(encoded)).buffer;
  return { type: 'texts' as const, connectionKeys: [1], byteLengths: encoded.map(({ length }) => length), bytes };
}

describe('RawConnection', () => {
  it('sends frames as RTCDataChannel makes them', async () => {
    const { connection, host } = await makeOpenConnection({ serialization: 'raw' });
    void connection.send('text');
    void connection.send(Uint8Array.of(0, 1, 2).subarray(1));
    await connection.send({});
    await settled();
    const messages = host.ofType('connection.sendFrames');
    expect(messages.map(({ frames }) => frames)).toEqual([['text'], [Uint8Array.of(1, 2).buffer], ['[object Object]']]);
  });

  it('refuses a frame that is too big for the connection, reports its size, and stays open', async () => {
    const { connection, connectionEvents } = await makeOpenConnection({ serialization: 'raw' });
    await connection.send('ä'.repeat(131_072));
    await expect(connection.send(`ä`.repeat(131_072) + 'x')).rejects.toMatchObject({ type: 'message-too-big' });
    expect(connectionEvents).toEqual([['open'], ['error', 'message-too-big']]);
    expect(connection.open).toBe(true);
  });

  it('delivers incoming frames to the data channel and to the page', async () => {
    const { connection, connectionEvents, host } = await makeOpenConnection({ serialization: 'raw' });
    const heard: unknown[] = [];
    connection.dataChannel!.addEventListener('message', (event) => heard.push((event as MessageEvent).data));
    await host.say({ type: 'data', connectionKeys: [1], data: ['frame'] });
    expect(heard).toEqual(['frame']);
    expect(connectionEvents.at(-1)).toEqual(['data', 'frame']);
  });

  it('does not close on a frame that looks like a close request', async () => {
    const { connection, host } = await makeOpenConnection({ serialization: 'raw' });
    await host.say({ type: 'data', connectionKeys: [1], data: [JSON.stringify(closeRequest)] });
    expect(connection.open).toBe(true);
  });
});
