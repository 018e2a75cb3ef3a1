import { describe, expect, it } from 'vitest';
import type { ConnectionDescription, HostedDataConnection } from '../../../../src/engine/data/hosted-data-connection';
import { RECLAIM_MS, Adoption } from '../../../../src/engine/reload/adoption';
import type { ConnectionCreate } from '../../../../src/protocol/page-messages';
import { FakeOutboxClock } from '../../../support/fakes/outbox-clock';
import { connectionCreate } from '../../../support/fakes/page-messages';

/** A connection as Adoption sees it: its description, and whether a page has it. */
class FakeConnection {
  isUsable = true;
  isResumed = false;
  isClosed = false;
  description: ConnectionDescription;

  constructor(description: Partial<ConnectionDescription>) {
    const usual = { connectionKey: 1, connectionId: 'dc_old', remotePeerId: 'remote', label: 'dc_old' };
    this.description = { ...usual, serialization: 'binary', reliable: false, ...description };
  }

  readonly resume = (): void => void (this.isResumed = true);
  readonly close = (): void => void (this.isClosed = true);
}

function makeAdoption() {
  const clock = new FakeOutboxClock();
  const log: string[] = [];
  let lastKey = 0;
  const adoption = new Adoption({
    nextConnectionKey: () => --lastKey,
    adopt: (connection, connectionKey) => {
      // The former owner forgets it.
      adoption.forget(connection);
      const fake = connection as unknown as FakeConnection;
      fake.description = { ...fake.description, connectionKey };
    },
    announce: (connection) => {
      log.push(`announced ${connection.description.connectionKey} ${connection.description.connectionId}`);
      connection.resume();
    },
    connect: ({ connectionKey }) => void log.push(`connected ${connectionKey}`),
    later: clock.later,
  });
  const all: FakeConnection[] = [];
  const parkedPeer = {
    get connections() {
      return all.filter(({ isClosed }) => !isClosed) as unknown as HostedDataConnection[];
    },
    get pageInitiated() {
      return new Set(this.connections.filter(({ description }) => description.connectionKey > 0));
    },
  };
  /** Parks a connection of the former page: opened by that page, unless the key is negative. */
  const park = (description: Partial<ConnectionDescription> = {}): FakeConnection => {
    const connection = new FakeConnection(description);
    all.push(connection);
    return connection;
  };
  const connect = (request: Partial<ConnectionCreate> = {}): boolean => {
    const create = connectionCreate({ connectionId: 'dc_new', label: 'dc_new', ...request });
    const { metadata } = create;
    return adoption.claimParked(create, metadata === undefined ? undefined : JSON.parse(metadata));
  };
  return { adoption, clock, log, parkedPeer, park, connect };
}

/** The adoption of a page that comes after another. */
function makeAdopter() {
  const made = makeAdoption();
  made.adoption.prepare(made.parkedPeer);
  return made;
}

