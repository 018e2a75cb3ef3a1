// Counts the connections in each tab and knows their age. Reports changes after a short delay, because a page may open
// and close many at once, and reporting must not delay a new connection.
import type { EventEmitter } from 'eventemitter3';
import type { TabConnections } from '../../protocol/control-messages';
import type { ConnectionEvents } from './connection-events';
import type { OutboxClock } from './page-outbox';

/** Delay of a report, milliseconds. A person does not notice it. */
const GATHER_MS = 250;

/** A connection of any kind, as far as it is counted. */
type Counted = Pick<EventEmitter<ConnectionEvents>, 'on'>;

export class ConnectionCensus {
  readonly #clock: OutboxClock;
  readonly #onChange: (tabs: TabConnections[]) => void;
  readonly #counts = new Map<number, number>();
  readonly #addedAt = new WeakMap<Counted, number>();
  /** Tabs to report, even with an unchanged count: the page may have changed. */
  readonly #changed = new Set<number>();

  constructor(clock: OutboxClock, onChange: (tabs: TabConnections[]) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Counts a connection until it is gone. A connection that is released and added again keeps its age. */
  add(tabId: number, connection: Counted): void {
    if (!this.#addedAt.has(connection)) this.#addedAt.set(connection, this.#clock.now());
    this.#count(tabId, 1);
    connection.on('gone', () => this.#count(tabId, -1));
  }

  /** Milliseconds since the connection was first added. */
  ageOf(connection: Counted): number {
    const now = this.#clock.now();
    return now - (this.#addedAt.get(connection) ?? now);
  }

  /**
   * Reports the tab even with an unchanged count. Call when the tab shows another page, because the browser forgets the
   * badge.
   */
  reportSoon(tabId: number): void {
    if (this.#changed.size === 0) this.#clock.later(() => this.#report(), GATHER_MS);
    this.#changed.add(tabId);
  }

  #count(tabId: number, change: number): void {
    const count = (this.#counts.get(tabId) ?? 0) + change;
    if (count > 0) this.#counts.set(tabId, count);
    else this.#counts.delete(tabId);
    this.reportSoon(tabId);
  }

  #report(): void {
    const tabs = Array.from(this.#changed, (tabId) => ({ tabId, count: this.#counts.get(tabId) ?? 0 }));
    this.#changed.clear();
    this.#onChange(tabs);
  }
}
