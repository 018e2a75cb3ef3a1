import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../../src/sites/policy/site-settings';

describe('parseSettings', () => {
  it.each(['hosted', 'direct'] as const)('reads the route %s', (callRoute) => {
    expect(parseSettings({ callRoute, other: 1 })).toEqual({ callRoute });
  });

  it('reads a setting under its former name, unless it has the present one too', () => {
    expect(parseSettings({ freshId: true, calls: false })).toEqual({ keepId: false, calls: false });
    expect(parseSettings({ freshId: false })).toEqual({ keepId: true });
    expect(parseSettings({ freshId: true, keepId: true })).toEqual({ keepId: true });
    expect(parseSettings({ freshId: 'yes' })).toEqual({});
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
