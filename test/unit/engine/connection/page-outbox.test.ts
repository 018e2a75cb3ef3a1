import { isDeepStrictEqual } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { PageOutbox } from '../../../../src/engine/connection/page-outbox';
import { messagePortEndpoint } from '../../../../src/channel/endpoint';
import { MAX_EVENTS_PER_BATCH, type HostMessage, type TextBatch } from '../../../../src/protocol/host-messages';
import { endpointPair } from '../../../support/fakes/endpoint-pair';
import { FakeOutboxClock } from '../../../support/fakes/outbox-clock';

const KIB = 1024;

/** `step`: milliseconds between one piece of data and the next. */
function makeOutbox({ isBound = true, step = 10 } = {}) {
  const [host, page] = endpointPair();
  const clock = new FakeOutboxClock({ step });
  const undeliverable: HostMessage[] = [];
  const onOverflow = vi.fn();
  const outbox = new PageOutbox(clock, (message) => undeliverable.push(message), onOverflow);
  if (isBound) outbox.bind(host);
  const batches = (): unknown[] => page.ofType('data').map(({ data }) => data);
  return { outbox, host, page, clock, batches, undeliverable, onOverflow };
}

/** An outbox whose data comes densely. */
function makeBusy() {
  const made = makeOutbox({ step: 0 });
  made.outbox.deliver(1, { data: 'first', size: 1 });
  return made;
}

const isTooLarge = (message: unknown): boolean => JSON.stringify(message).includes('large');

const closed = (connectionKey: number): HostMessage => ({ type: 'connection.closed', connectionKey });

