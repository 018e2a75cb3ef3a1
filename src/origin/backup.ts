// Export and import of everything that is kept: one JSON file. It holds the secrets of IDs, without which they could not
// be reclaimed from a PeerServer; whoever has the file can take the IDs over.
import * as v from 'valibot';
import type { SiteName, SiteSettings } from '../protocol/ui-messages';
import { grantKey, parseGrant, siteOfGrantKey, type Grant } from './grant';
import { mergedLog, LOG_KEY, logEntry, MOST_ENTRIES, parseLog } from './site-log';
import { MOST_ANONYMOUS, MOST_NAMED, parseBook, withBook } from './identity-book';
import { parsePolicy, POLICY_KEY, POLICY_MEMBERS } from './policy';
import { recordKeys, siteKeysOf } from './record-keys';
import { siteNameMembers } from './site-name';
import { parseSettings, SETTINGS_MEMBERS } from './site-settings';
import type { Store } from './store';
import type { TaskQueue } from './task-queue';

const FORMAT = 'peerport-backup';
const VERSION = 1;

/** The store takes 10 MiB in all. */
const MAX_TEXT_LENGTH = 4 * 1024 * 1024;
const MAX_SITES = 10_000;
const MAX_SERVERS = 256;
const MAX_ID_LENGTH = 1024;
/** The latest moment that a Date can name. */
const MAX_TIME = 8.64e15;

const time = v.pipe(v.number(), v.minValue(0, 'is no time'), v.maxValue(MAX_TIME, 'is no time'));
const identity = v.strictObject({
  id: v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(MAX_ID_LENGTH, 'is too long for an ID')),
  secret: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')),
});
const identities = (most: number) => v.pipe(v.array(identity), v.maxLength(most, `must be ${most} at most`));

const site = v.strictObject({
  ...siteNameMembers,
  decision: v.optional(v.picklist(['ask', 'allow', 'block'])),
  decidedAt: v.optional(time),
  privateServers: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(MAX_ID_LENGTH))), v.maxLength(MAX_SERVERS))),
  settings: v.optional(v.partial(v.strictObject(SETTINGS_MEMBERS))),
  identities: v.optional(v.strictObject({ anonymous: identities(MOST_ANONYMOUS), named: identities(MOST_NAMED) })),
});

const backup = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  policy: v.partial(v.strictObject(POLICY_MEMBERS)),
  sites: v.pipe(
    v.array(site),
    v.maxLength(MAX_SITES, `must be ${MAX_SITES} at most`),
    v.check(
      (sites) => new Set(sites.map((site) => grantKey(withoutUndefined(site)))).size === sites.length,
      'name a site twice',
    ),
  ),
  log: v.pipe(v.array(logEntry), v.maxLength(MOST_ENTRIES, `must be ${MOST_ENTRIES} at most`)),
});

type Backup = v.InferOutput<typeof backup>;
type SiteBackup = Backup['sites'][number];

export class Backups {
  readonly #local: Store;
  readonly #now: () => number;
  readonly #writes: TaskQueue;

  /** `writes`: of all that is kept in `local`. */
  constructor(local: Store, now: () => number, writes: TaskQueue) {
    this.#local = local;
    this.#now = now;
    this.#writes = writes;
  }

  /** The text of the file. */
  async export(): Promise<string> {
    const records = await this.#local.get(null);
    const contents = {
      format: FORMAT,
      version: VERSION,
      policy: parsePolicy(records[POLICY_KEY]),
      sites: siteKeysOf(records).flatMap((key) => {
        // A damaged record would make the whole file one that cannot be read again.
        const result = v.safeParse(site, siteBackup(siteOfGrantKey(key), records));
        return result.success ? [result.output] : [];
      }),
      log: parseLog(records[LOG_KEY]),
    };
    return `${JSON.stringify(contents, null, 2)}\n`;
  }

  /**
   * Takes over what the file says of its sites and of the policy; other sites stay as they are. Changes nothing, and
   * returns what is wrong and where, if anything is.
   */
  async import(text: string): Promise<{ problem?: string }> {
    const read = readBackup(text);
    if ('problem' in read) return read;
    await this.#writes.run(async () => {
      const stored = await this.#local.get(null);
      await this.#local.set(this.#records(read.backup, stored));
    });
    return {};
  }

  #records({ policy, sites, log }: Backup, stored: Record<string, unknown>): Record<string, unknown> {
    const ofSites = sites.flatMap((site) => Object.entries(this.#siteRecords(site, stored)));
    return {
      ...Object.fromEntries(ofSites),
      [POLICY_KEY]: policy,
      [LOG_KEY]: mergedLog(
        parseLog(stored[LOG_KEY]),
        log.map((entry) => withoutUndefined(entry)),
      ),
    };
  }

  /**
   * Settings are the origin's: what the file has of them for an embedded site is left out. IDs of containers stay: the file
   * has none, because in another profile the same name is another container's.
   */
  #siteRecords(
    { decision, decidedAt, privateServers, settings, identities, ...name }: SiteBackup,
    stored: Record<string, unknown>,
  ): Record<string, unknown> {
    const keys = recordKeys({ ...withoutUndefined(name), isPrivate: false });
    const isOwn = name.topOrigin === undefined;
    const grant = decision && { decision, servers: privateServers ?? [], decidedAt: decidedAt ?? this.#now() };
    return {
      ...(grant && { [keys.grant]: grant satisfies Grant }),
      ...(isOwn && settings && { [keys.settings]: settings }),
      ...(identities && { [keys.identities]: withBook(stored[keys.identities], undefined, identities) }),
    };
  }
}

function readBackup(text: string): { backup: Backup } | { problem: string } {
  if (text.length > MAX_TEXT_LENGTH) return { problem: `The file is larger than ${MAX_TEXT_LENGTH >> 20} MiB.` };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return { problem: `The file is no JSON: ${(cause as Error).message}` };
  }
  const { format, version } = (typeof json === 'object' && json !== null ? json : {}) as Partial<Backup>;
  if (format !== FORMAT) return { problem: 'The file is no export of Peerport.' };
  if (version !== VERSION) {
    return {
      problem: `The file is of version ${String(version)} of the format; this Peerport reads version ${VERSION}.`,
    };
  }
  const result = v.safeParse(backup, json, { abortEarly: true });
  if (result.success) return { backup: result.output };
  const [issue] = result.issues;
  return { problem: `${v.getDotPath(issue) ?? 'The file'}: ${issue.message}` };
}

function siteBackup(name: SiteName, records: Record<string, unknown>): unknown {
  const keys = recordKeys({ ...name, isPrivate: false });
  const grant = parseGrant(records[keys.grant]);
  const decided = grant && { decision: grant.decision, decidedAt: grant.decidedAt, privateServers: grant.servers };
  const kept = { ...name, ...decided, ...(keys.identities in records && { identities: parseBook(records[keys.identities]) }) };
  if (name.topOrigin !== undefined) return kept;
  const settings: SiteSettings = parseSettings(records[keys.settings]);
  return { ...kept, settings };
}

/** The same members, those that are undefined left out. */
function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}
