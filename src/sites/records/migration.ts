// Gives settings that an earlier version of Peerport wrote their present names. This file owns every former name; the
// rest of the code knows only present ones. Each way into Peerport passes here before anything reads a setting:
//  - the lasting store: wrap it in `MigratedStore`, and read and write only through the wrapper;
//  - an imported file: `migratedBackup`;
//  - an administrator's policy, which keeps its former names for as long as the administrator likes: `migratedManaged`.
// The session store needs no step, because browsers clear it when they update an extension.
//
// A value that the former version would have ignored keeps its former name, so readers ignore or refuse it as unknown.
// If a record has a setting under both names, the present name counts.
import type { Store } from './store';

/** The version of the names in stored records and exported files. Version 1 had the former names below. */
export const RECORDS_VERSION = 2;

/** The key of the version in the lasting store. Absent in version 1. */
const VERSION_KEY = 'version';

/** The keys under which version 1 stored settings. */
const POLICY_KEY = 'policy';
const SETTINGS_PREFIX = 'settings:';

type Members = Record<string, unknown>;

interface FormerName {
  former: string;
  present: string;
  /** The present value; undefined if the former value is invalid. */
  convert: (value: unknown) => unknown;
}

const FORMER_KEEP_CONNECTIONS: FormerName = {
  former: 'keepLinks',
  present: 'keepConnections',
  convert: (value) => (typeof value === 'boolean' ? value : undefined),
};

const IN_SETTINGS: readonly FormerName[] = [
  FORMER_KEEP_CONNECTIONS,
  // The opposite of “keep an ID”.
  { former: 'freshId', present: 'keepId', convert: (value) => (typeof value === 'boolean' ? !value : undefined) },
];

const IN_LIMITS: readonly FormerName[] = [
  { former: 'heldBytes', present: 'queuedBytes', convert: (value) => (typeof value === 'number' ? value : undefined) },
];

/** The lasting store in its present form. Every read and write first waits for the one migration of this store. */
export class MigratedStore implements Store {
  readonly #store: Store;
  #migration: Promise<void> | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Leaves out the version, which is no record of a site or setting. */
  async get(keys: string[] | null): Promise<Record<string, unknown>> {
    await this.#migrated();
    const { [VERSION_KEY]: _version, ...records } = await this.#store.get(keys);
    return records;
  }

  async set(records: Record<string, unknown>): Promise<void> {
    await this.#migrated();
    await this.#store.set(records);
  }

  async remove(keys: string[]): Promise<void> {
    await this.#migrated();
    await this.#store.remove(keys);
  }

  /** A later call tries again if the store could not be read or written. */
  #migrated(): Promise<void> {
    this.#migration ??= this.#migrate().catch((cause: unknown) => {
      this.#migration = undefined;
      throw cause;
    });
    return this.#migration;
  }

  /** Writes all records in one step, so that an end of the background leaves either version whole. */
  async #migrate(): Promise<void> {
    const { [VERSION_KEY]: version } = await this.#store.get([VERSION_KEY]);
    if (version === RECORDS_VERSION) return;
    const migrated = Object.entries(await this.#store.get(null)).flatMap(([key, record]): [string, unknown][] => {
      const present = migratedRecord(key, record);
      return present === record ? [] : [[key, present]];
    });
    await this.#store.set({ ...Object.fromEntries(migrated), [VERSION_KEY]: RECORDS_VERSION });
  }
}

function migratedRecord(key: string, record: unknown): unknown {
  if (key === POLICY_KEY) return migratedPolicy(record);
  return key.startsWith(SETTINGS_PREFIX) ? migratedSettings(record) : record;
}

/** An exported file's contents, unchecked. Returns a file of the present version unchanged. */
export function migratedBackup(file: Members): Members {
  if (file.version !== 1) return file;
  const { policy, sites } = file;
  return {
    ...file,
    version: RECORDS_VERSION,
    ...('policy' in file && { policy: migratedPolicy(policy) }),
    ...(Array.isArray(sites) && { sites: sites.map(migratedSite) }),
  };
}

function migratedSite(site: unknown): unknown {
  if (!isMembers(site) || !('settings' in site)) return site;
  return { ...site, settings: migratedSettings(site.settings) };
}

/** The records of the managed store, unchecked. An entry about a site has the site's settings as its own members. */
export function migratedManaged(records: unknown): unknown {
  const policy = migratedPolicy(records);
  if (!isMembers(policy) || !Array.isArray(policy.sites)) return policy;
  return { ...policy, sites: policy.sites.map(migratedSettings) };
}

function migratedPolicy(record: unknown): unknown {
  const policy = renamed(record, [FORMER_KEEP_CONNECTIONS]);
  if (!isMembers(policy)) return policy;
  const limits = renamed(policy.limits, IN_LIMITS);
  return limits === policy.limits ? policy : { ...policy, limits };
}

function migratedSettings(record: unknown): unknown {
  return renamed(record, IN_SETTINGS);
}

/** The record under its present names; the same object if nothing changes. */
function renamed(record: unknown, names: readonly FormerName[]): unknown {
  if (!isMembers(record)) return record;
  return names.reduce((members, { former, present, convert }) => {
    const { [former]: formerValue, ...others } = members;
    const value = convert(formerValue);
    return value === undefined ? members : { [present]: value, ...others };
  }, record);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
