// How fast each connection has been lately, from the bytes in successive reports.
import type { LiveConnection, LiveReport } from '../../src/protocol/live-messages';

/** Half a minute of reports. */
export const HISTORY_LENGTH = 60;
/** A figure that is read must not flicker: the mean of so many reports. */
const SMOOTHED = 2;

/** Bytes a second, oldest first; always HISTORY_LENGTH of them. */
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

  /** Connections that the report does not name any more are forgotten. */
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

/** The present one, bytes a second. */
export function currentRate(rates: Rates): number {
  return rates.slice(-SMOOTHED).reduce((sum, rate) => sum + rate, 0) / SMOOTHED;
}

function entryOf({ bytesReceived, bytesSent }: LiveConnection, at: number, known: Entry | undefined): Entry {
  const last = { at, bytesReceived, bytesSent };
  const seconds = known ? (at - known.last.at) / 1000 : 0;
  // No time has passed, or it is another host's connection of the same name.
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
