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

/** A description without a transport never has candidates gathered. */
const GATHERING_STARTS_MS = 5000;

interface Gathering extends Pick<RTCPeerConnection, 'addEventListener' | 'close' | 'iceGatheringState'> {
  setLocalDescription: (description?: RTCLocalSessionDescriptionInit) => Promise<void>;
}

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
    closeOnceCollectable(connection);
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

/**
 * Chromium 156 never collects a connection that was closed between `setLocalDescription()` and the first
 * `icegatheringstatechange`: the event that is pending keeps the connection that it is to be dispatched on, and a closed one
 * gets no events. A page that closed each connection a few milliseconds after it made it would use up all 500. So
 * `close()` waits for that event, which comes within milliseconds. Nothing is sent until then.
 */
function closeOnceCollectable(connection: Gathering): void {
  const close = connection.close.bind(connection);
  const setLocalDescription = connection.setLocalDescription.bind(connection);
  let isGatheringDue = false;
  let isClosed = false;
  connection.addEventListener('icegatheringstatechange', () => {
    isGatheringDue = false;
    if (isClosed) close();
  });
  connection.setLocalDescription = async (description?: RTCLocalSessionDescriptionInit) => {
    isGatheringDue = connection.iceGatheringState === 'new';
    try {
      await setLocalDescription(description);
    } catch (error) {
      isGatheringDue = false;
      if (isClosed) close();
      throw error;
    }
  };
  connection.close = () => {
    isClosed = true;
    if (!isGatheringDue) close();
    else setTimeout(close, GATHERING_STARTS_MS);
  };
}
