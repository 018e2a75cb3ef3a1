// What holds for all sites, and how it is changed.
import type { Changes, Policy, PolicyView } from '../../src/protocol/ui-messages';
import { ask } from '../ui/ask';
import { useAnswer, type Answer } from '../ui/use-answer';

/** What to change: said at once, or made from what is kept by then, for a member of which only a part changes. */
export type PolicyChange = Changes<Policy> | ((kept: Policy) => Changes<Policy>);

export interface PolicyAccess {
  answer: Answer<PolicyView>;
  /** Resolves when the change is kept and `answer` has it. */
  change: (change: PolicyChange) => Promise<void>;
}

export function usePolicy(): PolicyAccess {
  const answer = useAnswer(readPolicy);
  return {
    answer,
    change: async (change) => {
      await keep(change);
      await answer.reload();
    },
  };
}

/** One after another, in all settings pages: none is made from what another is about to change. */
function keep(change: PolicyChange): Promise<void> {
  return navigator.locks.request('policy', async () => {
    const made = typeof change === 'function' ? change((await readPolicy()).policy) : change;
    await ask({ to: 'background', type: 'ui.changePolicy', change: made });
  });
}

function readPolicy(): Promise<PolicyView> {
  return ask({ to: 'background', type: 'ui.policy' });
}
