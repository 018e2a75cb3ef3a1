// Answers the prompts' pages: supplies what a prompt shows, and carries out the user's answer.
import type { SiteLedger } from '../../src/sites/site-ledger';
import type { BackgroundHandlers } from './allowed-senders';
import type { Enforcement } from './enforcement';
import { idChoice, storeIdChoice } from './id-choice';
import type { Prompts } from './prompts';

export interface PromptRequestDependencies {
  ledger: SiteLedger;
  prompts: Pick<Prompts, 'describe' | 'answer' | 'review'>;
  enforcement: Pick<Enforcement, 'review'>;
}

export function promptRequests({ ledger, prompts, enforcement }: PromptRequestDependencies) {
  return {
    'prompt.describe': async ({ promptId }, { windowId }) => {
      const prompt = await prompts.describe(promptId, windowId);
      return prompt ? { content: { ...prompt, keepId: await idChoice(ledger, prompt.site) } } : {};
    },
    'prompt.answer': async ({ promptId, answer, keepId }, { windowId }) => {
      const prompt = await prompts.describe(promptId, windowId);
      const hasIdChoiceChanged = prompt !== null && (await storeIdChoice(ledger, prompt.site, answer, keepId));
      const isNeeded = await prompts.answer(promptId, answer);
      // A block also ends what was allowed this time in other tabs, and settles prompts about the site where it is embedded.
      if (answer === 'block') await prompts.review();
      if (answer === 'block' || hasIdChoiceChanged) await enforcement.review();
      return isNeeded;
    },
  } satisfies Partial<BackgroundHandlers>;
}
