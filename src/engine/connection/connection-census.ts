// Which connections there are: how many in each tab, and since when. Tells changes, gathered for a moment, because a page
// may open and close many at once, and a new connection must not wait behind the news of it.
import type { EventEmitter } from 'eventemitter3';
import type { TabConnections } from '../../protocol/control-messages';
import type { ConnectionEvents } from './connection-events';
import type { OutboxClock } from './page-outbox';

/** A person does not see the delay, and a connection to another browser is made in less. */
const GATHER_MS = 250;

/** A connection of any kind, as far as it is counted. */
type Counted = Pick<EventEmitter<ConnectionEvents>, 'on'>;

export class ConnectionCensus {
  readonly #clock: OutboxClock;
  readonly #onChange: (tabs: TabConnections[]) => void;
  readonly #counts = new Map<number, number>();
  readonly #begun = new WeakMap<Counted, number>();
  /** Tabs of which there is something to tell, also where the count is what it was: the page may be another. */
  readonly #changed = new Set<number>();

  constructor(clock: OutboxClock, onChange: (tabs: TabConnections[]) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Until it is gone. One that was released and is added again is as old as it was. */
  add(tabId: number, connection: Counted): void {
    if (!this.#begun.has(connection)) this.#begun.set(connection, this.#clock.now());
    this.#count(tabId, 1);
    connection.on('gone', () => this.#count(tabId, -1));
  }

  /** Milliseconds since the connection was begun. */
  ageOf(connection: Counted): number {
    const now = this.#clock.now();
    return now - (this.#begun.get(connection) ?? now);
  }

  /** To be called where the count is what it was, but the browser has forgotten it: the tab shows another page. */
  tellSoon(tabId: number): void {
    if (this.#changed.size === 0) this.#clock.later(() => this.#tell(), GATHER_MS);
    this.#changed.add(tabId);
  }

  #count(tabId: number, change: number): void {
    const count = (this.#counts.get(tabId) ?? 0) + change;
    if (count > 0) this.#counts.set(tabId, count);
    else this.#counts.delete(tabId);
    this.tellSoon(tabId);
  }

  #tell(): void {
    const tabs = Array.from(this.#changed, (tabId) => ({ tabId, count: this.#counts.get(tabId) ?? 0 }));
    this.#changed.clear();
    this.#onChange(tabs);
  }
}
