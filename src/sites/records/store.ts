// What the rules of this folder keep their records in: the storage areas of the browser, or fakes of them.

interface ReadableStore {
  /** The records under these keys, or all of them. */
  get(keys: string[] | null): Promise<Record<string, unknown>>;
}

export interface Store extends ReadableStore {
  set(records: Record<string, unknown>): Promise<void>;
  remove(keys: string[]): Promise<void>;
}

export interface Stores {
  /** Lasts. */
  local: Store;
  /** Lasts as long as the browser runs, and is never written to disk. */
  session: Store;
  /** What an administrator has set. */
  managed: ReadableStore;
}
