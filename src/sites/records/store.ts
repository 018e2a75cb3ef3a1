// The stores for the records of `src/sites`: the browser's storage areas, or fakes in tests.

interface ReadableStore {
  /** The records under these keys, or all records (null). */
  get(keys: string[] | null): Promise<Record<string, unknown>>;
}

export interface Store extends ReadableStore {
  set(records: Record<string, unknown>): Promise<void>;
  remove(keys: string[]): Promise<void>;
}

export interface Stores {
  /** On disk. */
  local: Store;
  /** Until the browser is closed; never on disk. */
  session: Store;
  /** Set by an administrator. */
  managed: ReadableStore;
}
