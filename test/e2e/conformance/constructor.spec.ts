// `new Peer()`: its overloads, options and defaults, and the members that can be read at once.
import { eachImplementation } from '../../support/conformance';
import { expect, uniqueId } from '../../support/fixtures';

/** A server on this machine, so that no test contacts the default one. */
const OFFLINE = { host: '127.0.0.1', port: 1 };

eachImplementation('the class has PeerJS’s shape', {
  run: ({ page }) =>
    page.evaluate(() => ({
      type: typeof Peer,
      length: Peer.length,
      key: (Peer as unknown as { DEFAULT_KEY: string }).DEFAULT_KEY,
      withoutNew: kit.attempt(() => (Peer as unknown as () => void)()),
      peerjs: Object.keys(peerjs).sort(),
      same: peerjs.Peer === Peer,
      own: Object.getOwnPropertyDescriptor(window, 'Peer') !== undefined,
    })),
  expected: {
    type: 'function',
    length: 2,
    key: 'peerjs',
    withoutNew: 'throws TypeError',
    peerjs: ['Peer', 'util'],
    same: true,
    own: true,
  },
});

eachImplementation('options without an ID are merged over exactly PeerJS’s defaults', {
  run: ({ page }) =>
    page.evaluate((offline) => {
      const peer = kit.peer(undefined, offline);
      const { token, ...options } = peer.options as unknown as { token: string };
      peer.destroy();
      return { options, token: /^[a-z0-9]{6,}$/.test(token) };
    }, OFFLINE),
  expected: {
    options: {
      debug: 0,
      host: '127.0.0.1',
      port: 1,
      path: '/',
      key: 'peerjs',
      config: {
        iceServers: [
          { urls: 'stun:stun.l.google.com:19302' },
          {
            urls: ['turn:eu-0.turn.peerjs.com:3478', 'turn:us-0.turn.peerjs.com:3478'],
            username: 'peerjs',
            credential: 'peerjsp',
          },
        ],
        sdpSemantics: 'unified-plan',
      },
      referrerPolicy: 'strict-origin-when-cross-origin',
      serializers: {},
      secure: false,
    },
    token: true,
  },
});

eachImplementation('a Peer without options uses PeerJS’s cloud server with encryption', {
  async run({ page }) {
    // With an invalid ID, neither implementation uses the network.
    return page.evaluate(() => {
      const { host, port, path, key, secure } = kit.peer('-').options as unknown as Record<string, unknown>;
      return { host, port, path, key, secure };
    });
  },
  expected: { host: '0.peerjs.com', port: 443, path: '/', key: 'peerjs', secure: true },
});

eachImplementation('host, path, port and secure are normalised', {
  run: ({ page }) =>
    page.evaluate(() => {
      const made = (options: object) => {
        const { host, path, port, secure } = new Peer('-', options).options as unknown as Record<string, unknown>;
        return { host, path, port, secure };
      };
      return [
        made({ host: '/', port: 9 }),
        made({ host: 'example.test' }),
        made({ host: 'example.test', path: 'a' }),
        made({ host: 'example.test', path: '/a/' }),
        made({ host: 'example.test', path: '' }),
        made({ host: 'example.test', secure: true }),
        made({ host: '0.peerjs.com', secure: false }),
        made({ host: undefined, port: undefined }),
      ];
    }),
  expected: [
    { host: '127.0.0.1', path: '/', port: 9, secure: false },
    { host: 'example.test', path: '/', port: 443, secure: false },
    { host: 'example.test', path: '/a/', port: 443, secure: false },
    { host: 'example.test', path: '/a/', port: 443, secure: false },
    { host: 'example.test', path: '', port: 443, secure: false },
    { host: 'example.test', path: '/', port: 443, secure: true },
    { host: '0.peerjs.com', path: '/', port: 443, secure: true },
    { path: '/', secure: false },
  ],
});

eachImplementation('host "/" reaches a server on the page’s own host', {
  async run(page) {
    const peer = await page.open(uniqueId(), { host: '/' });
    return peer.evaluate(({ open }) => open);
  },
  expected: true,
});

eachImplementation('an ID may be any value that converts to a string', {
  run: ({ page }) =>
    page.evaluate((offline) => {
      const made = (id: unknown) => {
        const peer = kit.peer(id as string, offline);
        const result = peer.id as unknown;
        peer.destroy();
        return result;
      };
      class Options {
        host = 'never-used';
        toString() {
          return 'from-toString';
        }
      }
      return {
        string: made('plain'),
        number: made(42),
        array: made(['joined']),
        instance: made(new Options()),
        empty: made(''),
        zero: made(0),
        null: made(null),
        undefined: made(undefined),
        nullPrototype: kit.attempt(() => new Peer(Object.create(null) as string)),
      };
    }, OFFLINE),
  expected: {
    string: 'plain',
    number: '42',
    array: 'joined',
    instance: 'from-toString',
    empty: null,
    zero: null,
    null: null,
    undefined: null,
    nullPrototype: 'throws TypeError',
  },
});

