// Measures the longest time for which the page's main thread was blocked.
//
// It uses a 4 ms timer instead of a MessageChannel that ticks without a pause, which would take a whole core, one of only two on
// some machines, from the transfer. So the smallest possible result is the timer's own 4 to 5 ms. Nothing is subtracted.
const TICK_MS = 4;

export class StallWatch {
  #longest = 0;
  #lastTickAt = performance.now();
  #timer = setTimeout(() => this.#tick(), TICK_MS);

  /** @returns {number} milliseconds */
  stop() {
    this.#record();
    clearTimeout(this.#timer);
    return this.#longest;
  }

  #tick() {
    this.#record();
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  #record() {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#lastTickAt);
    this.#lastTickAt = now;
  }
}
