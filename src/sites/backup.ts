// Exports and imports everything that is stored, as one JSON file. The file includes the secrets of IDs, because a
// PeerServer gives an ID back only for its secret. Anyone with the file can take the IDs over.
import * as v from 'valibot';
import type { SiteSettings } from '../protocol/site-settings';
import type { ImportSummary, Policy, SiteName } from '../protocol/ui-messages';
import { parseGrant, type Grant } from './decisions/grant';
import { importSummary } from './import-summary';
import { LATEST_MOMENT, mergedLog, LOG_KEY, logEntry, MAX_ENTRIES, parseLog, withImport } from './site-log';
import { MAX_ANONYMOUS, MAX_NAMED, parseBook, withBook, type IdentityBook } from './identities/identity-book';
import { DEFAULT_POLICY, parsePolicy, POLICY_KEY } from './policy/policy';
import { POLICY_MEMBERS } from './policy/policy-members';
import { migratedBackup, RECORDS_VERSION } from './records/migration';
import { grantKey, recordKeys, siteKeysOf, siteOfGrantKey } from './records/record-keys';
import { siteNameMembers } from './records/site-schema';
import { parseSettings, SETTINGS_MEMBERS } from './policy/site-settings';
import type { Store } from './records/store';
import type { WriteQueue } from './records/write-queue';

const FORMAT = 'peerport-backup';

/** Characters. The browser's store takes 10 MiB in total. */
const MAX_TEXT_LENGTH = 4 * 1024 * 1024;
const MAX_SITES = 10_000;
const MAX_SERVERS = 256;
const MAX_ID_LENGTH = 1024;
/** How far the exporting computer's clock may be ahead. Clocks set by the network differ by seconds. */
const CLOCK_TOLERANCE_MINUTES = 5;

const time = v.pipe(v.number(), v.minValue(0, 'is not a valid time'), v.maxValue(LATEST_MOMENT, 'is not a valid time'));
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
  identities: v.optional(v.strictObject({ anonymous: identities(MAX_ANONYMOUS), named: identities(MAX_NAMED) })),
});

const backup = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(RECORDS_VERSION),
  policy: v.partial(v.strictObject(POLICY_MEMBERS)),
  sites: v.pipe(
    v.array(site),
    v.maxLength(MAX_SITES, `must be ${MAX_SITES} at most`),
    v.check(
      (sites) => new Set(sites.map((site) => grantKey(withoutUndefined(site)))).size === sites.length,
      'must name each site only once',
    ),
  ),
  log: v.pipe(v.array(logEntry), v.maxLength(MAX_ENTRIES, `must be ${MAX_ENTRIES} at most`)),
});

type Backup = v.InferOutput<typeof backup>;
type SiteBackup = Backup['sites'][number];

export class Backups {
  readonly #local: Store;
  readonly #now: () => number;
  readonly #writes: WriteQueue;
  readonly #defaults: Policy;

  /** `writes`: the queue for all writes to `local`. `defaults`: the policy where the user has set nothing. */
  constructor(local: Store, now: () => number, writes: WriteQueue, defaults: Policy = DEFAULT_POLICY) {
    this.#local = local;
    this.#now = now;
    this.#writes = writes;
    this.#defaults = defaults;
  }

  /** Returns the file's text. */
  async export(): Promise<string> {
    const records = await this.#local.get(null);
    const now = this.#now();
    const contents = {
      format: FORMAT,
      version: RECORDS_VERSION,
      policy: parsePolicy(records[POLICY_KEY]),
      sites: siteKeysOf(records).flatMap((key) => {
        // Leave out a damaged record: with it the whole file could not be imported.
        const result = v.safeParse(site, siteBackup(siteOfGrantKey(key), records, now));
        return result.success ? [result.output] : [];
      }),
      log: parseLog(records[LOG_KEY]).map((entry) => ({ ...entry, at: Math.min(entry.at, now) })),
    };
    return `${JSON.stringify(contents, null, 2)}\n`;
  }

