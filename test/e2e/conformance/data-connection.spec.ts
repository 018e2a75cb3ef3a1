// A DataConnection's members: its names, its states, its negotiation, and the facades `dataChannel` and `peerConnection`.
import type { JSHandle } from '@playwright/test';
import type { DataConnection } from 'peerjs';
import { eachImplementation, eachPairing } from '../../support/conformance';
import { expect, connectPair, relabel, uniqueId } from '../../support/fixtures';

eachPairing('a connection by default has PeerJS’s members at both ends', {
  async run(pair) {
    const { dialled, accepted, ids } = await connectPair(pair);
    const describe = (connection: DataConnection) => ({
      peer: connection.peer,
      type: connection.type as string,
      open: connection.open,
      reliable: connection.reliable,
      serialization: connection.serialization,
      labelIsId: connection.label === connection.connectionId,
      metadata: kit.describe(connection.metadata),
      bufferSize: (connection as unknown as { bufferSize: number }).bufferSize,
      id: /^dc_[a-z0-9]{8,}$/.test(connection.connectionId),
    });
    return relabel({ dialled: await dialled.evaluate(describe), accepted: await accepted.evaluate(describe) }, ids);
  },
  expected: Object.fromEntries(
    [
      ['dialled', '<answerer>'],
      ['accepted', '<dialler>'],
    ].map(([end, peer]) => [
      end,
      {
        peer,
        type: 'data',
        open: true,
        reliable: false,
        serialization: 'binary',
        labelIsId: true,
        metadata: 'undefined',
        bufferSize: 0,
        id: true,
      },
    ]),
  ),
});

eachPairing('label, metadata, reliable and connectionId reach the other end', {
  async run(pair) {
    const metadata = { text: 'ünï', list: [1, null, { deep: true }] };
    const options = { label: 'chat ✓', metadata, reliable: true, serialization: 'json', connectionId: 'dc_mine' };
    const { dialled, accepted } = await connectPair(pair, options);
    const describe = (connection: DataConnection) => ({
      label: connection.label,
      metadata: connection.metadata as unknown,
      reliable: connection.reliable,
      serialization: connection.serialization,
      connectionId: connection.connectionId,
      ordered: connection.dataChannel.ordered,
      channelLabel: connection.dataChannel.label,
    });
    return [await dialled.evaluate(describe), await accepted.evaluate(describe)];
  },
  expected: Array.from({ length: 2 }, () => ({
    label: 'chat ✓',
    metadata: { text: 'ünï', list: [1, null, { deep: true }] },
    reliable: true,
    serialization: 'json',
    connectionId: 'dc_mine',
    ordered: true,
    channelLabel: 'chat ✓',
  })),
});

for (const [asked, reported] of Object.entries({
  default: 'binary',
  binary: 'binary',
  'binary-utf8': 'binary',
  json: 'json',
  raw: 'raw',
})) {
  eachPairing(`serialization ${asked} is reported as ${reported} at both ends`, {
    async run(pair) {
      const { dialled, accepted } = await connectPair(pair, { serialization: asked });
      return [
        await dialled.evaluate(({ serialization }) => serialization),
        await accepted.evaluate(({ serialization }) => serialization),
      ];
    },
    expected: [reported, reported],
  });
}

eachPairing('sdpTransform gets the offer, and its result reaches the other end', {
  async run({ dialler, answerer }, { peerServer }) {
    const ids = { dialler: uniqueId(), answerer: uniqueId() };
    const [caller, callee] = await Promise.all([dialler.open(ids.dialler), answerer.open(ids.answerer)]);
    const seen = await caller.evaluate(async (peer, to) => {
      const seen: string[] = [];
      const connection = kit.dial(peer, to, {
        sdpTransform: (sdp: string) => {
          seen.push(sdp.slice(0, 5));
          return sdp.replace('s=-', 's=transformed');
        },
      } as never);
      await kit.opened(connection);
      return seen;
    }, ids.answerer);
    await callee.evaluateHandle((peer) => kit.incoming(peer));
    const { payload } = await peerServer.message(({ type, src }) => type === 'OFFER' && src === ids.dialler);
    return { seen, sent: (payload!.sdp as { sdp: string }).sdp.includes('s=transformed') };
  },
  expected: { seen: ['v=0\r\n'], sent: true },
});

