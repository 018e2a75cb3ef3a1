// Tables with numbers as keys: objects without a prototype, because a page may have patched Map.

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
