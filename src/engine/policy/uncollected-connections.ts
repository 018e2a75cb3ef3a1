// Counts the RTCPeerConnections that exist, open or closed. Chromium allows 500 per process and counts closed ones
// until they are garbage-collected, which an idle process delays for half a minute. A page that connects and closes in
// a loop could thus use up the connections of all pages. Closed connections therefore count as in use until they are
// collected, and this class provokes a collection when there are many. The owner must pass each new connection to
// `add`, and call `collect` after connections have been closed.
import { closeWhenSettled } from './settled-close';

/** At most this many closed connections do not provoke a collection: a page with many closes as many when it ends. */
const MAX_CLOSED = 64;

/**
 * Chromium collects garbage after some hundred MiB of new buffers. Buffers that nobody writes to use no real memory. In
 * Chromium 156 this collected 450 closed connections within 0.2 s. It has no effect in Firefox, which limits
 * connections by memory only.
 */
const BUFFER_BYTES = 32 * 1024 * 1024;
const BUFFERS = 8;
/** When to check again, for connections that were closed during the collection. */
const NEXT_COLLECTION_MS = 250;

export class UncollectedConnections {
  readonly #collections = new FinalizationRegistry<undefined>(() => {
    this.#count -= 1;
    this.onCollected();
  });
  #count = 0;
  #isCollecting = false;
  #open = 0;
  /**
   * Keeps all buffers until the last one is made: dropped at once, they would only cause a collection of young objects.
   */
  #buffers: ArrayBuffer[] = [];
  /** Called for each connection that was collected. */
  onCollected: () => void = () => undefined;

  /** Open and closed connections. */
  get count(): number {
    return this.#count;
  }

  add<Connection extends RTCPeerConnection>(connection: Connection): Connection {
    this.#collections.register(connection, undefined);
    this.#count += 1;
    closeWhenSettled(connection);
    return connection;
  }

  /** Provokes a garbage collection if many connections are closed. `open`: how many are in use. */
  collect(open: number): void {
    this.#open = open;
    if (this.#isCollecting || this.#count - open <= MAX_CLOSED) return;
    this.#isCollecting = true;
    this.#makeBuffers(BUFFERS);
  }

  /** Makes one buffer per task, because objects that the current task has used are not collected. */
  #makeBuffers(count: number): void {
    if (count === 0) {
      this.#buffers = [];
      setTimeout(() => {
        this.#isCollecting = false;
        this.collect(this.#open);
      }, NEXT_COLLECTION_MS);
      return;
    }
    this.#buffers.push(new ArrayBuffer(BUFFER_BYTES));
    setTimeout(() => {
      this.#makeBuffers(count - 1);
    });
  }
}
