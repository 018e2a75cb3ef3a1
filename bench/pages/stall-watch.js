// The longest time for which the page's main thread was not to be had.
//
// A 4 ms timer, not a MessageChannel that ticks without pause: that would take a whole core from the transfer which it
// watches, on machines of two. So the least that is ever shown is the timer's own 4 to 5 ms; nothing is subtracted.
const TICK_MS = 4;

export class StallWatch {
  #longest = 0;
  #lastTickAt = performance.now();
  #timer = setTimeout(() => this.#tick(), TICK_MS);

  /** @returns {number} milliseconds */
  stop() {
    this.#note();
    clearTimeout(this.#timer);
    return this.#longest;
  }

  #tick() {
    this.#note();
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  #note() {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#lastTickAt);
    this.#lastTickAt = now;
  }
}
