// Keeps the recent transfer rates of each connection, computed from the byte counts of successive reports.
import type { LiveConnection, LiveReport } from '../../src/protocol/live-messages';

/** The number of reports in half a minute. */
export const HISTORY_LENGTH = 60;
/** The displayed rate is the mean of this many reports, so that the figure does not flicker. */
const SMOOTHED = 2;

/** HISTORY_LENGTH rates in bytes per second, oldest first. */
export type Rates = readonly number[];

export interface Traffic {
  received: Rates;
  sent: Rates;
}

interface Entry extends Traffic {
  last: { at: number; bytesReceived: number; bytesSent: number };
}

const STILL: Rates = new Array<number>(HISTORY_LENGTH).fill(0);

export class TrafficHistory {
  #entries = new Map<string, Entry>();

  /** Adds a report. Drops the history of connections that the report no longer lists. */
  add({ at, documents }: LiveReport): void {
    const connections = documents.flatMap(({ peers }) => peers.flatMap((peer) => peer.connections));
    this.#entries = new Map(
      connections.map((connection) => [connection.key, entryOf(connection, at, this.#entries.get(connection.key))]),
    );
  }

  of(connectionKey: string): Traffic {
    return this.#entries.get(connectionKey) ?? { received: STILL, sent: STILL };
  }
}

/** The current rate, in bytes per second. */
export function currentRate(rates: Rates): number {
  return rates.slice(-SMOOTHED).reduce((sum, rate) => sum + rate, 0) / SMOOTHED;
}

function entryOf({ bytesReceived, bytesSent }: LiveConnection, at: number, known: Entry | undefined): Entry {
  const last = { at, bytesReceived, bytesSent };
  const seconds = known ? (at - known.last.at) / 1000 : 0;
  // No rate yet: the connection is new, no time has passed, or a new host uses the same key for another connection.
  if (!known || seconds <= 0) return { received: known?.received ?? STILL, sent: known?.sent ?? STILL, last };
  return {
    received: appended(known.received, (bytesReceived - known.last.bytesReceived) / seconds),
    sent: appended(known.sent, (bytesSent - known.last.bytesSent) / seconds),
    last,
  };
}

function appended(rates: Rates, rate: number): Rates {
  return [...rates.slice(1), Math.max(0, rate)];
}
