// A first-in, first-out queue with constant cost for each item: `Array.shift` moves the whole array, which takes seconds
// for a hundred thousand queued messages. Calls no array methods, because it also runs in pages, which may have replaced
// them.

/** Slots of taken items that may pile up before the array is shortened. */
const MAX_TAKEN = 1024;

export class Fifo<Item> {
  #items: Item[] = [];
  #taken = 0;

  get length(): number {
    return this.#items.length - this.#taken;
  }

  /** The next item, which stays in the queue. */
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

  /** Takes all items. */
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
