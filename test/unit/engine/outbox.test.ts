import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../src/engine/outbox';
import { MAX_EVENTS_PER_BATCH, type HostMessage } from '../../../src/protocol/host-messages';
import { endpointPair } from '../../support/fakes/endpoint-pair';

function makeOutbox({ isBound = true } = {}) {
  const [host, page] = endpointPair();
  const outbox = new Outbox();
  if (isBound) outbox.bind(host);
  const batches = (): unknown[][] =>
    page.ofType('data').map(({ events }) => (events as [number, unknown][]).map(([, data]) => data));
  return { outbox, host, page, batches };
}

const closed = (connectionKey: number): HostMessage => ({ type: 'connection.closed', connectionKey });

describe('Outbox', () => {
  it('acknowledges the port, then says what it has kept, in order', () => {
    const { outbox, host, page } = makeOutbox({ isBound: false });
    outbox.post(closed(1));
    outbox.data(2, 'early', 5);
    outbox.post(closed(3));
    outbox.bind(host);
    const data = { type: 'data', events: [[2, 'early']] };
    expect(page.received).toEqual([{ type: 'attached' }, closed(1), data, closed(3)]);
  });

  it('passes events on one a message', () => {
    const { outbox, page } = makeOutbox();
    outbox.post(closed(1));
    outbox.post(closed(2));
    expect(page.received.slice(1)).toEqual([closed(1), closed(2)]);
  });

  it('passes data on at once while the page keeps up', () => {
    const { outbox, batches } = makeOutbox();
    outbox.data(1, 'a', 1);
    outbox.acknowledge();
    outbox.data(1, 'b', 1);
    expect(batches()).toEqual([['a'], ['b']]);
  });

  it('gathers what comes before the page has acknowledged', () => {
    const { outbox, batches } = makeOutbox();
    for (const data of ['a', 'b', 'c']) outbox.data(1, data, 1);
    expect(batches()).toEqual([['a']]);
    outbox.acknowledge();
    expect(batches()).toEqual([['a'], ['b', 'c']]);
  });

  it('keeps data of several connections in the order of arrival', () => {
    const { outbox, page } = makeOutbox();
    outbox.data(1, 'a', 1);
    outbox.data(2, 'b', 1);
    outbox.data(-1, 'c', 1);
    outbox.acknowledge();
    expect(page.received.at(-1)).toEqual({
      type: 'data',
      events: [
        [2, 'b'],
        [-1, 'c'],
      ],
    });
  });

  it('lets no event overtake data', () => {
    const { outbox, page } = makeOutbox();
    outbox.data(1, 'a', 1);
    outbox.data(1, 'b', 1);
    outbox.post(closed(1));
    const types = page.received.map((message) => (message as HostMessage).type);
    expect(types).toEqual(['attached', 'data', 'data', 'connection.closed']);
  });

  it('never puts more events into a batch than the page has listeners for', () => {
    const { outbox, batches } = makeOutbox();
    for (let n = 0; n < 1 + 2 * MAX_EVENTS_PER_BATCH + 1; n++) outbox.data(1, n, 1);
    outbox.acknowledge();
    outbox.acknowledge();
    outbox.acknowledge();
    expect(batches().map(({ length }) => length)).toEqual([1, MAX_EVENTS_PER_BATCH, MAX_EVENTS_PER_BATCH, 1]);
  });

  it('holds a bounded number of bytes for a page that is behind', () => {
    const { outbox, batches } = makeOutbox();
    outbox.data(1, 'first', 1);
    outbox.data(1, 'half', 128 * 1024);
    expect(batches()).toHaveLength(1);
    outbox.data(1, 'other half', 128 * 1024);
    expect(batches()).toHaveLength(2);
  });

  it('waits until every batch under way is acknowledged', () => {
    const { outbox, batches } = makeOutbox();
    outbox.data(1, 'a', 1);
    outbox.data(1, 'b', 256 * 1024);
    outbox.data(1, 'c', 1);
    outbox.acknowledge();
    expect(batches()).toEqual([['a'], ['b']]);
    outbox.acknowledge();
    expect(batches()).toEqual([['a'], ['b'], ['c']]);
  });

  it('is not confused by acknowledgements of nothing', () => {
    const { outbox, batches } = makeOutbox();
    for (let n = 0; n < 100; n++) outbox.acknowledge();
    for (const data of ['a', 'b', 'c']) outbox.data(1, data, 1);
    expect(batches()).toEqual([['a']]);
  });

  it('hands binary data over and copies what is more than binary', () => {
    const { outbox, host, page } = makeOutbox();
    const whole = new Uint8Array([1, 2, 3]);
    const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    outbox.data(1, { nested: new ArrayBuffer(1) }, 1);
    for (const data of [new ArrayBuffer(4), whole, part]) outbox.data(1, data, 4);
    outbox.acknowledge();
    expect(host.transfers.slice(1).map(({ length }) => length)).toEqual([0, 2]);
    expect(page.received.at(-1)).toEqual({
      type: 'data',
      events: [
        [1, new ArrayBuffer(4)],
        [1, Uint8Array.of(1, 2, 3)],
        [1, Uint8Array.of(2, 3)],
      ],
    });
  });

  it('says nothing after close', () => {
    const { outbox, page } = makeOutbox();
    outbox.data(1, 'a', 1);
    outbox.data(1, 'b', 1);
    outbox.close();
    outbox.acknowledge();
    outbox.post(closed(1));
    expect(page.received).toHaveLength(2);
  });
});
