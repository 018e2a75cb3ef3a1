import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../src/origin/site-settings';

describe('parseSettings', () => {
  it.each(['hosted', 'direct'] as const)('reads the route %s', (callRoute) => {
    expect(parseSettings({ callRoute, other: 1 })).toEqual({ callRoute });
  });

  it.each([
    undefined,
    null,
    'direct',
    1,
    {},
    { callRoute: undefined },
    { callRoute: 'relay' },
    { callRoute: ['direct'] },
  ])('takes %j for nothing that is set', (record) => {
    expect(parseSettings(record)).toEqual({});
  });
});
