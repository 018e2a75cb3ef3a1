// Reads and changes the settings for all sites.
import type { Changes, Policy, PolicyView } from '../../src/protocol/ui-messages';
import { ask } from '../ui/ask';
import { useAnswer, type Answer } from '../ui/use-answer';

/** The changes, or a function that derives them from the stored policy, to change only part of a member. */
export type PolicyChange = Changes<Policy> | ((stored: Policy) => Changes<Policy>);

export interface PolicyAccess {
  answer: Answer<PolicyView>;
  /** Resolves when the change is stored and `answer` contains it. */
  change: (change: PolicyChange) => Promise<void>;
}

export function usePolicy(): PolicyAccess {
  const answer = useAnswer(readPolicy);
  return {
    answer,
    change: async (change) => {
      await store(change);
      await answer.reload();
    },
  };
}

/** Runs changes in order, across all open settings pages, so that none is derived from an outdated policy. */
function store(change: PolicyChange): Promise<void> {
  return navigator.locks.request('policy', async () => {
    const made = typeof change === 'function' ? change((await readPolicy()).policy) : change;
    await ask({ to: 'background', type: 'ui.changePolicy', change: made });
  });
}

function readPolicy(): Promise<PolicyView> {
  return ask({ to: 'background', type: 'ui.policy' });
}
