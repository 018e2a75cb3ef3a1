// Owns all tabs of the soak and the connections between them. Call `plan`, then `open`, and compare the ends of all
// connections with `totals` once nothing is in transit.
import { withinTime } from '../support/within-time';
import type { Random } from '../fuzz/random';
import { SERIALIZATIONS } from '../fuzz/samples/frames';
import type { LedgerEntry } from './page/soak-page';
import type { SoakTab } from './profile';

/** Simultaneous dials. With more, the first dials on a slow machine have to wait for the last. */
const DIALS_AT_ONCE = 6;
/** Time limit for opening a connection or call, milliseconds. On a busy machine it takes a second. */
const OPEN_MS = 60_000;

interface Pair {
  ends: [tab: SoakTab, index: number][];
  serialization: string;
  connectionId: string | undefined;
}

export interface Totals {
  /** Connections that are open at both ends. */
  open: number;
  sent: number;
  received: number;
  /** Descriptions of lost messages, unexpected closings and errors. */
  faults: string[];
}

export class Fleet {
  readonly tabs: readonly SoakTab[];
  readonly #random: Random;
  readonly #pairs: Pair[] = [];
  /** Messages and faults of pages that have ended. */
  #sentByEndedPages = 0;
  #receivedByEndedPages = 0;
  readonly #faultsOfEndedPages: string[] = [];

  constructor(tabs: readonly SoakTab[], random: Random) {
    this.tabs = tabs;
    this.#random = random;
  }

  /** Plans `count` connections between the tabs of `from` and `to`, spread evenly. */
  plan(count: number, from: readonly SoakTab[], to: readonly SoakTab[]): void {
    for (let n = 0; n < count; n++) {
      const ends = [from[n % from.length]!, to[Math.floor(n / from.length + n) % to.length]!].map(
        (tab): [SoakTab, number] => [tab, this.#random.below(tab.peersPerTab)],
      );
      const serialization = SERIALIZATIONS[n % SERIALIZATIONS.length]!;
      this.#pairs.push({ ends: this.#random.shuffled(ends), serialization, connectionId: undefined });
    }
  }

  /** Opens all tabs and all planned connections. */
  async open(): Promise<void> {
    for (const tab of this.tabs) await tab.open();
    await this.#dialAll(this.#pairs);
  }

  /** Replaces the page of a random tab, and opens the tab's connections again. */
  async replacePage(how: 'reload' | 'close' | 'back'): Promise<void> {
    const tab = this.#random.pick(this.tabs);
    await this.#recordLedgerOf(tab);
    await tab.replacePage(how);
    const pairs = this.#pairs.filter(({ ends }) => ends.some(([end]) => end === tab));
    // The new page dials, because the other pages do not know its new IDs.
    for (const pair of pairs) if (pair.ends[0]![0] !== tab) pair.ends.reverse();
    await this.#dialAll(pairs);
  }

  /** Closes a random connection at one end, and opens it again. */
  async closeOne(): Promise<void> {
    // `close({ flush: true })` is a message, which PeerJS does not read on a raw connection.
    const pair = this.#random.pick(this.#pairs.filter(({ serialization }) => serialization !== 'raw'));
    const [[tab]] = pair.ends as [[SoakTab, number]];
    await tab.soak.evaluate((page, id) => page.close(id), pair.connectionId!);
    await this.#dial(pair);
  }

  async call(from: readonly SoakTab[], to: readonly SoakTab[]): Promise<void> {
    const [caller, callee] = [this.#random.pick(from), this.#random.pick(to)];
    const ids = [caller.peerIds[0]!, callee.peerIds[0]!] as const;
    const calling = caller.soak.evaluate((page, [from, to]) => page.call(from, to), ids);
    await withinTime(`the call ${ids.join(' → ')}`, calling, OPEN_MS);
    await caller.soak.evaluate((page) => page.hangUp());
  }

  async each(action: (tab: SoakTab) => Promise<unknown>): Promise<void> {
    await Promise.all(this.tabs.map(action));
  }

  /** The totals of all present and ended pages. Correct only when nothing is in transit. */
  async totals(): Promise<Totals> {
    const reports = await Promise.all(this.tabs.map((tab) => tab.soak.evaluate((page) => page.report())));
    const entries = new Map<string, LedgerEntry[]>();
    for (const { ledger } of reports) {
      for (const entry of ledger) entries.set(entry.connectionId, [...(entries.get(entry.connectionId) ?? []), entry]);
    }
    const faults = [...this.#faultsOfEndedPages, ...reports.flatMap(({ errors }) => errors)];
    let open = 0;
    for (const [connectionId, ends] of entries) {
      faults.push(...faultsOf(ends).map((fault) => `${connectionId}: ${fault}`));
      if (ends.length === 2 && ends.every(({ state }) => state === 'open')) open += 1;
    }
    const all = [...entries.values()].flat();
    const sum = (key: 'sent' | 'received'): number => all.reduce((total, entry) => total + entry[key], 0);
    return {
      open,
      sent: sum('sent') + this.#sentByEndedPages,
      received: sum('received') + this.#receivedByEndedPages,
      faults,
    };
  }

  async close(): Promise<void> {
    await this.each((tab) => tab.close());
  }

  async #recordLedgerOf(tab: SoakTab): Promise<void> {
    const { ledger, errors } = await tab.soak.evaluate((page) => page.report());
    for (const { sent, received, fault } of ledger) {
      this.#sentByEndedPages += sent;
      this.#receivedByEndedPages += received;
      if (fault !== undefined) this.#faultsOfEndedPages.push(fault);
    }
    this.#faultsOfEndedPages.push(...errors);
  }

  async #dialAll(pairs: readonly Pair[]): Promise<void> {
    const left = [...pairs];
    const worker = async (): Promise<void> => {
      for (let pair = left.pop(); pair; pair = left.pop()) await this.#dial(pair);
    };
    await Promise.all(Array.from({ length: DIALS_AT_ONCE }, worker));
  }

  async #dial(pair: Pair): Promise<void> {
    const [[from, fromIndex], [to, toIndex]] = pair.ends as [[SoakTab, number], [SoakTab, number]];
    const dialling = [from.peerIds[fromIndex]!, to.peerIds[toIndex]!, pair.serialization] as const;
    const opening = from.soak.evaluate((page, dialling) => page.dial(...dialling), dialling);
    pair.connectionId = await withinTime(`${dialling[0]} → ${dialling[1]}`, opening, OPEN_MS);
  }
}

/** Compares the two ends of a connection. With a single end, the page at the other end has ended. */
function faultsOf(ends: readonly LedgerEntry[]): string[] {
  const faults = ends.flatMap(({ fault }) => fault ?? []);
  const [one, other] = ends;
  if (!one || !other) return faults;
  const closer = ends.find(({ isOwnClose }) => isOwnClose);
  if (!closer && ends.some(({ state }) => state === 'closed')) faults.push('closed although neither page closed it');
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    // Messages in transit to an end that closes may be lost.
    if (to.isOwnClose || from.sent === to.received) continue;
    faults.push(`${from.sent - to.received} of ${from.sent} messages lost`);
  }
  return faults;
}
