import { describe, expect, it } from 'vitest';
import { currentRate, HISTORY_LENGTH, TrafficHistory } from '../../../extension/panel/traffic-history';
import { liveConnection, liveDocument, liveReport } from '../../support/fakes/live-report';

/** Adds a report every half second, with these totals. */
function makeHistory(...totals: [received: number, sent: number][]) {
  const history = new TrafficHistory();
  totals.forEach(([bytesReceived, bytesSent], index) => {
    history.add(liveReport(index * 500, liveDocument({}, [liveConnection({ bytesReceived, bytesSent })])));
  });
  return history;
}

describe('TrafficHistory', () => {
  it('computes rates from two reports and the time between them', () => {
    const { received, sent } = makeHistory([100, 0], [600, 50]).of('1/1');
    expect([received.at(-1), sent.at(-1)]).toEqual([1000, 100]);
  });

  it('has no rate for a connection after its first report', () => {
    expect(
      makeHistory([100, 100])
        .of('1/1')
        .received.every((rate) => rate === 0),
    ).toBe(true);
  });

  it('keeps half a minute of rates', () => {
    const totals = Array.from({ length: HISTORY_LENGTH + 5 }, (_, index): [number, number] => [index * 500, 0]);
    expect(makeHistory(...totals).of('1/1').received).toEqual(new Array(HISTORY_LENGTH).fill(1000));
  });

  it('forgets a connection that is gone', () => {
    const history = makeHistory([0, 0], [500, 0]);
    history.add(liveReport(1000));
    expect(history.of('1/1').received.every((rate) => rate === 0)).toBe(true);
  });

  it('treats decreasing byte counts, or a clock that runs back, as a new connection', () => {
    expect(makeHistory([500, 500], [0, 0]).of('1/1').received.at(-1)).toBe(0);
    const history = makeHistory([0, 0], [500, 0]);
    history.add(liveReport(10, liveDocument({}, [liveConnection({ bytesReceived: 9e9 })])));
    expect(history.of('1/1').received.at(-1)).toBe(1000);
  });

  it('smooths the current rate', () => {
    const { received } = makeHistory([0, 0], [500, 0], [500, 0]).of('1/1');
    expect(currentRate(received)).toBe(500);
  });
});