eachPairing('constraints reach createOffer', {
  async run({ dialler, answerer }, { peerServer }) {
    const ids = { dialler: uniqueId(), answerer: uniqueId() };
    const [caller, callee] = await Promise.all([dialler.open(ids.dialler), answerer.open(ids.answerer)]);
    await caller.evaluate(
      (peer, to) =>
        kit.opened(kit.dial(peer, to, { constraints: { offerToReceiveAudio: true } } as never)).then(() => undefined),
      ids.answerer,
    );
    await callee.evaluateHandle((peer) => kit.incoming(peer));
    const { payload } = await peerServer.message(({ type, src }) => type === 'OFFER' && src === ids.dialler);
    return (payload!.sdp as { sdp: string }).sdp.match(/^m=\w+/gm);
  },
  expected: expect.arrayContaining(['m=audio', 'm=application']),
});

eachPairing('dataChannel reports its state and delivers its own events', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { serialization: 'raw', reliable: true });
    // The promise is inside an object, so that this waits only until the listeners are set.
    const states = await accepted.evaluateHandle((connection) => {
      const channel = connection.dataChannel;
      const log: unknown[] = [
        [channel.readyState, channel.bufferedAmount, channel.binaryType, channel.protocol, channel.negotiated],
        [typeof channel.id, channel.maxRetransmits, channel.maxPacketLifeTime],
      ];
      channel.addEventListener('message', (event) => log.push(['message', kit.describe(event.data)]));
      const closed = new Promise<unknown>((resolve) => {
        channel.addEventListener('close', () => {
          log.push(['close', channel.readyState]);
          resolve(log);
        });
      });
      return { closed };
    });
    await dialled.evaluate(async (connection) => {
      await connection.send('to the channel');
      connection.close({ flush: false });
    });
    return states.evaluate(({ closed }) => closed);
  },
  expected: [
    ['open', 0, 'arraybuffer', '', false],
    ['number', null, null],
    ['message', '"to the channel"'],
    ['close', 'closed'],
  ],
});

eachPairing('dataChannel is connecting before it is open, and emits open', {
  async run({ dialler, answerer }) {
    const id = uniqueId();
    const [caller] = await Promise.all([dialler.open(), answerer.open(id)]);
    return caller.evaluate(async (peer, to) => {
      const connection = kit.dial(peer, to);
      const channel = connection.dataChannel;
      const before = [channel.readyState, channel.ordered, channel.label === connection.label];
      await new Promise((resolve) => channel.addEventListener('open', resolve));
      return { before, after: channel.readyState };
    }, id);
  },
  expected: { before: ['connecting', false, true], after: 'open' },
});

eachPairing('bufferedAmount and bufferSize rise with a burst and fall to zero', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { reliable: true });
    const rose = await dialled.evaluate((connection) => {
      // PeerJS gives the channel 8 MiB before it queues anything itself.
      const piece = new ArrayBuffer(1_048_576);
      for (let count = 0; count < 9; count++) void connection.send(piece);
      const { bufferSize } = connection as unknown as { bufferSize: number };
      return { bufferSize: bufferSize > 0, bufferedAmount: connection.dataChannel.bufferedAmount > 0 };
    });
    await accepted.evaluate((connection) => kit.happened(connection, 'data', 9));
    await expectDrained(dialled);
    return rose;
  },
  expected: { bufferSize: true, bufferedAmount: true },
});

/** Polls, because PeerJS emits no event for its last byte: `bufferedamountlow` may have come earlier. */
async function expectDrained(connection: JSHandle<DataConnection>): Promise<void> {
  const left = () =>
    connection.evaluate((connection) => [
      connection.dataChannel.bufferedAmount,
      (connection as unknown as { bufferSize: number }).bufferSize,
    ]);
  await expect.poll(left).toEqual([0, 0]);
}

