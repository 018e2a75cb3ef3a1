// RTCPeerConnections that exist, open or closed. Chromium allows 500 in one process and counts closed ones until they are
// collected as garbage, which an idle process puts off for half a minute: a page that connects and closes in a loop would
// leave no other page any. So they count as in use until then, and the browser is given a reason to collect them.

/** Closed ones that are left to the browser. One site closes as many in a moment where a page with many connections ends. */
const MAX_CLOSED = 64;

/**
 * Chromium collects when buffers have been made of some hundred MiB since the last time; of buffers that nobody writes to,
 * it never maps a page. In Chromium 156 this collected 450 closed connections within 0.2 s. Firefox does not collect by
 * this, and allows as many connections as there is memory for.
 */
const BUFFER_BYTES = 32 * 1024 * 1024;
const BUFFERS = 8;
/** What was closed during a collection is left to the next. */
const NEXT_COLLECTION_MS = 250;

export class UncollectedConnections {
  readonly #collections = new FinalizationRegistry<undefined>(() => {
    this.#count -= 1;
    this.onCollected();
  });
  #count = 0;
  #isCollecting = false;
  #open = 0;
  /** All until the last is made: those that are dropped at once go with the young objects, and nothing else does. */
  #buffers: ArrayBuffer[] = [];
  /** A connection no longer exists. */
  onCollected: () => void = () => undefined;

  /** Open and closed ones. */
  get count(): number {
    return this.#count;
  }

  add<Connection extends RTCPeerConnection>(connection: Connection): Connection {
    this.#collections.register(connection, undefined);
    this.#count += 1;
    return connection;
  }

  /** Has closed connections collected where there are many; `open`: how many of them all are in use. */
  collect(open: number): void {
    this.#open = open;
    if (this.#isCollecting || this.#count - open <= MAX_CLOSED) return;
    this.#isCollecting = true;
    this.#makeBuffers(BUFFERS);
  }

  /** One in a task, because objects that the current task has touched are not collected. */
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
