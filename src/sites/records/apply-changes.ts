// Changes members of a stored record.

/** A null removes a member. Members that `change` does not name stay. */
export function applyChanges(kept: object, change: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...kept, ...change }).filter(([, value]) => value !== null));
}
