import { describe, expect, it } from 'vitest';
import type { ConnectionDescription, HostedDataConnection } from '../../../../src/engine/data/hosted-data-connection';
import { Adoption, type Claim } from '../../../../src/engine/reload/adoption';
import type { ConnectionCreate } from '../../../../src/protocol/page-messages';
import { connectionCreate } from '../../../support/fakes/page-messages';

/** A connection as Adoption sees it. */
class FakeConnection {
  isUsable = true;
  isClosed = false;
  readonly description: ConnectionDescription;

  constructor(description: Partial<ConnectionDescription>) {
    const usual = { connectionKey: 1, connectionId: 'dc_old', remotePeerId: 'remote', label: 'dc_old' };
    this.description = { ...usual, serialization: 'binary', reliable: false, ...description };
  }

  readonly close = (): void => void (this.isClosed = true);
}

const offers = [{ offer: { type: 'OFFER', src: 'caller' }, candidates: [] }] as never[];
const unsent = [{ type: 'CANDIDATE', dst: 'remote' }] as never[];

function makeAdoption() {
  const adoption = new Adoption();
  const all: FakeConnection[] = [];
  const parkedPeer = {
    get connections() {
      return all.filter(({ isClosed }) => !isClosed) as unknown as HostedDataConnection[];
    },
    get pageInitiated() {
      return new Set(this.connections.filter(({ description }) => description.connectionKey > 0));
    },
    takeOffers: () => offers,
    takeUnsent: () => unsent,
  };
  /** Parks a connection of the former page: opened by that page, unless the key is negative. */
  const park = (description: Partial<ConnectionDescription> = {}): FakeConnection => {
    const connection = new FakeConnection(description);
    all.push(connection);
    return connection;
  };
  const connect = (request: Partial<ConnectionCreate> = {}): Claim | undefined => {
    const create = connectionCreate({ connectionId: 'dc_new', label: 'dc_new', ...request });
    const { metadata } = create;
    return adoption.claimParked(create, metadata === undefined ? undefined : JSON.parse(metadata));
  };
  return { adoption, parkedPeer, park, connect };
}

/** The adoption of a page that comes after another. */
function makeAdopter() {
  const made = makeAdoption();
  made.adoption.prepare(made.parkedPeer);
  return made;
}

describe('Adoption', () => {
  it('returns the connections that remote peers opened as incoming', () => {
    const { adoption, park } = makeAdopter();
    const connections = [park({ connectionKey: -3 }), park({ connectionKey: -9 })];
    expect(adoption.adopt()?.connections).toEqual(connections.map((connection) => ({ state: 'incoming', connection })));
  });

  it('returns the parked Peer’s offers and unsent messages', () => {
    const { adoption } = makeAdopter();
    expect(adoption.adopt()).toEqual({ connections: [], toCreate: [], offers, unsent });
  });

  it('gives the page a connection that it reopens after the adoption', () => {
    const { adoption, park, connect } = makeAdopter();
    const connection = park();
    expect(adoption.adopt()?.connections).toEqual([{ state: 'unclaimed', connection }]);
    expect([...adoption.unclaimed]).toEqual([connection]);
    expect(connect({ connectionKey: 5 })).toEqual({ connection, isAdopted: true });
    expect([adoption.unclaimed.size, adoption.takeUnclaimed()]).toEqual([0, []]);
  });

  it('gives the page a connection that it reopens before the adoption', () => {
    const { adoption, park, connect } = makeAdopter();
    const connection = park();
    expect(connect({ connectionKey: 5 })).toEqual({ connection, isAdopted: false });
    expect(adoption.adopt()).toMatchObject({
      connections: [{ state: 'reclaimed', connection, connectionKey: 5 }],
      toCreate: [],
    });
    expect(adoption.unclaimed.size).toBe(0);
  });

  it('gives up a connection that the page does not reopen, and then gives it to no later request', () => {
    const { adoption, park, connect } = makeAdopter();
    const connection = park();
    adoption.adopt();
    expect(adoption.takeUnclaimed()).toEqual([connection]);
    expect(connect()).toBeUndefined();
    expect([adoption.unclaimed.size, adoption.takeUnclaimed()]).toEqual([0, []]);
  });

  it.each(['before', 'after'])('gives each parked connection to one request, %s the adoption', (moment) => {
    const { adoption, park, connect } = makeAdopter();
    const [first, second] = [park(), park()];
    if (moment === 'after') adoption.adopt();
    const given = [1, 2, 3].map((connectionKey) => connect({ connectionKey })?.connection);
    expect(given).toEqual([first, second, undefined]);
    expect(given[0]).not.toBe(given[1]);
  });

  it('gives the oldest parked connection to the first request', () => {
    const { adoption, park, connect } = makeAdopter();
    const [first, second] = [park(), park()];
    expect(connect({ connectionKey: 5 })?.connection).toBe(first);
    adoption.adopt();
    expect(connect({ connectionKey: 6 })?.connection).toBe(second);
  });

  it.each(['before', 'after'])('gives no connection that data cannot get through, %s the adoption', (moment) => {
    const { adoption, park, connect } = makeAdopter();
    park().isUsable = false;
    if (moment === 'after') adoption.adopt();
    expect(connect()).toBeUndefined();
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
    expect(connect(request) !== undefined).toBe(isSame);
    adoption.adopt();
    expect(connect({ connectionKey: 2, ...request })).toBeUndefined();
  });

  it('gives the page no connection that a remote peer opened', () => {
    const { adoption, park, connect } = makeAdopter();
    park({ connectionKey: -1 });
    expect(connect()).toBeUndefined();
    adoption.adopt();
    expect(connect()).toBeUndefined();
  });

  it('returns a request whose claimed connection has ended, for a new connection', () => {
    const { adoption, park, connect } = makeAdopter();
    const connection = park();
    connect({ connectionKey: 5 });
    connection.close();
    expect(adoption.adopt()).toMatchObject({ connections: [], toCreate: [{ connectionKey: 5 }] });
  });

  it('returns the requests with a claim, for new connections, if the Peer ends up with an ID that no parked Peer has', () => {
    const { adoption, park, connect } = makeAdopter();
    park();
    connect({ connectionKey: 5 });
    expect(adoption.prepare(undefined)).toMatchObject([{ connectionKey: 5 }]);
    expect(adoption.adopt()).toBeUndefined();
  });

  it('forgets a connection that ended before the page reopened it', () => {
    const { adoption, park } = makeAdopter();
    const connection = park();
    adoption.adopt();
    adoption.forget(connection as unknown as HostedDataConnection);
    expect(adoption.takeUnclaimed()).toEqual([]);
  });

  it('gives up nothing once the page is gone, so that the next page can reopen the connection', () => {
    const { adoption, park } = makeAdopter();
    const connection = park();
    adoption.adopt();
    adoption.end();
    expect([adoption.takeUnclaimed(), [...adoption.unclaimed]]).toEqual([[], [connection]]);
  });

  it('gives no connection if no parked Peer was prepared', () => {
    const { adoption, park, connect } = makeAdoption();
    park();
    expect(connect()).toBeUndefined();
    expect(adoption.adopt()).toBeUndefined();
  });

  it('adopts once, however often it is called', () => {
    const { adoption, park } = makeAdopter();
    park({ connectionKey: -1 });
    expect(adoption.adopt()?.connections).toHaveLength(1);
    expect(adoption.adopt()).toBeUndefined();
  });
});
