import { describe, expect, it } from 'vitest';
import { itemsOf, numberTable } from '../../../../src/api/safe/number-table';

describe('numberTable', () => {
  it('starts empty', () => {
    const items = numberTable<string>() as Record<string, unknown>;
    expect(['toString' in items, 'constructor' in items, itemsOf(items)]).toEqual([false, false, []]);
  });

  it('lists its items, also those with negative numbers', () => {
    const items = numberTable<string>();
    items[2] = 'two';
    items[-1] = 'minus one';
    items[1] = 'one';
    delete items[2];
    expect(itemsOf(items)).toEqual(['one', 'minus one']);
  });

  it('lists items in a new array', () => {
    const items = numberTable<string>();
    items[1] = 'one';
    const list = itemsOf(items);
    delete items[1];
    expect(list).toEqual(['one']);
  });

  it('has no item under a name that a page added to Object.prototype', () => {
    const prototype = Object.prototype as unknown as Record<number, unknown>;
    prototype[5] = 'the page’s';
    const items = numberTable<unknown>();
    const found = items[5];
    delete prototype[5];
    expect(found).toBeUndefined();
  });
});
