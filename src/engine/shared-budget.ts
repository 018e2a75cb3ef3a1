// One resource of the host that all sites share: how much of it is in use, and whether a site may have more.
import type { HostLimit } from '../protocol/host-limits';

export class SharedBudget {
  readonly #limit: HostLimit;
  #used = 0;

  constructor(limit: HostLimit) {
    this.#limit = limit;
  }

  /** By all sites. */
  get used(): number {
    return this.#used;
  }

  /** Whether a site may have `own` in all, of which it has `own - more` already. */
  allows(own: number, more: number): boolean {
    const { most, reserved, modest } = this.#limit;
    return this.#used + more <= (own <= modest ? most : most - reserved);
  }

  /** Negative: gives back. */
  take(amount: number): void {
    this.#used += amount;
  }
}
