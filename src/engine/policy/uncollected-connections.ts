// Counts the RTCPeerConnections that exist, open or closed. Chromium allows 500 per process and counts closed ones
// until they are garbage-collected, which an idle process delays for half a minute. A page that connects and closes in
// a loop could thus use up the connections of all pages. Closed connections therefore count as in use until they are
// collected, and this class provokes a collection when there are many. The owner must pass each new connection to
// `add`, and call `collect` after connections have been closed.

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

/** `close()` waits this long for gathering to begin. With a description that has no transport, it never begins. */
const GATHERING_STARTS_MS = 5000;

interface GatheringConnection extends Pick<RTCPeerConnection, 'addEventListener' | 'close' | 'iceGatheringState'> {
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
    closeOnceCollectable(connection);
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

/**
 * Chromium 156 never collects a connection that was closed between `setLocalDescription()` and the first
 * `icegatheringstatechange`: the pending event keeps its connection alive, and a closed connection never gets the
 * event. A page that closed each connection a few milliseconds after making it would use up all 500. `close()`
 * therefore waits for the event, which comes within milliseconds. The connection sends nothing before the event.
 */
function closeOnceCollectable(connection: GatheringConnection): void {
  const close = connection.close.bind(connection);
  const setLocalDescription = connection.setLocalDescription.bind(connection);
  let isGatheringDue = false;
  let isClosed = false;
  connection.addEventListener('icegatheringstatechange', () => {
    isGatheringDue = false;
    // In a separate task, because the next event may already be pending.
    if (isClosed) setTimeout(close);
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
