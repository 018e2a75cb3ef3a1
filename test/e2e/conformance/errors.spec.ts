// The errors of a Peer and its connections, their order, and the state after them.
import { eachImplementation, eachPairing } from '../../support/conformance';
import { DIFFERENCES } from '../../support/differences';
import { expect, relabel, uniqueId } from '../../support/fixtures';

/** A dial sends all its candidates within half a second, so the server expires all its messages in one sweep. */
const QUICK_TO_EXPIRE = { expire_timeout: 500, cleanup_out_msgs: 100 };

eachImplementation('an ID that is taken ends the Peer that asked for it', {
  async run(page, { peerServer }) {
    const id = uniqueId();
    const owner = await page.open(id);
    const second = await page.construct(id);
    await second.evaluate((peer) => kit.happened(peer, 'close'));
    const state = await second.evaluate((peer) => ({
      log: kit.log(peer),
      message: (kit.watch(peer).occurrences[0]!.argument as Error).message,
      destroyed: peer.destroyed,
      id: peer.id,
    }));
    return relabel(
      { ...state, owner: await owner.evaluate(({ open }) => open), known: peerServer.clients.has(id) },
      { id },
    );
  },
  expected: {
    log: ['error unavailable-id', 'disconnected "<id>"', 'close'],
    message: 'ID "<id>" is taken',
    destroyed: true,
    id: null,
    owner: true,
    known: true,
  },
});

eachImplementation('a Peer whose ID was taken while it was disconnected is not destroyed when it reconnects', {
  async run(page, { peerServer, openPage }) {
    const id = uniqueId();
    const owner = await page.open(id, { token: 'owner' });
    await owner.evaluate((peer) => peer.disconnect());
    await peerServer.registered(id, false);
    // The thief is in another browser: within one browser, Peerport knows which IDs are its own.
    const thief = await (await openPage('peerjs')).open(id, { token: 'thief' });
    await owner.evaluate(async (peer) => {
      peer.reconnect();
      await kit.happened(peer, 'disconnected', 2);
    });
    const state = await owner.evaluate((peer) => ({ log: kit.log(peer), destroyed: peer.destroyed }));
    return relabel({ ...state, thief: await thief.evaluate(({ open }) => open) }, { id });
  },
  expected: {
    log: ['open "<id>"', 'disconnected "<id>"', 'error unavailable-id', 'disconnected "<id>"'],
    destroyed: false,
    thief: true,
  },
});

eachPairing('dialling an unknown ID is an error of the Peer, which stays usable', {
  async run({ dialler, answerer }, { extraPeerServer }) {
    const server = await extraPeerServer(QUICK_TO_EXPIRE);
    const ids = { dialler: uniqueId(), answerer: uniqueId() };
    const caller = await dialler.open(ids.dialler, { port: server.port });
    await caller.evaluate(async (peer) => {
      kit.dial(peer, 'nobody-at-all');
      await kit.happened(peer, 'error');
    });
    const error = await caller.evaluate((peer) => {
      const { argument } = kit.watch(peer).occurrences.find(({ event }) => event === 'error')!;
      const { type, message, name } = argument as Error & { type: string };
      return { type, message, name, isError: argument instanceof Error };
    });
    // The Peer still works afterwards.
    const callee = await answerer.open(ids.answerer, { port: server.port });
    await Promise.all([
      caller.evaluate((peer, to) => kit.opened(kit.dial(peer, to)).then(() => undefined), ids.answerer),
      callee.evaluate((peer) => kit.incoming(peer).then(() => undefined)),
    ]);
    return relabel({ error, log: await caller.evaluate((peer) => kit.log(peer)) }, ids);
  },
  expected: {
    error: {
      type: 'peer-unavailable',
      message: 'Could not connect to peer nobody-at-all',
      name: 'Error',
      isError: true,
    },
    log: ['open "<dialler>"', 'error peer-unavailable'],
  },
});

eachImplementation('a failed dial is an error of its connection in Peerport alone', {
  async run(page, { extraPeerServer }) {
    const server = await extraPeerServer(QUICK_TO_EXPIRE);
    await page.open('somebody', { port: server.port });
    const peer = await page.open('caller', { port: server.port });
    return peer.evaluate(async (peer) => {
      const connection = kit.dial(peer, 'nobody');
      await kit.happened(peer, 'error');
      // Once a later dial succeeds, no message to the connection is still under way.
      await kit.opened(kit.dial(peer, 'somebody'));
      const errors = kit.watch(connection).occurrences.map(({ argument }) => (argument as Error).message);
      return {
        log: kit.log(connection),
        errors,
        kept: kit.connectionsTo(peer, 'nobody').length,
        open: connection.open,
      };
    });
  },
  expected: { log: [], errors: [], kept: 1, open: false },
  differs: {
    because: DIFFERENCES.failedDialTells,
    expected: {
      log: ['error peer-unavailable'],
      errors: ['Could not connect to peer nobody'],
      kept: 0,
      open: false,
    },
  },
});

