// The log of prompts and decisions for the user. Contains nothing about private windows.
import * as v from 'valibot';
import type { LogEntry, SiteLogEntry } from '../protocol/ui-messages';
import type { PlacedSite } from './records/record-keys';
import { siteNameMembers } from './records/site-schema';
import type { Store } from './records/store';
import type { WriteQueue } from './records/write-queue';

/** The key of the stored log, oldest entry first. */
export const LOG_KEY = 'log';

/** Some 60 kB. Nobody looks up older entries. */
export const MAX_ENTRIES = 500;

const MAX_LABEL_LENGTH = 1024;

/** The latest moment of a Date, milliseconds since the epoch. */
export const LATEST_MOMENT = 8.64e15;

const at = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(LATEST_MOMENT));

const siteLogEntry = v.strictObject({
  ...siteNameMembers,
  at,
  what: v.picklist([
    'asked',
    'allowed',
    'allowed-for-tab',
    'blocked',
    'dismissed',
    'muted',
    'changed',
    'forgotten',
    'renewed',
  ]),
  server: v.optional(v.pipe(v.string(), v.maxLength(MAX_LABEL_LENGTH))),
});

export const logEntry = v.variant('what', [siteLogEntry, v.strictObject({ at, what: v.literal('imported') })]);

export class SiteLog {
  readonly #local: Store;
  readonly #now: () => number;
  readonly #writes: WriteQueue;

  /** `writes`: the queue for all writes to `local`. */
  constructor(local: Store, now: () => number, writes: WriteQueue) {
    this.#local = local;
    this.#now = now;
    this.#writes = writes;
  }

  async add(
    { origin, ancestors, topOrigin, isPrivate }: PlacedSite,
    what: SiteLogEntry['what'],
    server?: string,
  ): Promise<void> {
    if (isPrivate) return;
    const entry: SiteLogEntry = {
      origin,
      ...(ancestors && { ancestors }),
      ...(topOrigin && { topOrigin }),
      at: this.#now(),
      what,
      ...(server && { server }),
    };
    await this.#writes.run(async () => {
      const entries = parseLog((await this.#local.get([LOG_KEY]))[LOG_KEY]);
      await this.#local.set({ [LOG_KEY]: [...entries, entry].slice(-MAX_ENTRIES) });
    });
  }

  /** Newest first. */
  async all(): Promise<LogEntry[]> {
    return parseLog((await this.#local.get([LOG_KEY]))[LOG_KEY]).reverse();
  }
}

/** The valid entries of the stored record. */
export function parseLog(record: unknown): LogEntry[] {
  const entries = Array.isArray(record) ? (record as unknown[]) : [];
  return entries.filter((entry): entry is LogEntry => v.is(logEntry, entry));
}

/** All members of an entry, to compare entries whatever their order of members. */
const IN_ORDER = ['at', 'what', 'origin', 'ancestors', 'topOrigin', 'server'] satisfies (keyof SiteLogEntry)[];

/** Appends the import's own entry: it comes last, whatever dates the file has. */
export function withImport(entries: readonly LogEntry[], at: number): LogEntry[] {
  return [...entries, { at, what: 'imported' } as const].slice(-MAX_ENTRIES);
}

/** Merges two logs by time, each entry once. */
export function mergedLog(one: readonly LogEntry[], other: readonly LogEntry[]): LogEntry[] {
  const byText = new Map([...one, ...other].map((entry) => [JSON.stringify(entry, IN_ORDER), entry]));
  return [...byText.values()].sort((a, b) => a.at - b.at).slice(-MAX_ENTRIES);
}
