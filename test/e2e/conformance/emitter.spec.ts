// The emitter that Peer and connections share: eventemitter3 as PeerJS bundles it.
import { eachImplementation, eachPairing } from '../../support/conformance';
import { expect, connectPair } from '../../support/fixtures';

eachImplementation('a Peer has eventemitter3’s methods, chaining, context and order', {
  run: ({ page }) =>
    page.evaluate(() => {
      type Any = Record<string, (...args: unknown[]) => unknown>;
      const peer = new Peer('-') as unknown as Any & { eventNames(): string[] };
      const log: unknown[] = [];
      const context = { name: 'context' };
      const first = function (this: unknown, ...args: unknown[]) {
        log.push(['first', this === context, ...args]);
      };
      const second = (...args: unknown[]) => log.push(['second', ...args]);
      const chained = peer.on!('open', first, context) === peer;
      peer.addListener!('open', second);
      peer.once!('open', () => log.push(['once']));
      const counts = [peer.listenerCount!('open'), (peer.listeners!('open') as unknown[]).length];
      const emitted = [peer.emit!('open', 1, 2), peer.emit!('open', 3), peer.emit!('nobody')];
      peer.off!('open', second);
      peer.emit!('open', 4);
      peer.removeListener!('open', first);
      const names = peer.eventNames();
      peer.on!('call', second);
      peer.on!('error', second);
      const some = peer.eventNames();
      peer.removeAllListeners!('call');
      const fewer = peer.eventNames();
      peer.removeAllListeners!();
      const none = peer.eventNames();
      return { chained, counts, emitted, log, names, some, fewer, none };
    }),
  expected: {
    chained: true,
    counts: [3, 3],
    emitted: [true, true, false],
    log: [['first', true, 1, 2], ['second', 1, 2], ['once'], ['first', true, 3], ['second', 3], ['first', true, 4]],
    names: [],
    some: ['call', 'error'],
    fewer: ['error'],
    none: [],
  },
});

eachImplementation('adding a listener that is no function throws TypeError', {
  run: ({ page }) =>
    page.evaluate(() => {
      const peer = new Peer('-');
      return [kit.attempt(() => peer.on('open', 'text' as never)), kit.attempt(() => peer.once('open', null as never))];
    }),
  expected: ['throws TypeError', 'throws TypeError'],
});

eachImplementation('an error event without a listener throws nothing', {
  async run({ page }) {
    const thrown: string[] = [];
    page.on('pageerror', (error) => thrown.push(error.message));
    await page.evaluate(async () => {
      const peer = new Peer('-');
      await new Promise<void>((resolve) => peer.on('close', resolve));
      // The control: the test notices an error thrown in the page.
      setTimeout(() => {
        throw new Error('control');
      });
      await new Promise((resolve) => setTimeout(resolve));
    });
    await expect.poll(() => thrown).toContain('control');
    return thrown;
  },
  expected: ['control'],
});

eachPairing('a listener that throws does not keep later messages from arriving', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { reliable: true });
    const thrown: string[] = [];
    pair.answerer.page.on('pageerror', (error) => thrown.push(error.message));
    await accepted.evaluate((connection) => {
      connection.on('data', (data) => {
        throw new Error(`cannot bear ${String(data)}`);
      });
    });
    await dialled.evaluate((connection) => {
      for (const word of ['one', 'two', 'three']) void connection.send(word);
    });
    const received = await accepted.evaluate((connection) => kit.received(connection, 3));
    await expect.poll(() => thrown.length).toBe(3);
    return { received, thrown };
  },
  expected: {
    received: ['"one"', '"two"', '"three"'],
    thrown: ['cannot bear one', 'cannot bear two', 'cannot bear three'],
  },
});

eachPairing('a connection’s emitter works like a Peer’s', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { reliable: true });
    await accepted.evaluate((connection) => {
      for (const word of ['a', 'b', 'c']) void connection.send(word);
    });
    return dialled.evaluate(async (connection) => {
      const context = { heard: [] as unknown[] };
      await kit.received(connection, 3);
      connection.on(
        'data',
        function (this: typeof context, data: unknown) {
          this.heard.push(data);
        },
        context as never,
      );
      const emitted = (connection as unknown as { emit(event: string, data: unknown): boolean }).emit(
        'data',
        'by hand',
      );
      return { emitted, heard: context.heard, names: connection.eventNames().includes('data') };
    });
  },
  expected: { emitted: true, heard: ['by hand'], names: true },
});
