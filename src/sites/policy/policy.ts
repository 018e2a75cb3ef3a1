// The policy for sites without a setting of their own: the product's defaults, overridden by the user's changes,
// overridden by an administrator's.
import * as v from 'valibot';
import { columnOf, PREFERENCES } from '../../protocol/site-settings';
import type { Changes, Limits, Policy, PolicyView } from '../../protocol/ui-messages';
import type { ManagedPolicy } from './managed-policy';
import { POLICY_MEMBERS, type PolicyMembers } from './policy-members';
import type { Store } from '../records/store';
import type { WriteQueue } from '../records/write-queue';
import { lenientRecord } from '../records/lenient-record';
import { applyChanges } from '../records/apply-changes';

/** The key of the stored record, which has only the members that the user has changed. */
export const POLICY_KEY = 'policy';

/** Far more than most sites need, and at most half of what the host carries for all sites (host-limits.ts). */
export const DEFAULT_LIMITS: Limits = { peers: 32, connections: 200, queuedBytes: 512 * 1024 * 1024 };

export const DEFAULT_POLICY: Policy = {
  defaultDecision: 'ask',
  iceServers: [],
  iceServersMode: 'add',
  ...columnOf(PREFERENCES, 'byDefault'),
  limits: DEFAULT_LIMITS,
};

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
