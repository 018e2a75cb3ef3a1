// The limits of each serialization: what is too big, what it cannot express, and what happens to the connection then.
import { DIFFERENCES, FIREFOX_DIFFERENCES, NOT_IN_FIREFOX } from '../../support/differences';
import { eachPairing } from '../../support/conformance';
import { expect, connectPair } from '../../support/fixtures';

eachPairing('raw delivers Blobs and Files as ArrayBuffers', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { serialization: 'raw', reliable: true });
    await dialled.evaluate((connection) => {
      void connection.send(new Blob([]));
      void connection.send(new Blob(['blob']));
      void connection.send(new File(['file'], 'a.txt', { type: 'text/plain' }));
    });
    return accepted.evaluate((connection) => kit.received(connection, 3));
  },
  expected: ['ArrayBuffer(0) ', 'ArrayBuffer(4) 626c6f62', 'ArrayBuffer(4) 66696c65'],
});

for (const [name, size] of [
  ['string', 'a'.repeat(262_145)],
  ['ArrayBuffer', 262_145],
] as const) {
  eachPairing(`a raw ${name} over the channel's limit does not get through`, {
    async run(pair) {
      const { dialled, accepted } = await connectPair(pair, { serialization: 'raw', reliable: true });
      await dialled.evaluate((connection, size) => {
        const sent = connection.send(typeof size === 'string' ? size : new ArrayBuffer(size)) as unknown;
        // The rejection is ignored here: a page that awaits the promise gets the error.
        void Promise.resolve(sent).catch(() => undefined);
        void connection.send('after');
      }, size);
      await accepted.evaluate(async (connection) => {
        const watch = kit.watch(connection);
        await watch.until(() => watch.occurrences.length > 1);
      });
      return {
        dialled: await dialled.evaluate((connection) => kit.log(connection)),
        accepted: await accepted.evaluate((connection) => kit.log(connection)),
      };
    },
    expected: { dialled: ['open', 'close', 'error not-open-yet'], accepted: ['open', 'close'] },
    differs: {
      end: 'dialler',
      because: DIFFERENCES.rawTooBig,
      expected: { dialled: ['open', 'error message-too-big'], accepted: ['open', 'data "after"'] },
    },
    notInFirefox: NOT_IN_FIREFOX.noRawLimit,
  });
}

eachPairing('sending an array of 100 000 items throws in PeerJS and works in Peerport', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { reliable: true });
    const threw = await dialled.evaluate((connection) => {
      const threw = kit.attempt(() => void connection.send(Array.from({ length: 100_000 }, (_, index) => index)));
      void connection.send('after');
      return threw;
    });
    await accepted.evaluate(async (connection) => {
      const watch = kit.watch(connection);
      await watch.until(() => watch.occurrences.at(-1)!.text === 'data "after"');
    });
    return { threw, log: await accepted.evaluate((connection) => kit.log(connection)) };
  },
  expected: { threw: 'throws RangeError', log: ['open', 'data "after"'] },
  inFirefox: {
    because: FIREFOX_DIFFERENCES.stackError,
    expected: { threw: 'throws InternalError', log: ['open', 'data "after"'] },
  },
  differs: {
    end: 'dialler',
    because: DIFFERENCES.longArrays,
    expected: {
      threw: 'undefined',
      log: ['open', expect.stringContaining('data array of 100000'), 'data "after"'],
    },
  },
});

eachPairing('json refuses 16 298 characters with message-too-big and keeps the connection', {
  async run(pair) {
    const { dialled, accepted } = await connectPair(pair, { serialization: 'json', reliable: true });
    await dialled.evaluate((connection) => {
      void Promise.resolve(connection.send('a'.repeat(16_298)) as unknown).catch(() => undefined);
      void connection.send('after');
    });
    return {
      received: await accepted.evaluate((connection) => kit.received(connection, 1)),
      dialled: await dialled.evaluate((connection) => {
        const { occurrences } = kit.watch(connection);
        return occurrences.map(({ event, argument }) => [event, (argument as Error | undefined)?.message]);
      }),
    };
  },
  expected: {
    received: ['"after"'],
    dialled: [
      ['open', undefined],
      ['error', 'Message too big for JSON channel'],
    ],
  },
});

eachPairing('a json connection uses stringify and parse functions that the page assigns', {
  async run(pair) {
    interface Hooks {
      stringify: (value: unknown) => string;
      parse: (text: string) => unknown;
    }
    const { dialled, accepted } = await connectPair(pair, { serialization: 'json', reliable: true });
    await accepted.evaluate((connection) => {
      (connection as unknown as Hooks).parse = (text) => ({ parsed: text });
    });
    await dialled.evaluate((connection) => {
      (connection as unknown as Hooks).stringify = (value) => `<${String(value)}>`;
      void connection.send('mine');
    });
    return accepted.evaluate((connection) => kit.received(connection, 1));
  },
  expected: ['{"parsed": "<mine>"}'],
});
