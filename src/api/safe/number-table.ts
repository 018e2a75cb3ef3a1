// Tables by number that work whatever a page has done to Map: objects without prototype.

export type NumberTable<Item> = Record<number, Item>;

export function numberTable<Item>(): NumberTable<Item> {
  return { __proto__: null } as unknown as NumberTable<Item>;
}

/** The items, in a new array. */
export function itemsOf<Item>(items: NumberTable<Item>): Item[] {
  const list: Item[] = [];
  for (const key in items) list[list.length] = items[key]!;
  return list;
}