eachImplementation('a server that cannot be reached is a network error for a Peer with an ID, which can reconnect', {
  async run(page, { tcpProxy, peerServer }) {
    const proxy = await tcpProxy(peerServer);
    proxy.refuse();
    const id = uniqueId();
    const peer = await page.construct(id, { port: proxy.port });
    await peer.evaluate((peer) => kit.happened(peer, 'disconnected'));
    const away = await peer.evaluate((peer) => ({
      log: kit.log(peer),
      message: (kit.watch(peer).occurrences[0]!.argument as Error).message,
      destroyed: peer.destroyed,
      disconnected: peer.disconnected,
    }));
    proxy.accept();
    const back = await peer.evaluate(async (peer) => {
      peer.reconnect();
      await kit.happened(peer, 'open');
      return peer.id;
    });
    return relabel({ away, back }, { id });
  },
  expected: {
    away: {
      log: ['error network', 'disconnected "<id>"'],
      message: 'Lost connection to server.',
      destroyed: false,
      disconnected: true,
    },
    back: '<id>',
  },
});

eachImplementation('a server that cannot be reached is fatal for a Peer without an ID', {
  async run(page, { tcpProxy, peerServer }) {
    const proxy = await tcpProxy(peerServer);
    proxy.refuse();
    const peer = await page.construct(undefined, { port: proxy.port });
    await peer.evaluate((peer) => kit.happened(peer, 'disconnected'));
    return peer.evaluate((peer) => ({
      log: kit.log(peer).map((text) => text.replace(/".*"/, '<id>')),
      hasMessage: (kit.watch(peer).occurrences[0]!.argument as Error).message !== '',
      destroyed: peer.destroyed,
    }));
  },
  expected: { log: ['error server-error', 'disconnected null', 'close'], hasMessage: false, destroyed: true },
  differs: {
    because: DIFFERENCES.errorsSpeak,
    expected: { log: ['error server-error', 'disconnected null', 'close'], hasMessage: true, destroyed: true },
  },
});

eachImplementation('a lost socket is a network error, and the connections go on', {
  async run(page, { tcpProxy, peerServer }) {
    const proxy = await tcpProxy(peerServer);
    const ids = { far: uniqueId(), near: uniqueId() };
    const [near, far] = await Promise.all([page.open(ids.near, { port: proxy.port }), page.open(ids.far)]);
    const connection = await near.evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to)), ids.far);
    proxy.cut();
    await near.evaluate((peer) => kit.happened(peer, 'disconnected'));
    await far.evaluate(async (peer) => void (await kit.incoming(peer)).send('alive'));
    return relabel(
      {
        log: await near.evaluate((peer) => kit.log(peer)),
        received: await connection.evaluate((connection) => kit.received(connection, 1)),
        destroyed: await near.evaluate(({ destroyed }) => destroyed),
      },
      ids,
    );
  },
  expected: {
    log: ['open "<near>"', 'error network', 'disconnected "<near>"'],
    received: ['"alive"'],
    destroyed: false,
  },
});

eachImplementation('a wrong key is a server-error with the server’s message', {
  async run(page, { extraPeerServer }) {
    const server = await extraPeerServer({ key: 'right' });
    const peer = await page.construct('someone', { port: server.port, key: 'wrong' });
    await peer.evaluate((peer) => kit.happened(peer, 'close'));
    return peer.evaluate((peer) => ({
      log: kit.log(peer),
      message: (kit.watch(peer).occurrences[0]!.argument as Error).message,
    }));
  },
  expected: {
    log: ['error server-error', 'disconnected "someone"', 'close'],
    message: 'Invalid key provided',
  },
});

eachImplementation('a full server is a server-error with the server’s message', {
  async run(page, { extraPeerServer }) {
    const server = await extraPeerServer({ concurrent_limit: 0 });
    const peer = await page.construct('someone', { port: server.port });
    await peer.evaluate((peer) => kit.happened(peer, 'close'));
    return peer.evaluate((peer) => ({
      log: kit.log(peer),
      message: (kit.watch(peer).occurrences[0]!.argument as Error).message,
    }));
  },
  expected: {
    log: ['error server-error', 'disconnected "someone"', 'close'],
    message: 'Server has reached its concurrent user limit',
  },
});

eachImplementation('listAllPeers lists all registered IDs where discovery is allowed', {
  async run(page, { extraPeerServer }) {
    const server = await extraPeerServer({ allow_discovery: true });
    const peer = await page.open('lister', { port: server.port });
    await page.open('other', { port: server.port });
    const peers = await peer.evaluate((peer) => new Promise<string[]>((resolve) => peer.listAllPeers(resolve)));
    return peers.sort();
  },
  expected: ['lister', 'other'],
});

