// One resource of the host that all sites share: how much of it is in use, and whether a site may have more.
import type { HostLimit } from '../../protocol/host-limits';

export class SharedBudget {
  readonly #limit: HostLimit;
  readonly #occupied: () => number;
  #taken = 0;

  /** `occupied`: how much the browser has in use, which may be more than sites have taken and not given back. */
  constructor(limit: HostLimit, occupied: () => number = () => 0) {
    this.#limit = limit;
    this.#occupied = occupied;
  }

  /** By all sites. */
  get taken(): number {
    return this.#taken;
  }

  get used(): number {
    return Math.max(this.#taken, this.#occupied());
  }

  /** Whether a site may have `own` in all, of which it has `own - more` already. */
  allows(own: number, more: number): boolean {
    const { most, reserved, modest } = this.#limit;
    return this.used + more <= (own <= modest ? most : most - reserved);
  }

  /** Negative: gives back. */
  take(amount: number): void {
    this.#taken += amount;
  }
}
