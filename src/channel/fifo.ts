// First in, first out, at a constant price: `Array.shift` moves the whole array, which for a hundred thousand waiting
// messages takes seconds. Uses no method of arrays, because it also runs in pages, which may have replaced them.

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
    this.#items[this.#items.length] = item;
  }

  shift(): Item | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#taken];
    this.#items[this.#taken++] = undefined as never;
    if (this.#taken >= MAX_TAKEN && this.#taken * 2 >= this.#items.length) this.#keep(this.#rest());
    return item;
  }

  /** Takes all. */
  drain(): Item[] {
    const items = this.#rest();
    this.#keep([]);
    return items;
  }

  #rest(): Item[] {
    const rest: Item[] = [];
    for (let index = this.#taken; index < this.#items.length; index++) rest[rest.length] = this.#items[index]!;
    return rest;
  }

  #keep(items: Item[]): void {
    this.#items = items;
    this.#taken = 0;
  }
}
