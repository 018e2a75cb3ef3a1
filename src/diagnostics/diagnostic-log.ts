// The log of one context (background or host), in memory. Each context creates one and hands its loggers to whoever has
// something to report; nothing here is global. Keeps events only in the words of vocabulary.ts. Callers must not log
// for each message or frame: an entry costs some ten microseconds.
//
// Nobody can push out everything else: each logger has a share of its own, alike events share an entry, and a full share
// loses the oldest entry of the site that has the most.
import type { DiagnosticEntries, DiagnosticEntry, Level } from '../protocol/diagnostics';
import { errorFacts } from './error-facts';
import { allowed, FIELDS, type FieldName, type Fields, type KeyOf, type LoggerName } from './vocabulary';

/** Entries of each logger. An entry has 1 KiB at most as JSON, so a whole log stays below 1 MiB, and mostly below 100 KiB. */
export const MAX_ENTRIES = 64;
/** The fifth event that is alike joins the entry of the fourth: the first ones show how it came about. */
export const MAX_ALIKE = 4;
/** Sites that get numbers. */
export const MAX_SITES = 64;

interface LoggedSite {
  origin: string;
  isPrivate: boolean;
}

/** `site` is replaced by its number, `error` by its name and the places in our files. */
export type Given = { [Name in Exclude<FieldName, 'site' | 'error' | 'stack'>]?: Fields[Name] | undefined } & {
  site?: LoggedSite | undefined;
  error?: unknown;
};

/** Entries with the same `likeness` are alike. */
interface Kept {
  entry: DiagnosticEntry;
  likeness: string;
}

/** docs/logging.md says which level is for what. */
export type Logger<Name extends LoggerName> = Record<Level, (key: KeyOf<Name>, fields?: Given) => void>;

export class DiagnosticLog {
  readonly #now: () => number;
  readonly #shares = new Map<LoggerName, Kept[]>();
  /** Origins, by their number less 1. */
  readonly #sites: string[] = [];

  /** `now`: milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  logger<Name extends LoggerName>(name: Name): Logger<Name> {
    const at =
      (level: Level) =>
      (key: KeyOf<Name>, fields: Given = {}): void =>
        this.#add(name, level, key, this.#cleaned(fields));
    return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
  }

  /** A copy. */
  read(): DiagnosticEntries {
    const entries = [...this.#shares.values()].flat().map(({ entry }) => ({ ...entry, fields: { ...entry.fields } }));
    return { entries: entries.sort((a, b) => a.lastAt - b.lastAt), sites: [...this.#sites] };
  }

  #add(logger: LoggerName, level: Level, key: string, fields: Fields): void {
    const share = this.#shares.get(logger) ?? [];
    this.#shares.set(logger, share);
    const now = this.#now();
    const entry: DiagnosticEntry = { logger, level, key, at: now, lastAt: now, count: 1, fields };
    const likeness = likenessOf(entry);
    const alike = share.filter((kept) => kept.likeness === likeness);
    const last = alike.at(-1);
    if (last && alike.length >= MAX_ALIKE) {
      share.splice(share.indexOf(last), 1);
      share.push({ entry: { ...entry, at: last.entry.at, count: last.entry.count + 1 }, likeness });
      return;
    }
    if (share.length >= MAX_ENTRIES) share.splice(victimOf(share), 1);
    share.push({ entry, likeness });
  }

  #cleaned({ site, error, ...others }: Given): Fields {
    const own = Object.entries(others).flatMap(([name, value]) => {
      if (!Object.hasOwn(FIELDS, name)) return [];
      const clean = allowed(name as FieldName, value);
      return clean === undefined ? [] : [[name, clean] as const];
    });
    return {
      ...(site && { site: this.#numberOf(site) }),
      ...Object.fromEntries(own),
      ...(error !== undefined && errorFacts(error)),
    };
  }

  /** Sites in private windows get none: their names must go with the last private window. */
  #numberOf({ origin, isPrivate }: LoggedSite): number {
    if (isPrivate) return 0;
    const known = this.#sites.indexOf(origin) + 1;
    if (known > 0 || this.#sites.length >= MAX_SITES) return known;
    return this.#sites.push(origin);
  }
}

/** Numbers other than the site's do not count: they differ with every event. */
function likenessOf({ level, key, fields }: DiagnosticEntry): string {
  const words = Object.entries(fields).filter(([name, value]) => name === 'site' || typeof value !== 'number');
  return JSON.stringify([level, key, words]);
}

/** The oldest entry of the site that has the most entries. Entries about no site count as those of one site. */
function victimOf(share: readonly Kept[]): number {
  const counts = new Map<unknown, number>();
  for (const { entry } of share) counts.set(entry.fields.site, (counts.get(entry.fields.site) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return share.findIndex(({ entry }) => counts.get(entry.fields.site) === most);
}
