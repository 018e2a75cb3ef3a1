import { describe, expect, it } from 'vitest';
import { isNestedTooDeep } from '../../../src/protocol/nesting';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('isNestedTooDeep', () => {
  it.each([
    ['arrays at the limit', nested(5), false],
    ['arrays beyond it', nested(6), true],
    ['objects beyond it', '{"a":'.repeat(6) + '1' + '}'.repeat(6), true],
    ['arrays and objects in turn', '[{"a":'.repeat(3) + '1' + '}]'.repeat(3), true],
    ['many beside one another', `[${new Array(100).fill('[[]]').join(',')}]`, false],
    ['brackets in a string', JSON.stringify('['.repeat(100)), false],
    ['brackets after an escaped quote', JSON.stringify(`"${'['.repeat(100)}`), false],
    ['brackets after a string that ends in a backslash', `["\\\\",${nested(6)}]`, true],
    ['brackets in a key', JSON.stringify({ ['{'.repeat(100)]: 1 }), false],
    ['a text that is cut off', '['.repeat(6), true],
    ['no brackets', '123', false],
    ['nothing', '', false],
  ])('reads %s', (_, json, expected) => {
    expect(isNestedTooDeep(json, 5)).toBe(expected);
  });
});