describe('PageOutbox', () => {
  it('gathers texts in one buffer, separate from values, in order', () => {
    const { outbox, page } = makeOutbox({ step: 0 });
    const text = (content: string) => ({ text: new Uint8Array(Buffer.from(content)).buffer });
    outbox.deliver(1, text('now'));
    outbox.deliver(1, text('a'));
    outbox.deliver(2, text('bc'));
    outbox.deliver(3, { data: 'value', size: 5 });
    outbox.deliver(1, text('d'));
    outbox.post(closed(1));
    expect(page.received.slice(1)).toEqual([
      { type: 'texts', connectionKeys: [1], byteLengths: [3], bytes: text('now').text },
      { type: 'texts', connectionKeys: [1, 2], byteLengths: [1, 2], bytes: text('abc').text },
      { type: 'data', connectionKeys: [3], data: ['value'] },
      { type: 'texts', connectionKeys: [1], byteLengths: [1], bytes: text('d').text },
      closed(1),
    ]);
  });

  it('acknowledges the port, then posts the queued messages in order', () => {
    const { outbox, host, page } = makeOutbox({ isBound: false });
    outbox.post(closed(1));
    outbox.deliver(2, { data: 'early', size: 5 });
    outbox.post(closed(3));
    outbox.bind(host);
    const data = { type: 'data', connectionKeys: [2], data: ['early'] };
    expect(page.received).toEqual([{ type: 'attached' }, closed(1), data, closed(3)]);
  });

  it('posts each event as a message of its own', () => {
    const { outbox, page } = makeOutbox();
    outbox.post(closed(1));
    outbox.post(closed(2));
    expect(page.received.slice(1)).toEqual([closed(1), closed(2)]);
  });

  it('posts data at once if it comes at intervals', () => {
    const { outbox, batches, clock } = makeOutbox();
    for (const data of ['a', 'b', 'c']) outbox.deliver(1, { data, size: 1 });
    expect(batches()).toEqual([['a'], ['b'], ['c']]);
    expect(clock.waiting).toBe(0);
  });

  it('posts the first of dense data at once and the rest together', () => {
    const { outbox, batches, clock } = makeBusy();
    for (const data of ['a', 'b']) outbox.deliver(1, { data, size: 1 });
    expect(batches()).toEqual([['first']]);
    clock.run();
    expect(batches()).toEqual([['first'], ['a', 'b']]);
  });

  it('posts all data, however often it gathers', () => {
    const { outbox, batches, clock } = makeBusy();
    for (let n = 0; n < 5; n++) {
      outbox.deliver(1, { data: n, size: 1 });
      clock.run();
    }
    expect(batches().flat()).toEqual(['first', 0, 1, 2, 3, 4]);
    expect(clock.waiting).toBe(0);
  });

  it('posts nothing once it is closed, not even gathered data', () => {
    const { outbox, page, clock } = makeBusy();
    outbox.deliver(1, { data: 'gathered', size: 8 });
    const before = page.received.length;
    outbox.close();
    outbox.post(closed(1));
    outbox.deliver(1, { data: 'late', size: 4 });
    clock.run();
    expect(page.received).toHaveLength(before);
  });

  it('queues nothing for a later port once it is closed', () => {
    const { outbox, host, page } = makeOutbox({ isBound: false });
    outbox.post(closed(1));
    outbox.close();
    outbox.post(closed(2));
    outbox.bind(host);
    expect(page.received).toEqual([{ type: 'attached' }]);
  });

  it('gathers for four milliseconds', () => {
    const { outbox, clock } = makeBusy();
    outbox.deliver(1, { data: 'a', size: 1 });
    expect(clock.delays).toEqual([4]);
  });

  it.each([
    [0.9, [['first']]],
    [1, [['first'], ['second']]],
  ])('batches data only if it comes less than a millisecond apart: %d ms', (step, expected) => {
    const { outbox, batches } = makeOutbox({ step });
    for (const data of ['first', 'second']) outbox.deliver(1, { data, size: 1 });
    expect(batches()).toEqual(expected);
  });

  it('delays no data for a page that answers', () => {
    const { outbox, batches, clock } = makeBusy();
    for (const data of ['a', 'b']) {
      outbox.recordAnswer();
      outbox.deliver(1, { data, size: 1 });
    }
    expect(batches()).toEqual([['first'], ['a'], ['b']]);
    expect(clock.waiting).toBe(0);
  });

  it('counts each answer once', () => {
    const { outbox, batches, clock } = makeBusy();
    outbox.recordAnswer();
    for (const data of ['a', 'b', 'c']) outbox.deliver(1, { data, size: 1 });
    expect(batches()).toEqual([['first'], ['a']]);
    clock.run();
    expect(batches()).toEqual([['first'], ['a'], ['b', 'c']]);
  });

  it('schedules one flush at a time', () => {
    const { outbox, clock } = makeBusy();
    for (let n = 0; n < 50; n++) outbox.deliver(1, { data: n, size: 1 });
    expect(clock.waiting).toBe(1);
  });

  it('names the connection once if a batch has one, else for each item', () => {
    const { outbox, page, clock } = makeBusy();
    for (const data of ['a', 'b']) outbox.deliver(2, { data, size: 1 });
    clock.run();
    outbox.deliver(1, { data: 'c', size: 1 });
    outbox.deliver(-1, { data: 'd', size: 1 });
    outbox.deliver(1, { data: 'e', size: 1 });
    clock.run();
    expect(page.received.slice(-2)).toEqual([
      { type: 'data', connectionKeys: [2], data: ['a', 'b'] },
      { type: 'data', connectionKeys: [1, -1, 1], data: ['c', 'd', 'e'] },
    ]);
  });

  it('lets no event overtake data', () => {
    const { outbox, page } = makeBusy();
    outbox.deliver(1, { data: 'a', size: 1 });
    outbox.post(closed(1));
    const types = page.received.map((message) => (message as HostMessage).type);
    expect(types).toEqual(['attached', 'data', 'data', 'connection.closed']);
  });

  it('puts no more items into a batch than MAX_EVENTS_PER_BATCH', () => {
    const { outbox, batches, clock } = makeBusy();
    for (let n = 0; n < 2 * MAX_EVENTS_PER_BATCH + 1; n++) outbox.deliver(1, { data: n, size: 1 });
    clock.run();
    const lengths = batches().map((batch) => (batch as unknown[]).length);
    expect(lengths).toEqual([1, MAX_EVENTS_PER_BATCH, MAX_EVENTS_PER_BATCH, 1]);
  });

  it('limits the bytes of a batch', () => {
    const { outbox, batches } = makeBusy();
    outbox.deliver(1, { data: 'half', size: 128 * KIB });
    expect(batches()).toHaveLength(1);
    outbox.deliver(1, { data: 'other half', size: 128 * KIB });
    expect(batches()).toHaveLength(2);
  });

  it('transfers large binary data, and copies data that is small, a view of a buffer, or not binary', () => {
    const { outbox, host, page, clock } = makeBusy();
    const part = new Uint8Array(128 * KIB).subarray(0, 64 * KIB);
    const copied = [new ArrayBuffer(4), Uint8Array.of(1, 2), { nested: new ArrayBuffer(64 * KIB) }, part];
    const handedOver = [new ArrayBuffer(64 * KIB), new Uint8Array(64 * KIB)];
    const expected = structuredClone([...copied, ...handedOver]);
    for (const data of [...copied, ...handedOver]) outbox.deliver(1, { data, size: 4 });
    clock.run();
    expect(host.transfers.at(-1)).toHaveLength(2);
    // Compares all bytes at once, because `toEqual` would take seconds for a hundred thousand.
    const batch = { type: 'data', connectionKeys: [1], data: expected };
    expect(isDeepStrictEqual(page.received.at(-1), batch)).toBe(true);
  });

  it('posts nothing after it is closed', () => {
    const { outbox, page, clock } = makeBusy();
    outbox.deliver(1, { data: 'a', size: 1 });
    outbox.close();
    clock.run();
    outbox.post(closed(1));
    outbox.deliver(1, { data: 'b', size: 1 });
    expect(page.received).toHaveLength(2);
  });

  it('delivers the rest of a batch with an undeliverable value, and reports that value’s connection', () => {
    const { outbox, host, page, clock, undeliverable } = makeBusy();
    host.refuses = isTooLarge;
    outbox.deliver(1, { data: 'a', size: 1 });
    outbox.deliver(2, { data: 'large', size: 1 });
    outbox.deliver(3, { data: 'b', size: 1 });
    clock.run();
    expect(page.ofType('data').map(({ connectionKeys, data }) => [connectionKeys, data])).toEqual([
      [[1], ['first']],
      [[1], ['a']],
      [[3], ['b']],
    ]);
    expect(undeliverable).toEqual([{ type: 'data', connectionKeys: [2], data: ['large'] }]);
  });

  it('delivers the rest of a batch with an undeliverable text, and reports that text’s connection', () => {
    const { outbox, host, page, undeliverable } = makeBusy();
    const bytes = (content: string) => new Uint8Array(Buffer.from(content)).buffer;
    host.refuses = (message) => ((message as Partial<TextBatch>).bytes?.byteLength ?? 0) > 4;
    outbox.deliver(1, { text: bytes('a') });
    outbox.deliver(2, { text: bytes('large') });
    outbox.deliver(3, { text: bytes('b') });
    outbox.post(closed(1));
    expect(page.received.slice(2)).toEqual([
      { type: 'texts', connectionKeys: [1], byteLengths: [1], bytes: bytes('a') },
      { type: 'texts', connectionKeys: [3], byteLengths: [1], bytes: bytes('b') },
      closed(1),
    ]);
    expect(undeliverable).toEqual([{ type: 'texts', connectionKeys: [2], byteLengths: [5], bytes: bytes('large') }]);
  });

  it('reports an event that the port cannot carry, and posts the next', () => {
    const { outbox, host, page, undeliverable } = makeOutbox();
    const stats: HostMessage = { type: 'connection.stats', connectionKey: 1, requestId: 1, stats: [['large', 1]] };
    host.refuses = isTooLarge;
    outbox.post(stats);
    outbox.post(closed(1));
    expect(undeliverable).toEqual([stats]);
    expect(page.received.slice(1)).toEqual([closed(1)]);
  });

  it('reports a queued message that the port cannot carry, and posts the rest', () => {
    const { outbox, host, page, undeliverable } = makeOutbox({ isBound: false });
    host.refuses = isTooLarge;
    outbox.deliver(1, { data: 'large', size: 5 });
    outbox.post(closed(2));
    outbox.bind(host);
    expect(undeliverable).toMatchObject([{ type: 'data', connectionKeys: [1] }]);
    expect(page.received).toEqual([{ type: 'attached' }, closed(2)]);
  });

  // A MessagePort throws if cloning overflows the stack.
  it('loses only the message that a MessagePort cannot clone', async () => {
    const { port1, port2 } = new MessageChannel();
    const { outbox, clock, undeliverable } = makeOutbox({ isBound: false, step: 0 });
    const heard: unknown[] = [];
    port2.on('message', (message) => heard.push(message));
    outbox.bind(messagePortEndpoint(port1 as unknown as globalThis.MessagePort));
    const buffer = new ArrayBuffer(64 * KIB);
    outbox.deliver(1, { data: 'first', size: 5 });
    outbox.deliver(1, { data: buffer, size: 1 });
    outbox.deliver(2, { data: () => 'a function', size: 1 });
    outbox.deliver(1, { data: 'last', size: 4 });
    clock.run();
    outbox.post({ type: 'connection.credit', connectionKey: 1, bytes: 1, window: 2 });
    await vi.waitFor(() => expect(heard).toHaveLength(5));
    port1.close();
    expect(heard).toMatchObject([
      { type: 'attached' },
      { data: ['first'] },
      { connectionKeys: [1], data: [new ArrayBuffer(64 * KIB)] },
      { connectionKeys: [1], data: ['last'] },
      { type: 'connection.credit' },
    ]);
    expect(undeliverable).toMatchObject([{ type: 'data', connectionKeys: [2] }]);
  });
});

describe('PageOutbox of a document whose port has not come yet', () => {
  it('queues 4096 messages, and reports an overflow at the next', () => {
    const { outbox, onOverflow } = makeOutbox({ isBound: false });
    for (let n = 0; n < 4096; n++) outbox.post(closed(n));
    expect(onOverflow).not.toHaveBeenCalled();
    outbox.post(closed(1));
    expect(onOverflow).toHaveBeenCalledOnce();
  });

  it('queues 16 MiB, and reports an overflow beyond', () => {
    const { outbox, host, page, onOverflow } = makeOutbox({ isBound: false });
    for (let n = 0; n < 15; n++) outbox.deliver(1, { data: new ArrayBuffer(KIB * KIB), size: KIB * KIB });
    expect(onOverflow).not.toHaveBeenCalled();
    outbox.deliver(1, { data: new ArrayBuffer(KIB * KIB), size: KIB * KIB });
    expect(onOverflow).toHaveBeenCalledOnce();
    outbox.bind(host);
    expect(page.received).toEqual([{ type: 'attached' }]);
  });
});
