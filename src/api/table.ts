// Tables by number that work whatever a page has done to Map: objects without prototype.

export type Table<Item> = Record<number, Item>;

export function table<Item>(): Table<Item> {
  return { __proto__: null } as unknown as Table<Item>;
}

/** The items, in a new array. */
export function itemsOf<Item>(items: Table<Item>): Item[] {
  const list: Item[] = [];
  for (const key in items) list[list.length] = items[key]!;
  return list;
}
