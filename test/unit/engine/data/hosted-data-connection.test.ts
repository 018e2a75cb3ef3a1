import { describe, expect, it } from 'vitest';
import { makeConnection, makeOpen, makeParked } from '../../../support/fakes/data-connection';
import { settled } from '../../../support/fakes/settled';

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

  it('removes every listener from its RTCPeerConnection', async () => {
    const { connection, channel, peerConnection } = await makeOpen();
    connection.close();
    const { onopen, onmessage, onclose, onbufferedamountlow } = channel;
    const { onicecandidate, ondatachannel, oniceconnectionstatechange } = peerConnection;
    expect([onopen, onmessage, onclose, onbufferedamountlow]).toEqual([null, null, null, null]);
    expect([onicecandidate, ondatachannel, oniceconnectionstatechange]).toEqual([null, null, null]);
  });

  it('ends a negotiation that waits for the page to transform its description', async () => {
    const { connection, signals, types } = makeConnection({}, { transformsSdp: true });
    const offered = connection.offer(undefined);
    await settled();
    connection.close();
    await offered;
    expect(signals).toEqual([]);
    expect(types()).toEqual(['connection.sdp', 'connection.closed']);
  });

  it('sends nothing after it has closed', async () => {
    const { connection, channel, since } = await makeOpen();
    connection.close();
    connection.channel.send([1], [new ArrayBuffer(1)]);
    connection.channel.sendFrames(['x']);
    connection.channel.abortMessage();
    expect(channel.sent).toEqual([]);
    expect(since()).toHaveLength(1);
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