describe('Adoption', () => {
  it('announces at once the connections that remote peers opened', () => {
    const { adoption, log, park } = makeAdopter();
    park({ connectionKey: -3, connectionId: 'a' });
    park({ connectionKey: -9, connectionId: 'b' });
    adoption.adopt();
    expect(log).toEqual(['announced -1 a', 'announced -2 b']);
  });

  it('gives the page a connection that it reopens after the adoption', () => {
    const { adoption, log, park, connect } = makeAdopter();
    const connection = park();
    adoption.adopt();
    expect([connection.isResumed, [...adoption.unclaimed]]).toEqual([false, [connection]]);
    expect(connect({ connectionKey: 5 })).toBe(true);
    expect([connection.isResumed, connection.description.connectionKey, log]).toEqual([true, 5, []]);
  });

  it('gives the page a connection that it reopens before the adoption', () => {
    const { adoption, log, park, connect } = makeAdopter();
    const connection = park();
    expect(connect({ connectionKey: 5 })).toBe(true);
    expect(connection.isResumed).toBe(false);
    adoption.adopt();
    expect([connection.isResumed, connection.description.connectionKey, log]).toEqual([true, 5, []]);
  });

  it('announces a connection that the page does not reopen after a moment, and then gives it to no later request', () => {
    const { adoption, clock, log, park, connect } = makeAdopter();
    const connection = park();
    adoption.adopt();
    expect(clock.delays).toEqual([RECLAIM_MS]);
    clock.run();
    expect([log, connection.isResumed]).toEqual([['announced -1 dc_old'], true]);
    expect(connect()).toBe(false);
    expect(adoption.unclaimed.size).toBe(0);
  });

  it.each(['before', 'after'])('gives each parked connection to one request, %s the adoption', (moment) => {
    const { adoption, park, connect } = makeAdopter();
    park();
    park();
    if (moment === 'after') adoption.adopt();
    expect([1, 2, 3].map((connectionKey) => connect({ connectionKey }))).toEqual([true, true, false]);
  });

  it('gives the oldest parked connection to the first request', () => {
    const { adoption, park, connect } = makeAdopter();
    const [first, second] = [park(), park()];
    connect({ connectionKey: 5 });
    adoption.adopt();
    connect({ connectionKey: 6 });
    expect([first, second].map(({ description }) => description.connectionKey)).toEqual([5, 6]);
  });

  it.each(['before', 'after'])('gives no connection that data cannot get through, %s the adoption', (moment) => {
    const { adoption, park, connect } = makeAdopter();
    park().isUsable = false;
    if (moment === 'after') adoption.adopt();
    expect(connect()).toBe(false);
  });

  it.each<[string, Partial<ConnectionDescription>, Partial<ConnectionCreate>, boolean]>([
    ['to another peer', {}, { remotePeerId: 'another' }, false],
    ['with the same label', { label: 'chat' }, { label: 'chat' }, true],
    ['with another label', { label: 'chat' }, { label: 'news' }, false],
    ['with a label where it had none', {}, { label: 'chat' }, false],
    ['without a label where it had one', { label: 'chat' }, {}, false],
    ['with another serialization', {}, { serialization: 'json' }, false],
    ['reliably where it was not', {}, { reliable: true }, false],
    ['with the same metadata', { metadata: { a: [1] } }, { metadata: '{"a":[1]}' }, true],
    ['with other metadata', { metadata: { a: 1 } }, { metadata: '{"a":2}' }, false],
    ['without the metadata it had', { metadata: 1 }, {}, false],
    ['with metadata where it had none', {}, { metadata: 'null' }, false],
  ])('compares whether the page connects %s', (_, kept, request, isSame) => {
    const { adoption, park, connect } = makeAdopter();
    park(kept);
    expect(connect(request)).toBe(isSame);
    adoption.adopt();
    expect(connect({ connectionKey: 2, ...request })).toBe(false);
  });

  it('gives the page no connection that a remote peer opened', () => {
    const { adoption, park, connect } = makeAdopter();
    park({ connectionKey: -1 });
    expect(connect()).toBe(false);
    adoption.adopt();
    expect(connect()).toBe(false);
  });

  it('creates a new connection for a request whose claimed connection has ended', () => {
    const { adoption, log, park, connect } = makeAdopter();
    const connection = park();
    connect({ connectionKey: 5 });
    connection.close();
    adoption.adopt();
    expect([log, connection.isResumed]).toEqual([['connected 5'], false]);
  });

  it('does not announce a connection that ended before the page reopened it', () => {
    const { adoption, clock, log, park } = makeAdopter();
    const connection = park();
    adoption.adopt();
    adoption.forget(connection as unknown as HostedDataConnection);
    clock.run();
    expect(log).toEqual([]);
  });

  it('announces nothing to a page that is gone, so that the next page can reopen the connection', () => {
    const { adoption, clock, log, park } = makeAdopter();
    const connection = park();
    adoption.adopt();
    adoption.end();
    clock.run();
    expect([log, connection.isResumed, [...adoption.unclaimed]]).toEqual([[], false, [connection]]);
  });

  it('gives no connection if no parked Peer was prepared', () => {
    const { adoption, clock, park, connect } = makeAdoption();
    park();
    expect(connect()).toBe(false);
    adoption.adopt();
    expect(clock.waiting).toBe(0);
  });

  it('adopts once, however often it is called', () => {
    const { adoption, log, park } = makeAdopter();
    park({ connectionKey: -1 });
    adoption.adopt();
    adoption.adopt();
    expect(log).toHaveLength(1);
  });
});
