// Remembers every event of a Peer or connection from its birth on, so that a test can ask for what has already
// happened as well as wait for what is to come, and never needs to guess when to listen.
import { describe } from './describe.js';

/** The part of eventemitter3 that Peer, DataConnection and their facades share. */
interface Emitter {
  on(event: string, listener: (...args: never[]) => void): unknown;
}

export interface Occurrence {
  readonly event: string;
  readonly argument: unknown;
  /** The event and its argument in words; `connection` and `call` name no argument. */
  readonly text: string;
}

const EVENTS = ['open', 'connection', 'call', 'data', 'disconnected', 'close', 'error'];

/** All that a MediaConnection can emit. */
export const CALL_EVENTS = ['stream', 'willCloseOnRemote', 'iceStateChanged', 'close', 'error'];

export class Watch {
  readonly occurrences: Occurrence[] = [];
  #waiting: (() => void)[] = [];

  constructor(emitter: Emitter, events: readonly string[]) {
    for (const event of events) {
      emitter.on(event, (...args: unknown[]) => {
        this.#add(event, args);
      });
    }
  }

  count(event: string): number {
    return this.occurrences.filter((occurrence) => occurrence.event === event).length;
  }

  async until(test: () => boolean): Promise<void> {
    while (!test()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #add(event: string, args: unknown[]): void {
    const [argument] = args;
    const hasText = args.length > 0 && event !== 'connection' && event !== 'call';
    const text = hasText ? `${event} ${describe(argument)}` : event;
    // Large messages must not pile up in the pages.
    this.occurrences.push({ event, argument: event === 'data' ? undefined : argument, text });
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

const watches = new WeakMap<object, Watch>();

/**
 * The watch of a Peer or connection; it begins with the first call. Takes any object, because PeerJS's types let `on`
 * be called with its own event names only.
 */
export function watch(emitter: object, events: readonly string[] = EVENTS): Watch {
  const known = watches.get(emitter);
  if (known) return known;
  const created = new Watch(emitter as Emitter, events);
  watches.set(emitter, created);
  return created;
}
