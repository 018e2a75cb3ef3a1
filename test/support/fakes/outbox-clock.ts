// A clock that the test moves, with tasks that the test runs.
import type { OutboxClock } from '../../../src/engine/connection/page-outbox';

export class FakeOutboxClock implements OutboxClock {
  /** Milliseconds that pass between two reads of the clock. */
  step: number;
  #time = 0;
  #tasks: { task: () => void; delayMs: number }[] = [];

  constructor({ step = 10 } = {}) {
    this.step = step;
  }

  readonly now = (): number => (this.#time += this.step);

  readonly later = (task: () => void, delayMs: number): void => void this.#tasks.push({ task, delayMs });

  /** The number of queued tasks. */
  get waiting(): number {
    return this.#tasks.length;
  }

  /** The delay of each queued task, milliseconds. */
  get delays(): number[] {
    return this.#tasks.map(({ delayMs }) => delayMs);
  }

  run(): void {
    for (const { task } of this.#tasks.splice(0)) task();
  }
}
