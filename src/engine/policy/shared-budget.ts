// The budget of one resource of the host that all sites share. Callers must report every change by `take`.
import type { HostLimit } from '../../protocol/host-limits';

export class SharedBudget {
  readonly #limit: HostLimit;
  readonly #occupied: () => number;
  #taken = 0;

  /** `occupied`: the browser's own usage, which may exceed what sites have taken. */
  constructor(limit: HostLimit, occupied: () => number = () => 0) {
    this.#limit = limit;
    this.#occupied = occupied;
  }

  /** Taken by all sites and not given back. */
  get taken(): number {
    return this.#taken;
  }

  get used(): number {
    return Math.max(this.#taken, this.#occupied());
  }

  /** Whether a site may take `more`, so that it has `own` in total. */
  allows(own: number, more: number): boolean {
    const { most, reserved, modest } = this.#limit;
    return this.used + more <= (own <= modest ? most : most - reserved);
  }

  /** A negative amount gives back. */
  take(amount: number): void {
    this.#taken += amount;
  }
}