  /** Returns what `import` would change, or what is wrong with the file. Changes nothing. */
  async preview(text: string): Promise<{ problem: string } | { summary: ImportSummary }> {
    const read = readBackup(text, this.#now());
    if ('problem' in read) return read;
    const stored = await this.#local.get(null);
    const after = { ...stored, ...this.#records(read.backup, stored) };
    const sites = read.backup.sites.map(nameOf);
    return { summary: importSummary(stored, after, sites, this.#defaults) };
  }

  /**
   * Imports the policy and what the file says about its sites; other sites stay as they are. If the file is invalid,
   * changes nothing and returns the place and the problem.
   */
  async import(text: string): Promise<{ problem?: string }> {
    const read = readBackup(text, this.#now());
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
      [LOG_KEY]: withImport(
        mergedLog(
          parseLog(stored[LOG_KEY]),
          log.map((entry) => (entry.what === 'imported' ? entry : withoutUndefined(entry))),
        ),
        this.#now(),
      ),
    };
  }

  /**
   * Skips settings of embedded sites, because settings belong to the origin. Keeps the stored IDs of containers: files
   * do not have them, because the same container name means another container in another profile.
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

function readBackup(text: string, now: number): { backup: Backup } | { problem: string } {
  if (text.length > MAX_TEXT_LENGTH) return { problem: `The file is larger than ${MAX_TEXT_LENGTH >> 20} MiB.` };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return { problem: `The file is not valid JSON: ${(cause as Error).message}` };
  }
  const file = migratedBackup(typeof json === 'object' && json !== null ? { ...json } : {});
  const { format, version } = file;
  if (format !== FORMAT) return { problem: 'The file is not an export of Peerport.' };
  if (version !== RECORDS_VERSION) {
    // A version that is not a number may be anything, even a value without a text form.
    const named = typeof version === 'number' ? `version ${String(version)}` : 'an unknown version';
    return { problem: `The file has ${named} of the format; this Peerport reads versions 1 to ${RECORDS_VERSION}.` };
  }
  const result = v.safeParse(backup, file, { abortEarly: true });
  if (result.success) {
    const problem = futureDate(result.output, now);
    return problem === undefined ? { backup: result.output } : { problem };
  }
  const [issue] = result.issues;
  return { problem: `${v.getDotPath(issue) ?? 'The file'}: ${issue.message}` };
}

function nameOf(site: SiteBackup): SiteName {
  const members = Object.entries(site).filter(([name, value]) => name in siteNameMembers && value !== undefined);
  return Object.fromEntries(members) as unknown as SiteName;
}

/**
 * Describes the first date in the future; undefined: there is none. Such a date would outrank all that the user does
 * later.
 */
function futureDate({ sites, log }: Backup, now: number): string | undefined {
  const latest = now + CLOCK_TOLERANCE_MINUTES * 60_000;
  const dates = [
    ...sites.map(({ decidedAt }, index) => ({ place: `sites.${index}.decidedAt`, at: decidedAt ?? 0 })),
    ...log.map(({ at }, index) => ({ place: `log.${index}.at`, at })),
  ];
  const date = dates.find(({ at }) => at > latest);
  if (!date) return undefined;
  const ahead = `more than ${CLOCK_TOLERANCE_MINUTES} minutes ahead of this computer's clock`;
  return `${date.place}: ${new Date(date.at).toISOString()} is in the future, ${ahead}.`;
}

/** Caps dates at the present: dates in the future come from a wrong clock, and an import refuses them. */
function siteBackup(name: SiteName, records: Record<string, unknown>, now: number): unknown {
  const keys = recordKeys({ ...name, isPrivate: false });
  const grant = parseGrant(records[keys.grant]);
  const decidedAt = grant && Math.min(grant.decidedAt, now);
  const decided = grant && { decision: grant.decision, decidedAt, privateServers: grant.servers };
  const kept = {
    ...name,
    ...decided,
    ...(keys.identities in records && { identities: idsOf(records[keys.identities]) }),
  };
  if (name.topOrigin !== undefined) return kept;
  const settings: SiteSettings = parseSettings(records[keys.settings]);
  return { ...kept, settings };
}

/** Leaves out the mark: it belongs to the site's storage in this browser, and the importing browser has another. */
function idsOf(record: unknown): Pick<IdentityBook, 'anonymous' | 'named'> {
  const { anonymous, named } = parseBook(record);
  return { anonymous, named };
}

/** A copy without undefined members. */
function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}
