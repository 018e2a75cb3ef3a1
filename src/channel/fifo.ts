// First in, first out, at a constant price: `Array.shift` moves the whole array, which for a hundred thousand waiting
// messages takes seconds.

/** Taken items that are kept before the array is cut. */
const MAX_TAKEN = 1024;

export class Fifo<Item> {
  #items: Item[] = [];
  #taken = 0;

  get length(): number {
    return this.#items.length - this.#taken;
  }

  /** The next item to be taken. */
  get head(): Item | undefined {
    return this.#items[this.#taken];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#taken];
    this.#items[this.#taken++] = undefined as never;
    if (this.#taken >= MAX_TAKEN && this.#taken * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }

  /** Takes all. */
  drain(): Item[] {
    const items = this.#items.slice(this.#taken);
    this.#items = [];
    this.#taken = 0;
    return items;
  }
}
