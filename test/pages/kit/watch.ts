// Records every event of a Peer or connection from the start, so that a test can look at past events and wait for future ones
// without having to listen in time.
import { describe } from './describe.js';

/** The part of eventemitter3 that Peer, DataConnection and their facades share. */
interface Emitter {
  on(event: string, listener: (...args: never[]) => void): unknown;
}

export interface Occurrence {
  readonly event: string;
  readonly argument: unknown;
  /** The event and its described argument; the event alone for `connection` and `call`. */
  readonly text: string;
}

const EVENTS = ['open', 'connection', 'call', 'data', 'disconnected', 'close', 'error'];

/** All events of a MediaConnection. */
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
    // Messages are not kept, because large ones would fill the page's memory.
    this.occurrences.push({ event, argument: event === 'data' ? undefined : argument, text });
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

const watches = new WeakMap<object, Watch>();

/**
 * The watch of a Peer or connection, which starts with the first call of this function. Takes any object, because PeerJS's types
 * allow `on` only for PeerJS's own event names.
 */
export function watch(emitter: object, events: readonly string[] = EVENTS): Watch {
  const known = watches.get(emitter);
  if (known) return known;
  const created = new Watch(emitter as Emitter, events);
  watches.set(emitter, created);
  return created;
}
