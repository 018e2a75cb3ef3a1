// From `open` to `close`: the events of a Peer and its connections, their order, and the members at each stage.
import { eachImplementation, eachPairing } from '../../support/conformance';
import { DIFFERENCES } from '../../support/differences';
import { connectPair, relabel, uniqueId } from '../../support/fixtures';

eachPairing('a connection opens, carries a message each way and closes, in PeerJS’s order of events', {
  async run(pair) {
    const { dialler, answerer, dialled, accepted, ids } = await connectPair(pair);
    await dialled.evaluate((connection) => void connection.send('ping'));
    await accepted.evaluate(async (connection) => {
      await kit.received(connection, 1);
      void connection.send('pong');
    });
    await dialled.evaluate(async (connection) => {
      await kit.received(connection, 1);
      connection.close();
    });
    await accepted.evaluate((connection) => kit.happened(connection, 'close'));
    const logs = {
      dialler: await dialler.evaluate((peer) => kit.log(peer)),
      answerer: await answerer.evaluate((peer) => kit.log(peer)),
      dialled: await dialled.evaluate((connection) => kit.log(connection)),
      accepted: await accepted.evaluate((connection) => kit.log(connection)),
    };
    return relabel(logs, ids);
  },
  expected: {
    dialler: ['open "<dialler>"'],
    answerer: ['open "<answerer>"', 'connection'],
    dialled: ['open', 'data "pong"', 'close'],
    accepted: ['open', 'data "ping"', 'close'],
  },
});

eachPairing('the connection event comes before its connection opens, and its listener misses nothing', {
  async run({ dialler, answerer }) {
    const ids = { dialler: uniqueId(), answerer: uniqueId() };
    const callee = await answerer.open(ids.answerer);
    const seen = callee.evaluate(
      (peer) =>
        new Promise<unknown[]>((resolve) => {
          peer.on('connection', (connection) => {
            const log: unknown[] = [
              {
                open: connection.open,
                known: peer.getConnection(connection.peer, connection.connectionId) === connection,
              },
            ];
            connection.on('open', () => log.push('open'));
            connection.on('data', (data) => {
              log.push(data);
              if (data === 'last') resolve(log);
            });
          });
        }),
    );
    const caller = await dialler.open(ids.dialler);
    await caller.evaluate(async (peer, to) => {
      const connection = peer.connect(to, { reliable: true });
      await new Promise<void>((resolve) => connection.on('open', resolve));
      for (const word of ['first', 'second', 'last']) void connection.send(word);
    }, ids.answerer);
    return seen;
  },
  expected: [{ open: false, known: true }, 'open', 'first', 'second', 'last'],
});

eachPairing('messages can be read one by one with once(), and none is lost between microtasks', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { reliable: true });
    // A handle instead of the promise, so that the reader listens before the first message is sent.
    const reader = await accepted.evaluateHandle((connection) => {
      const next = () => new Promise<unknown>((resolve) => connection.once('data', resolve));
      const read = async () => {
        const words: unknown[] = [];
        while (words.at(-1) !== 99) words.push(await next());
        return words;
      };
      return { words: read() };
    });
    await dialled.evaluate((connection) => {
      for (let count = 0; count < 100; count++) void connection.send(count);
    });
    return reader.evaluate(({ words }) => words);
  },
  expected: Array.from({ length: 100 }, (_, index) => index),
});

eachPairing('either end may close: each emits close once, and a second close() emits nothing', {
  async run(pair) {
    const results: unknown[] = [];
    for (const closer of ['dialled', 'accepted'] as const) {
      const both = await connectPair(pair);
      await both[closer].evaluate((connection) => {
        connection.close();
        connection.close();
      });
      const other = closer === 'dialled' ? 'accepted' : 'dialled';
      await both[other].evaluate((connection) => kit.happened(connection, 'close'));
      for (const end of [closer, other] as const) {
        results.push(
          await both[end].evaluate((connection) => ({
            log: kit.log(connection),
            open: connection.open,
            provider: connection.provider,
            peerConnection: connection.peerConnection,
            dataChannel: connection.dataChannel,
          })),
        );
      }
    }
    return results;
  },
  expected: Array.from({ length: 4 }, () => ({
    log: ['open', 'close'],
    open: false,
    provider: null,
    peerConnection: null,
    dataChannel: null,
  })),
});

eachPairing('close with flush delivers what was sent before and closes both ends', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { reliable: true });
    const openAfterFlush = await dialled.evaluate((connection) => {
      void connection.send('before');
      connection.close({ flush: true });
      return connection.open;
    });
    await Promise.all([
      dialled.evaluate((connection) => kit.happened(connection, 'close')),
      accepted.evaluate((connection) => kit.happened(connection, 'close')),
    ]);
    return {
      openAfterFlush,
      dialled: await dialled.evaluate((connection) => kit.log(connection)),
      accepted: await accepted.evaluate((connection) => kit.log(connection)),
    };
  },
  expected: { openAfterFlush: true, dialled: ['open', 'close'], accepted: ['open', 'data "before"', 'close'] },
});

eachPairing('disconnect keeps the connections open and their data flowing', {
  async run(pair) {
    const { dialler, dialled, accepted, ids } = await connectPair(pair, { reliable: true });
    const state = await dialler.evaluate((peer) => {
      peer.disconnect();
      const log = kit.log(peer);
      peer.disconnect();
      return {
        log,
        id: peer.id,
        open: peer.open,
        disconnected: peer.disconnected,
        destroyed: peer.destroyed,
      };
    });
    await dialled.evaluate((connection) => void connection.send('still here'));
    await accepted.evaluate(async (connection) => {
      await kit.received(connection, 1);
      void connection.send('me too');
    });
    return relabel({ state, received: await dialled.evaluate((connection) => kit.received(connection, 1)) }, ids);
  },
  expected: {
    state: {
      log: ['open "<dialler>"', 'disconnected "<dialler>"'],
      id: null,
      open: false,
      disconnected: true,
      destroyed: false,
    },
    received: ['"me too"'],
  },
});

