// A kept record after some of its members were changed.

/** A null takes a member out; the others stay. */
export function applyChanges(kept: object, change: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...kept, ...change }).filter(([, value]) => value !== null));
}
