// Random choices that a seed makes repeatable.
import { seededRandom } from '../support/random-values';

/** The stream of choices that pages make, apart from those of the test process. */
export const PAGE_STREAM = 1;

export class Random {
  readonly #next: () => number;

  /**
   * The same seed, step and stream give the same numbers, whatever earlier steps used. `stream`: separates the choices
   * of the test process from the choices of a page in the same step.
   */
  constructor(seed: number, step = 0, stream = 0) {
    const mixed = Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b) ^ Math.imul(stream, 0xc2b2ae35);
    this.#next = seededRandom(mixed);
    // The first numbers of neighboring seeds are similar.
    for (let n = 0; n < 8; n++) this.#next();
  }

  /** In [0, 1). */
  readonly next = (): number => this.#next();

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  /** An integer from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items];
    return Array.from(items, () => left.splice(this.below(left.length), 1)[0]!);
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(length).map(() => this.below(256));
  }

  times<Item>(count: number, make: (index: number) => Item): Item[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }
}
