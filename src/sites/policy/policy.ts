// What holds where a site has no setting of its own: the product's defaults, over them what the user has changed, and
// over that what an administrator has set for good.
import * as v from 'valibot';
import type { Changes, Limits, Policy, PolicyView } from '../../protocol/ui-messages';
import type { ManagedPolicy } from './managed-policy';
import { POLICY_MEMBERS, type PolicyMembers } from './policy-members';
import type { Store } from '../records/store';
import type { WriteQueue } from '../records/write-queue';
import { lenientRecord } from '../records/lenient-record';
import { applyChanges } from '../records/apply-changes';

/** Stored under this key: the members that the user has changed. */
export const POLICY_KEY = 'policy';

/** Far above what most sites need, and half of what the host carries for all sites at the most (host-limits.ts). */
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

/** The stored record; what it does not say, or says wrongly, is as by default. */
export function parsePolicy(record: unknown): PolicyMembers {
  return lenientRecord(POLICY_MEMBERS, record);
}

/** `defaults`: the product's, which may differ by browser. */
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

  /** `writes`: of all that is kept in `local`. */
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

  /** A null takes a member back to its default. Throws, and changes nothing, where a value is none. */
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
