// The time that a connection has to be established. The owner calls `start` when its signals can go out, `stop` when they
// cannot, and `end` when the connection is established or closed.
import { ESTABLISHMENT_TIMEOUT_MS } from './unestablished-connections';

export class EstablishmentDeadline {
  readonly #onExpired: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasEnded = false;

  constructor(onExpired: () => void) {
    this.#onExpired = onExpired;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Gives the connection its whole time, again if it had some already. Does nothing after `end`. */
  start(): void {
    this.stop();
    if (!this.#hasEnded) this.#timer = setTimeout(this.#onExpired, ESTABLISHMENT_TIMEOUT_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.#hasEnded = true;
    this.stop();
  }
}
