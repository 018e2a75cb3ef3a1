// What holds for all sites, and how it is changed.
import type { Policy } from '../../src/protocol/ui-messages';
import { ask } from '../ui/ask';
import { useAnswer, type Answer } from '../ui/use-answer';
import type { PolicyView } from '../../src/protocol/ui-messages';

export type PolicyChange = { [Key in keyof Policy]?: Policy[Key] | null };

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
      await ask({ to: 'background', type: 'ui.changePolicy', change });
      await answer.reload();
    },
  };
}

export function readPolicy(): Promise<PolicyView> {
  return ask({ to: 'background', type: 'ui.policy' });
}
