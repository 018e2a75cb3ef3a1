import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../../src/sites/policy/site-settings';

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
  ])('reads no settings from %j', (record) => {
    expect(parseSettings(record)).toEqual({});
  });
});