eachImplementation('all members of a new Peer can be read at once, and none can be assigned', {
  run: ({ page }) =>
    page.evaluate((offline) => {
      const peer = kit.peer('reader', offline);
      const names = ['id', 'open', 'destroyed', 'disconnected', 'options', 'connections'] as const;
      const assigned = names.map((name) => {
        const before = kit.describe(peer[name]);
        const target = peer as unknown as Record<string, unknown>;
        const sloppy = kit.attempt(() => void (target[name] = 'assigned'));
        const strict = kit.attempt(() => {
          'use strict';
          target[name] = 'assigned';
        });
        return [name, sloppy, strict, before === kit.describe(peer[name])];
      });
      const state = { id: peer.id, open: peer.open, destroyed: peer.destroyed, disconnected: peer.disconnected };
      peer.destroy();
      return { state, assigned };
    }, OFFLINE),
  expected: {
    state: { id: 'reader', open: false, destroyed: false, disconnected: false },
    assigned: ['id', 'open', 'destroyed', 'disconnected', 'options', 'connections'].map((name) => [
      name,
      'undefined',
      'throws TypeError',
      true,
    ]),
  },
});

eachImplementation('the class can be extended', {
  async run(page, { peerServer }) {
    return page.page.evaluate(async (options) => {
      class Mine extends Peer {
        greeting = 'hello';
      }
      const peer = new (Mine as new (options: unknown) => Mine)(options);
      kit.watch(peer);
      await kit.opened(peer);
      return { isPeer: peer instanceof Peer, greeting: peer.greeting, open: peer.open };
    }, peerServer.peerOptions);
  },
  expected: { isPeer: true, greeting: 'hello', open: true },
});

eachImplementation('an ID from the server is null until open, and then a UUID', {
  async run(page, { peerServer }) {
    return page.page.evaluate(async (options) => {
      const peer = kit.peer(undefined, options);
      const before = peer.id as string | null;
      await kit.opened(peer);
      return { before, after: peer.id, opened: kit.log(peer), same: kit.log(peer)[0] === `open "${peer.id}"` };
    }, peerServer.peerOptions);
  },
  expected: {
    before: null,
    after: uuidLike(),
    opened: [uuidLike('open "', '"')],
    same: true,
  },
});

function uuidLike(before = '', after = ''): unknown {
  return expect.stringMatching(new RegExp(`^${before}[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f-]{17}${after}$`));
}

eachImplementation('invalid IDs end the Peer in the next task: error, disconnected, close', {
  run: ({ page }) =>
    page.evaluate(async (offline) => {
      const results: unknown[] = [];
      for (const id of ['a--b', '-a', 'a-', 'a.b', 'ü', 'a  b', ' ', 'a/b']) {
        const peer = kit.peer(id, offline);
        const before = { id: peer.id as unknown, destroyed: peer.destroyed, log: kit.log(peer) };
        await kit.happened(peer, 'close');
        const [error] = kit.watch(peer).occurrences;
        results.push([
          id,
          kit.log(peer),
          (error!.argument as Error).message === `ID "${id}" is invalid`,
          before.id === null && !before.destroyed && before.log.length === 0 && peer.destroyed && peer.disconnected,
        ]);
      }
      return results;
    }, OFFLINE),
  expected: ['a--b', '-a', 'a-', 'a.b', 'ü', 'a  b', ' ', 'a/b'].map((id) => [
    id,
    ['error invalid-id', 'disconnected null', 'close'],
    true,
    true,
  ]),
});

eachImplementation('valid IDs with single separators open', {
  async run(page) {
    const ids = ['a b_c-d', 'X', '0'].map((id) => `${id} ${uniqueId()}`);
    const peers = await Promise.all(ids.map((id) => page.open(id)));
    const opened = await Promise.all(peers.map((peer) => peer.evaluate(({ id }) => id)));
    return opened.map((id, index) => id === ids[index]);
  },
  expected: [true, true, true],
});

eachImplementation('several Peers work side by side in one page', {
  async run(page) {
    const [one, two] = [uniqueId('one'), uniqueId('two')];
    const peers = await Promise.all([page.open(one), page.open(two), page.open()]);
    const connection = await peers[0].evaluateHandle((peer, to) => kit.opened(kit.dial(peer, to)), two);
    await peers[1].evaluate(async (peer) => void (await kit.incoming(peer)).send('within the page'));
    await peers[2].evaluate((peer) => peer.destroy());
    return {
      received: await connection.evaluate((connection) => kit.received(connection, 1)),
      open: await Promise.all(peers.map((peer) => peer.evaluate(({ open }) => open))),
    };
  },
  expected: { received: ['"within the page"'], open: [true, true, false] },
});

eachImplementation('debug output goes to the console with PeerJS’s prefix', {
  async run({ page }) {
    const printed: string[] = [];
    page.on('console', (message) => printed.push(`${message.type()}: ${message.text()}`));
    await page.evaluate(async () => {
      await kit.happened(kit.peer('silent-'), 'close');
      await kit.happened(kit.peer('loud-', { debug: 1 as never }), 'close');
    });
    await expect.poll(() => printed.length).toBeGreaterThan(1);
    return printed;
  },
  expected: ['error: ERROR PeerJS:  Aborting!', 'error: ERROR PeerJS:  Error: ID "loud-" is invalid'],
});

eachImplementation('logFunction replaces the console and gets the level first', {
  async run({ page }) {
    const printed: string[] = [];
    page.on('console', (message) => printed.push(message.text()));
    const logged = await page.evaluate(async () => {
      const logged: unknown[][] = [];
      const logFunction = (...args: unknown[]) => logged.push(args);
      await kit.happened(kit.peer('-', { debug: 1 as never, logFunction }), 'close');
      return logged;
    });
    return { logged, printed };
  },
  expected: {
    logged: [
      [1, 'Aborting!'],
      [1, 'Error:', 'ID "-" is invalid'],
    ],
    printed: [],
  },
});
