import { EventEmitter } from 'eventemitter3';
import { describe, expect, it } from 'vitest';
import { ConnectionCensus } from '../../../../src/engine/connection/connection-census';
import type { Hosted } from '../../../../src/engine/peer/connection-registry';
import type { TabConnections } from '../../../../src/protocol/control-messages';
import { FakeOutboxClock } from '../../../support/fakes/outbox-clock';

function makeCensus() {
  const clock = new FakeOutboxClock();
  const reports: TabConnections[][] = [];
  const census = new ConnectionCensus(clock, (tabs) => reports.push(tabs));
  const connect = (tabId: number): Hosted => {
    const connection = new EventEmitter() as unknown as Hosted;
    census.add(tabId, connection);
    return connection;
  };
  return { census, clock, reports, connect };
}

describe('ConnectionCensus', () => {
  it('reports all changes of a moment together', () => {
    const { clock, reports, connect } = makeCensus();
    connect(1);
    connect(1).emit('gone');
    connect(2);
    expect(reports).toEqual([]);
    expect(clock.waiting).toBe(1);
    clock.run();
    expect(reports).toEqual([
      [
        { tabId: 1, count: 1 },
        { tabId: 2, count: 1 },
      ],
    ]);
  });

  it('reports a tab that has no connection any more', () => {
    const { clock, reports, connect } = makeCensus();
    const connection = connect(1);
    clock.run();
    connection.emit('gone');
    clock.run();
    expect(reports[1]).toEqual([{ tabId: 1, count: 0 }]);
  });

  it('reports a tab even if one connection has replaced another', () => {
    const { clock, reports, connect } = makeCensus();
    const connection = connect(1);
    clock.run();
    connection.emit('gone');
    connect(1);
    clock.run();
    expect(reports[1]).toEqual([{ tabId: 1, count: 1 }]);
  });

  it('counts a connection that is released and added again once, with its former age', () => {
    const { census, clock, reports, connect } = makeCensus();
    clock.step = 1000;
    const connection = connect(1);
    connection.emit('gone');
    connection.removeAllListeners();
    census.add(1, connection);
    expect(census.ageOf(connection)).toBe(1000);
    clock.run();
    expect(reports).toEqual([[{ tabId: 1, count: 1 }]]);
    connection.emit('gone');
    clock.run();
    expect(reports[1]).toEqual([{ tabId: 1, count: 0 }]);
  });

  it('schedules no report while nothing changes', () => {
    const { clock, connect } = makeCensus();
    connect(1);
    clock.run();
    expect(clock.waiting).toBe(0);
  });

  it('knows how old a connection is', () => {
    const { census, clock, connect } = makeCensus();
    clock.step = 1000;
    const connection = connect(1);
    expect(census.ageOf(connection)).toBe(1000);
    expect(census.ageOf(connection)).toBe(2000);
  });
});
