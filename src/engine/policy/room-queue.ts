// Queues requests beyond a limit for a moment before it refuses them. A page that ends a connection in one tab and asks
// for the next in another cannot order the two messages, because they reach the host by different ports.

/**
 * How long a request waits. Messages of two ports are milliseconds apart, some hundred on a busy machine; a page that
 * is really at its limit should get its error soon.
 */
export const ROOM_TIMEOUT_MS = 2000;
/** Requests queued at once; further ones are refused immediately. A page that replaces its connections needs few. */
const MAX_QUEUED = 32;

export interface RoomRequest {
  /** Returns a sentence for the page's developer if there is no room now; undefined if there is. */
  refusal: () => string | undefined;
  /** There is room now. The callee takes it before it returns, or leaves it to the next request. */
  onRoom: () => void;
  onRefused: (reason: string) => void;
}

export class RoomQueue {
  readonly #queued = new Map<RoomRequest, ReturnType<typeof setTimeout>>();
  #isServing = false;

  /** Answers the request now or later. Returns a function that withdraws it. */
  enter(request: RoomRequest): () => void {
    const refusal = request.refusal();
    if (refusal === undefined && this.#queued.size === 0) request.onRoom();
    else if (refusal !== undefined && this.#queued.size >= MAX_QUEUED) request.onRefused(refusal);
    else this.#add(request);
    return () => {
      this.#remove(request);
    };
  }

  /** Call when there may be room. Answers requests in a microtask, so that the caller finishes first. */
  serveSoon(): void {
    if (this.#isServing || this.#queued.size === 0) return;
    this.#isServing = true;
    queueMicrotask(() => {
      this.#isServing = false;
      this.#serve();
    });
  }

  #add(request: RoomRequest): void {
    const timer = setTimeout(() => {
      this.#remove(request);
      const refusal = request.refusal();
      if (refusal === undefined) request.onRoom();
      else request.onRefused(refusal);
    }, ROOM_TIMEOUT_MS);
    this.#queued.set(request, timer);
    this.serveSoon();
  }

  #remove(request: RoomRequest): void {
    clearTimeout(this.#queued.get(request));
    this.#queued.delete(request);
  }

  #serve(): void {
    for (const request of [...this.#queued.keys()]) {
      // An earlier request's `onRoom` may have withdrawn this one.
      if (!this.#queued.has(request)) continue;
      if (request.refusal() !== undefined) return;
      this.#remove(request);
      request.onRoom();
    }
  }
}