eachImplementation('listAllPeers disconnects an open Peer where discovery is not allowed', {
  async run(page, { extraPeerServer }) {
    const server = await extraPeerServer({ allow_discovery: false });
    const peer = await page.open('lister', { port: server.port });
    const called = await peer.evaluate(async (peer) => {
      let called = false;
      peer.listAllPeers(() => (called = true));
      await kit.happened(peer, 'disconnected');
      return called;
    });
    return peer.evaluate(
      (peer, called) => ({
        called,
        log: kit.log(peer),
        speaks: (kit.watch(peer).occurrences[1]!.argument as Error).message !== '',
        destroyed: peer.destroyed,
      }),
      called,
    );
  },
  expected: {
    called: false,
    log: ['open "lister"', 'error server-error', 'disconnected "lister"'],
    speaks: false,
    destroyed: false,
  },
  differs: {
    because: DIFFERENCES.errorsSpeak,
    expected: {
      called: false,
      log: ['open "lister"', 'error server-error', 'disconnected "lister"'],
      speaks: true,
      destroyed: false,
    },
  },
});

eachImplementation('connect on a disconnected Peer emits disconnected as an error and returns undefined', {
  async run(page) {
    const peer = await page.open();
    return peer.evaluate((peer) => {
      peer.disconnect();
      const result = peer.connect('anyone') as unknown;
      const { argument } = kit.watch(peer).occurrences.at(-1)!;
      return { result: kit.describe(result), type: kit.describe(argument), message: (argument as Error).message };
    });
  },
  expected: {
    result: 'undefined',
    type: 'disconnected',
    message: 'Cannot connect to new Peer after disconnecting from server.',
  },
});

eachImplementation('an unknown serialization and a bad configuration throw from connect', {
  async run(page) {
    const attempt = async (config: unknown, serialization?: string) => {
      const peer = await page.open(uniqueId(), { config });
      return peer.evaluate(
        (peer, options) => kit.attempt(() => kit.describe(typeof peer.connect('anyone', options))),
        serialization === undefined ? {} : { serialization },
      );
    };
    return {
      unknown: await attempt({}, 'yaml'),
      prototypeName: await attempt({}, 'toString'),
      notAUrl: await attempt({ iceServers: [{ urls: 'nonsense:1' }] }),
      noCredential: await attempt({ iceServers: [{ urls: 'turn:127.0.0.1' }] }),
      badPolicy: await attempt({ iceTransportPolicy: 'sometimes' }),
      control: await attempt({ iceServers: [] }, 'json'),
    };
  },
  expected: {
    unknown: 'throws TypeError',
    prototypeName: 'throws TypeError',
    notAUrl: 'throws DOMException',
    noCredential: 'throws DOMException',
    badPolicy: 'throws TypeError',
    control: expect.stringContaining('object'),
  },
});

eachImplementation('connecting with serialization none throws in PeerJS and means raw in Peerport', {
  async run(page) {
    const peer = await page.open();
    return peer.evaluate((peer) => kit.attempt(() => peer.connect('anyone', { serialization: 'none' }).serialization));
  },
  expected: 'throws TypeError',
  differs: { because: DIFFERENCES.noneIsRaw, expected: '"raw"' },
});

eachPairing('sending before open and after close is an error of the connection', {
  async run({ dialler, answerer }) {
    const ids = { dialler: uniqueId(), answerer: uniqueId() };
    const [caller, callee] = await Promise.all([dialler.open(ids.dialler), answerer.open(ids.answerer)]);
    const connection = await caller.evaluateHandle((peer, to) => {
      const connection = kit.dial(peer, to);
      void Promise.resolve(connection.send('too early') as unknown).catch(() => undefined);
      return connection;
    }, ids.answerer);
    const messages = await connection.evaluate(async (connection) => {
      const watch = kit.watch(connection);
      await watch.until(() => watch.count('open') > 0);
      connection.close();
      void Promise.resolve(connection.send('too late') as unknown).catch(() => undefined);
      return watch.occurrences.flatMap(({ event, argument }) => (event === 'error' ? (argument as Error).message : []));
    });
    await callee.evaluate(async (peer) => kit.happened(await kit.incoming(peer), 'close'));
    return {
      messages,
      log: await connection.evaluate((connection) => kit.log(connection)),
      other: await callee.evaluate(async (peer) => kit.log(await kit.incoming(peer))),
    };
  },
  expected: {
    messages: Array.from(
      { length: 2 },
      () => 'Connection is not open. You should listen for the `open` event before sending messages.',
    ),
    log: ['error not-open-yet', 'open', 'close', 'error not-open-yet'],
    other: ['open', 'close'],
  },
});