eachPairing('bufferedamountlow is emitted when the queue falls to the threshold', {
  async run(pair) {
    const { dialled } = await connectPair(pair, { reliable: true });
    return dialled.evaluate(async (connection) => {
      const channel = connection.dataChannel;
      channel.bufferedAmountLowThreshold = 100_000;
      const low = new Promise<number>((resolve) => {
        channel.addEventListener('bufferedamountlow', () => resolve(channel.bufferedAmount));
      });
      void connection.send(new ArrayBuffer(2_000_000));
      return { threshold: channel.bufferedAmountLowThreshold, isLow: (await low) <= 100_000 };
    });
  },
  expected: { threshold: 100_000, isLow: true },
});

eachPairing('peerConnection reports its states and gives statistics', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { reliable: true });
    await dialled.evaluate((connection) => void connection.send(new ArrayBuffer(10_000)));
    await accepted.evaluate((connection) => kit.received(connection, 1));
    const describe = async (connection: DataConnection) => {
      const { peerConnection } = connection;
      const report = await peerConnection.getStats();
      const types = new Set<string>();
      let bytes = 0;
      let messages = 0;
      report.forEach(
        (entry: {
          type: string;
          bytesSent?: number;
          bytesReceived?: number;
          messagesSent?: number;
          messagesReceived?: number;
        }) => {
          types.add(entry.type);
          if (entry.type !== 'data-channel') return;
          bytes = Math.max(entry.bytesSent!, entry.bytesReceived!);
          messages = entry.messagesSent! + entry.messagesReceived!;
        },
      );
      return {
        connectionState: peerConnection.connectionState,
        ice: ['connected', 'completed'].includes(peerConnection.iceConnectionState),
        signalingState: peerConnection.signalingState,
        senders: peerConnection.getSenders().length,
        hasPair: types.has('candidate-pair') && types.has('transport'),
        enough: bytes >= 10_000,
        messages,
      };
    };
    return [await dialled.evaluate(describe), await accepted.evaluate(describe)];
  },
  expected: Array.from({ length: 2 }, () => ({
    connectionState: 'connected',
    ice: true,
    signalingState: 'stable',
    senders: 0,
    hasPair: true,
    enough: true,
    messages: 1,
  })),
});

eachPairing('peerConnection emits connectionstatechange, and the connection emits iceStateChanged', {
  async run({ dialler, answerer }) {
    const id = uniqueId();
    const [caller] = await Promise.all([dialler.open(), answerer.open(id)]);
    return caller.evaluate(async (peer, to) => {
      const connection = kit.dial(peer, to);
      const { peerConnection } = connection;
      const states: string[] = [peerConnection.connectionState];
      const ice: string[] = [];
      connection.on('iceStateChanged', (state) => ice.push(state));
      await new Promise<void>((resolve) => {
        peerConnection.addEventListener('connectionstatechange', () => {
          states.push(peerConnection.connectionState);
          if (peerConnection.connectionState === 'connected') resolve();
        });
      });
      await kit.opened(connection);
      return { states, ice: ice.filter((state) => state !== 'completed') };
    }, id);
  },
  expected: { states: ['new', 'connecting', 'connected'], ice: ['checking', 'connected'] },
});

eachImplementation('a second offer with a known connectionId replaces the first connection', {
  async run(page) {
    const ids = { callee: uniqueId(), caller: uniqueId() };
    const [caller, callee] = await Promise.all([page.open(ids.caller), page.open(ids.callee)]);
    const options = { connectionId: 'dc_twice' } as never;
    await caller.evaluate((peer, { to, options }) => kit.opened(kit.dial(peer, to, options)).then(() => undefined), {
      to: ids.callee,
      options,
    });
    const first = await callee.evaluateHandle((peer) => kit.incoming(peer));
    await caller.evaluate((peer, { to, options }) => void kit.dial(peer, to, options), { to: ids.callee, options });
    await first.evaluate((connection) => kit.happened(connection, 'close'));
    const second = await callee.evaluateHandle((peer) => kit.incoming(peer, 1));
    return { first: await first.evaluate(({ open }) => open), second: await second.evaluate(({ open }) => open) };
  },
  expected: { first: false, second: true },
});
