// Requests that wait for room. A page that ends something in one tab and asks for the next in another cannot order the two:
// they reach the host by different ports. So a request beyond a limit waits a moment for something to end before it is refused.

/**
 * How long a request waits. Two ports of one browser are apart by milliseconds, on a busy machine by some hundred; a page
 * that is truly at its limit should not wait for its error.
 */
export const ROOM_TIMEOUT_MS = 2000;
/** Requests that wait at once; further ones are refused immediately. A page that replaces what it has needs few. */
const MAX_WAITING = 32;

export interface RoomRequest {
  /** Returns why the request has no room now, in a sentence for the page's developer; undefined if it has. */
  refusal: () => string | undefined;
  /** There is room now, and the request takes it before it returns, or lets the next one have it. */
  onRoom: () => void;
  onRefused: (reason: string) => void;
}

export class RoomQueue {
  readonly #waiting = new Map<RoomRequest, ReturnType<typeof setTimeout>>();
  #isServing = false;

  /** Answers the request, perhaps before this returns. Returns how to withdraw it. */
  enter(request: RoomRequest): () => void {
    const refusal = request.refusal();
    if (refusal === undefined && this.#waiting.size === 0) request.onRoom();
    else if (refusal !== undefined && this.#waiting.size >= MAX_WAITING) request.onRefused(refusal);
    else this.#add(request);
    return () => {
      this.#remove(request);
    };
  }

  /** To be called whenever there may be room. Requests are answered soon after, so the caller's own work comes first. */
  serveSoon(): void {
    if (this.#isServing || this.#waiting.size === 0) return;
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
    this.#waiting.set(request, timer);
    this.serveSoon();
  }

  #remove(request: RoomRequest): void {
    clearTimeout(this.#waiting.get(request));
    this.#waiting.delete(request);
  }

  #serve(): void {
    for (const request of [...this.#waiting.keys()]) {
      // `onRoom` of an earlier request may have withdrawn this one.
      if (!this.#waiting.has(request)) continue;
      if (request.refusal() !== undefined) return;
      this.#remove(request);
      request.onRoom();
    }
  }
}
