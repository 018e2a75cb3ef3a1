import { describe, expect, it } from 'vitest';
import { isNestedTooDeep } from '../../../src/protocol/nesting';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('isNestedTooDeep', () => {
  it.each([
    ['arrays at the limit', nested(5), false],
    ['arrays beyond the limit', nested(6), true],
    ['objects beyond the limit', '{"a":'.repeat(6) + '1' + '}'.repeat(6), true],
    ['alternating arrays and objects beyond the limit', '[{"a":'.repeat(3) + '1' + '}]'.repeat(3), true],
    ['many arrays side by side', `[${new Array(100).fill('[[]]').join(',')}]`, false],
    ['brackets in a string', JSON.stringify('['.repeat(100)), false],
    ['brackets after an escaped quote', JSON.stringify(`"${'['.repeat(100)}`), false],
    ['brackets after a string that ends in a backslash', `["\\\\",${nested(6)}]`, true],
    ['brackets in a key', JSON.stringify({ ['{'.repeat(100)]: 1 }), false],
    ['truncated text beyond the limit', '['.repeat(6), true],
    ['no brackets', '123', false],
    ['an empty text', '', false],
  ])('for %s: $2', (_, json, expected) => {
    expect(isNestedTooDeep(json, 5)).toBe(expected);
  });
});
