// Deliberate improvements over PeerJS, which no test against PeerJS can show.
import { expect, connectPair, test, uniqueId, type Implementation } from '../../support/fixtures';

const tag = '@peerport';
const PARTNERS: Implementation[] = ['peerport', 'peerjs'];

for (const partner of PARTNERS) {
  test(
    `a dial before open waits for the server and then opens (to ${partner})`,
    { tag },
    async ({ reusePage, peerServer }) => {
      const [dialler, answerer] = await Promise.all([reusePage('peerport'), reusePage(partner)]);
      const id = uniqueId();
      const callee = await answerer.open(id);
      const log = await dialler.page.evaluate(
        async ([from, to, options]) => {
          const peer = kit.peer(from, options);
          const order = [`open: ${String(peer.open)}`];
          const connection = kit.dial(peer, to);
          peer.on('open', () => order.push('peer open'));
          connection.on('open', () => order.push('connection open'));
          await kit.opened(connection);
          await connection.send('queued');
          return order;
        },
        [uniqueId(), id, peerServer.peerOptions] as const,
      );
      expect(log).toEqual(['open: false', 'peer open', 'connection open']);
      const accepted = await callee.evaluateHandle((peer) => kit.incoming(peer));
      expect(await accepted.evaluate((connection) => kit.received(connection, 1))).toEqual(['"queued"']);
    },
  );

  test(
    `send returns a promise that settles when the host has the message (to ${partner})`,
    { tag },
    async ({ reusePage }) => {
      const [dialler, answerer] = await Promise.all([reusePage('peerport'), reusePage(partner)]);
      const { dialled, accepted } = await connectPair({ dialler, answerer }, { reliable: true });
      const results = await dialled.evaluate(async (connection) => {
        const sends = ['text', { a: 1 }, new ArrayBuffer(100_000), new Blob(['blob'])].map(
          (payload) => connection.send(payload) as unknown,
        );
        const arePromises = sends.every((sent) => sent instanceof Promise);
        return { arePromises, settled: (await Promise.allSettled(sends)).map(({ status }) => status) };
      });
      expect(results).toEqual({ arePromises: true, settled: Array.from({ length: 4 }, () => 'fulfilled') });
      expect(await accepted.evaluate((connection) => kit.received(connection, 4))).toHaveLength(4);
    },
  );

  test(
    `a sender that awaits send() is slowed to the network’s rate (to ${partner})`,
    { tag },
    async ({ reusePage }) => {
      const [dialler, answerer] = await Promise.all([reusePage('peerport'), reusePage(partner)]);
      const { dialled, accepted } = await connectPair({ dialler, answerer }, { reliable: true });
      const most = await dialled.evaluate(async (connection) => {
        let most = 0;
        for (let count = 0; count < 40; count++) {
          await connection.send(new ArrayBuffer(500_000));
          most = Math.max(most, connection.dataChannel.bufferedAmount);
        }
        return most;
      });
      expect(most).toBeLessThan(10_000_000);
      await accepted.evaluate((connection) => kit.happened(connection, 'data', 40));
    },
  );

  test(
    `an offer lost with its socket is sent again after reconnect (to ${partner})`,
    { tag },
    async ({ reusePage, tcpProxy, peerServer }) => {
      const [dialler, answerer, proxy] = await Promise.all([reusePage('peerport'), reusePage(partner), tcpProxy()]);
      const ids = { dialler: uniqueId(), answerer: uniqueId() };
      const callee = await answerer.open(ids.answerer);
      const caller = await dialler.open(ids.dialler, { port: proxy.port });
      proxy.freeze();
      const dialled = await caller.evaluateHandle(async (peer, to) => {
        const connection = kit.dial(peer, to);
        // Once the description is set, the offer has been sent over the frozen socket and is lost.
        await new Promise<void>((resolve) => {
          const { peerConnection } = connection;
          const look = () => peerConnection.signalingState === 'have-local-offer' && resolve();
          peerConnection.addEventListener('signalingstatechange', look);
          look();
        });
        return { connection };
      }, ids.answerer);
      proxy.cut();
      await caller.evaluate(async (peer) => {
        await kit.happened(peer, 'disconnected');
        peer.reconnect();
        await kit.happened(peer, 'open', 2);
      });
      await dialled.evaluate(({ connection }) => kit.opened(connection).then(() => undefined));
      await callee.evaluate((peer) => kit.incoming(peer).then(() => undefined));
      expect(peerServer.messages.filter(({ type, src }) => type === 'OFFER' && src === ids.dialler)).toHaveLength(1);
    },
  );
}

test(
  'a socket that replaces a dead one is recognised as open without the server’s OPEN',
  { tag },
  async ({ reusePage, tcpProxy, peerServer }) => {
    const [page, proxy] = await Promise.all([reusePage('peerport'), tcpProxy()]);
    const id = uniqueId();
    const peer = await page.open(id, { port: proxy.port });
    const former = peerServer.clients.get(id)?.getSocket();
    proxy.freeze();
    const log = await peer.evaluate(async (peer) => {
      peer.disconnect();
      peer.reconnect();
      await kit.happened(peer, 'open', 2);
      return { log: kit.log(peer).map((text) => text.split(' ')[0]), open: peer.open };
    });
    expect(log).toEqual({ log: ['open', 'disconnected', 'open'], open: true });
    const present = peerServer.clients.get(id)?.getSocket();
    expect(former).toBeTruthy();
    expect(present).toBeTruthy();
    expect(present).not.toBe(former);
  },
);

test('an error that has no message in PeerJS has one in Peerport', { tag }, async ({ reusePage, extraPeerServer }) => {
  const page = await reusePage('peerport');
  const server = await extraPeerServer({ allow_discovery: false });
  const peer = await page.open('lister', { port: server.port });
  const message = await peer.evaluate(async (peer) => {
    peer.listAllPeers();
    await kit.happened(peer, 'error');
    return (kit.watch(peer).occurrences.find(({ event }) => event === 'error')!.argument as Error).message;
  });
  expect(message).toMatch(/permission|allow_discovery|list/i);
});

for (const partner of PARTNERS) {
  test(
    `a connection with serialization none is offered as raw (to ${partner})`,
    { tag },
    async ({ reusePage, peerServer }) => {
      const [dialler, answerer] = await Promise.all([reusePage('peerport'), reusePage(partner)]);
      const { dialled, accepted, ids } = await connectPair(
        { dialler, answerer },
        { serialization: 'none', reliable: true },
      );
      const { payload } = await peerServer.message(({ type, src }) => type === 'OFFER' && src === ids.dialler);
      expect(payload).toMatchObject({ serialization: 'raw' });
      await dialled.evaluate((connection) => void connection.send('as it is'));
      expect(await accepted.evaluate((connection) => kit.received(connection, 1))).toEqual(['"as it is"']);
      expect(await accepted.evaluate(({ serialization }) => serialization)).toBe('raw');
    },
  );
}