eachPairing('after disconnect and reconnect the same ID dials and answers again', {
  async run(pair, { peerServer }) {
    const { dialler, answerer, ids } = await connectPair(pair);
    for (const [peer, id] of [
      [dialler, ids.dialler],
      [answerer, ids.answerer],
    ] as const) {
      await peer.evaluate((peer) => peer.disconnect());
      await peerServer.registered(id, false);
      await peer.evaluate(async (peer) => {
        peer.reconnect();
        await kit.happened(peer, 'open', 2);
      });
    }
    await Promise.all([
      dialler.evaluate((peer, to) => kit.opened(kit.dial(peer, to)).then(() => undefined), ids.answerer),
      answerer.evaluate((peer) => kit.incoming(peer, 1).then(() => undefined)),
    ]);
    return relabel(
      {
        dialler: await dialler.evaluate((peer) => kit.log(peer)),
        answerer: await answerer.evaluate((peer) => kit.log(peer)),
        id: await dialler.evaluate((peer) => peer.id),
      },
      ids,
    );
  },
  expected: {
    dialler: ['open "<dialler>"', 'disconnected "<dialler>"', 'open "<dialler>"'],
    answerer: ['open "<answerer>"', 'connection', 'disconnected "<answerer>"', 'open "<answerer>"', 'connection'],
    id: '<dialler>',
  },
});

eachImplementation('reconnect throws on an open or destroyed Peer, and does nothing on a connecting one', {
  async run(page, { peerServer }) {
    return page.page.evaluate(
      async ([options, id]) => {
        const peer = kit.peer(id, options);
        const connecting = kit.attempt(() => peer.reconnect());
        await kit.opened(peer);
        const open = kit.attempt(() => peer.reconnect());
        peer.disconnect();
        peer.destroy();
        return { connecting, open, destroyed: kit.attempt(() => peer.reconnect()) };
      },
      [peerServer.peerOptions, uniqueId()] as const,
    );
  },
  expected: { connecting: 'undefined', open: 'throws Error', destroyed: 'throws Error' },
});

eachPairing('destroy emits disconnected, closes the connection and emits close, all before it returns', {
  async run(pair) {
    const { dialler, accepted, ids } = await connectPair(pair);
    const order = await dialler.evaluate((peer, to) => {
      const order: string[] = [];
      const [connection] = kit.connectionsTo(peer, to);
      peer.on('disconnected', (id) => order.push(`disconnected ${id}`));
      connection!.on('close', () => order.push('connection close'));
      peer.on('close', () => order.push('close'));
      peer.destroy();
      order.push(`returned ${peer.destroyed} ${peer.disconnected} ${peer.open} ${peer.id}`);
      peer.destroy();
      return order;
    }, ids.answerer);
    await accepted.evaluate((connection) => kit.happened(connection, 'close'));
    return relabel(order, ids);
  },
  expected: ['disconnected <dialler>', 'connection close', 'close', 'returned true true false null'],
});

eachPairing('destroy closes several connections to one peer', {
  async run(pair) {
    const { dialler, answerer, ids } = await connectPair(pair);
    for (const index of [1, 2, 3]) {
      await Promise.all([
        dialler.evaluate((peer, to) => kit.opened(kit.dial(peer, to)).then(() => undefined), ids.answerer),
        answerer.evaluate((peer, index) => kit.incoming(peer, index).then(() => undefined), index),
      ]);
    }
    return dialler.evaluate((peer, to) => {
      const connections = [...kit.connectionsTo(peer, to)];
      peer.destroy();
      return connections.map(({ open }) => open);
    }, ids.answerer);
  },
  expected: [false, true, false, true],
  differs: { end: 'dialler', because: DIFFERENCES.destroyClosesAll, expected: [false, false, false, false] },
});

eachImplementation('destroy before open emits only disconnected and close', {
  async run(page, { peerServer }) {
    return page.page.evaluate(
      ([options, id]) => {
        const peer = kit.peer(id, options);
        peer.destroy();
        return kit.log(peer).map((text) => text.replace(id, '<id>'));
      },
      [peerServer.peerOptions, uniqueId()] as const,
    );
  },
  expected: ['disconnected "<id>"', 'close'],
});

eachPairing('peer.connections is a new null-prototype object at each read, with the live lists by peer', {
  async run(pair) {
    const { dialler, ids } = await connectPair(pair, { label: 'known' });
    const result = await dialler.evaluate((peer, to) => {
      const first = kit.connectionsOf(peer);
      const second = kit.connectionsOf(peer);
      const [connection] = first[to]!;
      const found = peer.getConnection(to, connection!.connectionId) === connection;
      const missing = [peer.getConnection(to, 'dc_none'), peer.getConnection('nobody', connection!.connectionId)];
      const before = { keys: Object.keys(first), labels: first[to]!.map(({ label }) => label) };
      connection!.close();
      return {
        before,
        prototype: Object.getPrototypeOf(first) as unknown,
        isNew: first !== second,
        isLive: first[to] === second[to],
        found,
        missing,
        after: { keys: Object.keys(first), length: first[to]!.length },
      };
    }, ids.answerer);
    return relabel(result, ids);
  },
  expected: {
    before: { keys: ['<answerer>'], labels: ['known'] },
    prototype: null,
    isNew: true,
    isLive: true,
    found: true,
    missing: [null, null],
    after: { keys: ['<answerer>'], length: 0 },
  },
});
