// The policy for sites without a setting of their own: the product's defaults, overridden by the user's changes,
// overridden by an administrator's.
import * as v from 'valibot';
import { MOST_FOR_A_SITE } from '../../protocol/host-limits';
import { parseServerOptions } from '../../protocol/peer-server';
import type { Changes, Limits, Policy, PolicyView } from '../../protocol/ui-messages';
import type { ManagedPolicy } from './managed-policy';
import type { Store } from '../records/store';
import type { WriteQueue } from '../records/write-queue';
import { lenientRecord, type LenientRecord } from '../records/lenient-record';
import { applyChanges } from '../records/apply-changes';

/** The key of the stored record, which has only the members that the user has changed. */
export const POLICY_KEY = 'policy';

/** Far more than most sites need, and at most half of what the host carries for all sites (host-limits.ts). */
export const DEFAULT_LIMITS: Limits = { peers: 32, connections: 200, heldBytes: 512 * 1024 * 1024 };

export const DEFAULT_POLICY: Policy = {
  defaultDecision: 'ask',
  iceServers: [],
  iceServersMode: 'add',
  relayedOnly: false,
  keepLinks: false,
  keepId: true,
  limits: DEFAULT_LIMITS,
};

const MAX_TEXT_LENGTH = 1024;
const MAX_ICE_SERVERS = 32;
const MAX_URLS = 16;

const text = v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(MAX_TEXT_LENGTH));
const iceUrl = v.pipe(text, v.regex(/^(stuns?|turns?):\S+$/, 'must begin with stun:, stuns:, turn: or turns:'));
/** At least 1, because 0 would be a block, which is a decision; at most what the host can spare for one site. */
const limit = (name: keyof Limits) =>
  v.pipe(
    v.number(),
    v.safeInteger('must be a whole number'),
    v.minValue(1, 'must be 1 or more'),
    v.maxValue(MOST_FOR_A_SITE[name], `must be ${MOST_FOR_A_SITE[name]} or less`),
  );

export const POLICY_MEMBERS = {
  defaultDecision: v.picklist(['ask', 'allow', 'block']),
  peerServer: v.pipe(
    v.strictObject({ host: v.string(), port: v.number(), path: v.string(), secure: v.boolean(), key: v.string() }),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const parsed = parseServerOptions(dataset.value);
      if ('server' in parsed) return parsed.server;
      const { option, message } = parsed.problem;
      const place = { key: option, value: dataset.value[option] };
      addIssue({ message, path: [{ type: 'object', origin: 'value', input: dataset.value, ...place }] });
      return NEVER;
    }),
  ),
  iceServers: v.pipe(
    v.array(
      v.strictObject({
        urls: v.pipe(v.array(iceUrl), v.minLength(1, 'must name at least one URL'), v.maxLength(MAX_URLS)),
        username: v.optional(v.pipe(v.string(), v.maxLength(MAX_TEXT_LENGTH))),
        credential: v.optional(v.pipe(v.string(), v.maxLength(MAX_TEXT_LENGTH))),
      }),
    ),
    v.maxLength(MAX_ICE_SERVERS),
  ),
  iceServersMode: v.picklist(['add', 'replace']),
  relayedOnly: v.boolean(),
  keepLinks: v.boolean(),
  keepId: v.boolean(),
  limits: v.strictObject({
    peers: limit('peers'),
    connections: limit('connections'),
    heldBytes: limit('heldBytes'),
  }),
};

export type PolicyMembers = LenientRecord<typeof POLICY_MEMBERS>;

/** The valid members of the stored record. */
export function parsePolicy(record: unknown): PolicyMembers {
  return lenientRecord(POLICY_MEMBERS, record);
}

/** `defaults`: the product's defaults, which may differ by browser. */
export function policyView(
  stored: PolicyMembers,
  managed: ManagedPolicy,
  defaults: Policy = DEFAULT_POLICY,
): PolicyView {
  return {
    policy: { ...defaults, ...stored, ...managed.policy } as Policy,
    managed: Object.keys(managed.policy) as (keyof Policy)[],
  };
}

export class PolicyBook {
  readonly #local: Store;
  readonly #managed: () => Promise<ManagedPolicy>;
  readonly #writes: WriteQueue;
  readonly #defaults: Policy;

  /** `writes`: the queue for all writes to `local`. */
  constructor(
    local: Store,
    managed: () => Promise<ManagedPolicy>,
    writes: WriteQueue,
    defaults: Policy = DEFAULT_POLICY,
  ) {
    this.#local = local;
    this.#managed = managed;
    this.#writes = writes;
    this.#defaults = defaults;
  }

  async view(): Promise<PolicyView> {
    const [records, managed] = await Promise.all([this.#local.get([POLICY_KEY]), this.#managed()]);
    return policyView(parsePolicy(records[POLICY_KEY]), managed, this.#defaults);
  }

  /**
   * A null resets a member to its default. Throws and changes nothing if a value is invalid or set by an administrator.
   */
  async change(change: Changes<Policy>): Promise<void> {
    const managed = await this.#managed();
    for (const [name, value] of Object.entries(change)) {
      const schema = Object.hasOwn(POLICY_MEMBERS, name) ? POLICY_MEMBERS[name as keyof Policy] : undefined;
      if (!schema) throw new Error(`${name}: the policy has no such member`);
      if (Object.hasOwn(managed.policy, name)) throw new Error(`${name}: set by an administrator`);
      const { issues } = value === null ? {} : v.safeParse(schema, value);
      if (issues)
        throw new Error([[name, v.getDotPath(issues[0])].filter(Boolean).join('.'), issues[0].message].join(': '));
    }
    await this.#writes.run(async () => {
      const stored = parsePolicy((await this.#local.get([POLICY_KEY]))[POLICY_KEY]);
      await this.#local.set({ [POLICY_KEY]: applyChanges(stored, change) });
    });
  }
}
