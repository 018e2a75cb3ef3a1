// A storage area in memory. Like the browser's, it copies values on read and write, so callers never share an object with it.
import type { Store } from '../../../src/sites/records/store';

export class MemoryStore implements Store {
  records: Record<string, unknown>;
  /** The key of each write, in order. */
  readonly writes: string[] = [];

  constructor(records: Record<string, unknown> = {}) {
    this.records = structuredClone(records);
  }

  async get(keys: string[] | null): Promise<Record<string, unknown>> {
    const wanted = Object.entries(this.records).filter(([key]) => keys === null || keys.includes(key));
    return structuredClone(Object.fromEntries(wanted));
  }

  async set(records: Record<string, unknown>): Promise<void> {
    this.writes.push(...Object.keys(records));
    this.records = { ...this.records, ...structuredClone(records) };
  }

  async remove(keys: string[]): Promise<void> {
    this.records = Object.fromEntries(Object.entries(this.records).filter(([key]) => !keys.includes(key)));
  }
}
