// A clock that the test moves, with tasks that run when the test says so.
import type { OutboxClock } from '../../../src/engine/connection/page-outbox';

export class FakeOutboxClock implements OutboxClock {
  /** Milliseconds that pass between one look at the clock and the next. */
  step: number;
  #time = 0;
  #tasks: { task: () => void; delayMs: number }[] = [];

  constructor({ step = 10 } = {}) {
    this.step = step;
  }

  readonly now = (): number => (this.#time += this.step);

  readonly later = (task: () => void, delayMs: number): void => void this.#tasks.push({ task, delayMs });

  /** How many tasks wait. */
  get waiting(): number {
    return this.#tasks.length;
  }

  /** How long each of them was to wait, milliseconds. */
  get delays(): number[] {
    return this.#tasks.map(({ delayMs }) => delayMs);
  }

  run(): void {
    for (const { task } of this.#tasks.splice(0)) task();
  }
}
