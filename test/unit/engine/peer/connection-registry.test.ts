import { EventEmitter } from 'eventemitter3';
import { describe, expect, it } from 'vitest';
import type { HostedDataConnection } from '../../../../src/engine/data/hosted-data-connection';
import { ConnectionRegistry } from '../../../../src/engine/peer/connection-registry';

function connection(remotePeerId: string, connectionId: string): HostedDataConnection {
  const emitter = new EventEmitter();
  return Object.assign(emitter, {
    description: { remotePeerId, connectionId },
    close: () => emitter.emit('asked to close'),
  }) as unknown as HostedDataConnection;
}

function makeRegistry(quota = { connections: 0, peerConnections: 0 }): ConnectionRegistry {
  return new ConnectionRegistry({ quota, list: () => undefined, onWebrtcError: () => undefined });
}

describe('ConnectionRegistry', () => {
  it('finds a connection by remote peer and ID together', () => {
    const connections = makeRegistry();
    const one = connection('a', 'dc');
    const two = connection('b', 'dc');
    connections.add(one);
    connections.add(two);
    expect(connections.find('a', 'dc')).toBe(one);
    expect(connections.find('b', 'dc')).toBe(two);
    expect(connections.find('a', 'other')).toBeUndefined();
  });

  it('distinguishes names that are alike when joined', () => {
    const connections = makeRegistry();
    connections.add(connection('a","b', 'c'));
    expect(connections.find('a', 'b","c')).toBeUndefined();
  });

  it('forgets a connection that has closed', () => {
    const connections = makeRegistry();
    const one = connection('a', 'dc');
    connections.add(one);
    one.emit('gone');
    expect(connections.all()).toEqual([]);
  });

  it('keeps the new connection of a name when the former one closes late', () => {
    const connections = makeRegistry();
    const [former, current] = [connection('a', 'dc'), connection('a', 'dc')];
    connections.add(former);
    connections.add(current);
    former.emit('gone');
    expect(connections.find('a', 'dc')).toBe(current);
  });

  // A page chooses the IDs of its connections. A replaced connection that stayed open could not be reached any more.
  it('closes only the connection that a new one of the same name replaces', () => {
    const connections = makeRegistry();
    const [former, elsewhere, current] = [connection('a', 'dc'), connection('b', 'dc'), connection('a', 'dc')];
    const closed: unknown[] = [];
    for (const each of [former, elsewhere, current]) {
      (each as EventEmitter).on('asked to close', () => closed.push(each));
      connections.add(each);
    }
    expect(closed).toEqual([former]);
  });

  it('lists the connections to one remote peer', () => {
    const connections = makeRegistry();
    for (const peer of ['a', 'b', 'a']) connections.add(connection(peer, `dc_${connections.all().length}`));
    expect(connections.to('a').map(({ description }) => description.connectionId)).toEqual(['dc_0', 'dc_2']);
  });

  it('lists a copy, so that connections may close during iteration', () => {
    const connections = makeRegistry();
    for (const id of ['1', '2', '3']) connections.add(connection('a', id));
    for (const each of connections.all()) each.emit('gone');
    expect(connections.all()).toEqual([]);
  });
});
