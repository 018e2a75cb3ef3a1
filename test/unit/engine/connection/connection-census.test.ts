import { EventEmitter } from 'eventemitter3';
import { describe, expect, it } from 'vitest';
import { ConnectionCensus } from '../../../../src/engine/connection/connection-census';
import type { Hosted } from '../../../../src/engine/peer/connection-registry';
import type { TabConnections } from '../../../../src/protocol/control-messages';
import { FakeOutboxClock } from '../../../support/fakes/outbox-clock';

function makeCensus() {
  const clock = new FakeOutboxClock();
  const told: TabConnections[][] = [];
  const census = new ConnectionCensus(clock, (tabs) => told.push(tabs));
  const begin = (tabId: number): Hosted => {
    const connection = new EventEmitter() as unknown as Hosted;
    census.add(tabId, connection);
    return connection;
  };
  return { census, clock, told, begin };
}

describe('ConnectionCensus', () => {
  it('reports all changes of a moment together', () => {
    const { clock, told, begin } = makeCensus();
    begin(1);
    begin(1).emit('gone');
    begin(2);
    expect(told).toEqual([]);
    expect(clock.waiting).toBe(1);
    clock.run();
    expect(told).toEqual([
      [
        { tabId: 1, count: 1 },
        { tabId: 2, count: 1 },
      ],
    ]);
  });

  it('reports a tab that has no connection any more', () => {
    const { clock, told, begin } = makeCensus();
    const connection = begin(1);
    clock.run();
    connection.emit('gone');
    clock.run();
    expect(told[1]).toEqual([{ tabId: 1, count: 0 }]);
  });

  it('reports a tab even if one connection has replaced another', () => {
    const { clock, told, begin } = makeCensus();
    const connection = begin(1);
    clock.run();
    connection.emit('gone');
    begin(1);
    clock.run();
    expect(told[1]).toEqual([{ tabId: 1, count: 1 }]);
  });

  it('counts a connection that is released and added again once, with its former age', () => {
    const { census, clock, told, begin } = makeCensus();
    clock.step = 1000;
    const connection = begin(1);
    connection.emit('gone');
    connection.removeAllListeners();
    census.add(1, connection);
    expect(census.ageOf(connection)).toBe(1000);
    clock.run();
    expect(told).toEqual([[{ tabId: 1, count: 1 }]]);
    connection.emit('gone');
    clock.run();
    expect(told[1]).toEqual([{ tabId: 1, count: 0 }]);
  });

  it('schedules no report while nothing changes', () => {
    const { clock, begin } = makeCensus();
    begin(1);
    clock.run();
    expect(clock.waiting).toBe(0);
  });

  it('knows how old a connection is', () => {
    const { census, clock, begin } = makeCensus();
    clock.step = 1000;
    const connection = begin(1);
    expect(census.ageOf(connection)).toBe(1000);
    expect(census.ageOf(connection)).toBe(2000);
  });
});
