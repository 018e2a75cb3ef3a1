// What the rules of this folder keep their records in: the two storage areas of the browser, or fakes of them.

export interface Store {
  /** The records under these keys, or all of them. */
  get(keys: string[] | null): Promise<Record<string, unknown>>;
  set(records: Record<string, unknown>): Promise<void>;
  remove(keys: string[]): Promise<void>;
}

export interface Stores {
  /** Lasts. */
  local: Store;
  /** Lasts as long as the browser runs, and is never written to disk. */
  session: Store;
}
