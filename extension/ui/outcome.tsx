// The outcome of a change, shown beside the setting and announced by screen readers.
import { text } from '../platform/i18n';
import type { SavingState } from './use-saving';

export interface OutcomeProps {
  state: SavingState;
  /** The error in the entered value. */
  problem?: string | undefined;
  id?: string;
}

export function Outcome({ state, problem, id }: OutcomeProps) {
  return (
    <span id={id} class="outcome" role="status">
      {problem !== undefined ? (
        <span class="problem">{problem}</span>
      ) : state === 'failed' ? (
        <span class="problem">{text('uiNotSaved')}</span>
      ) : state === 'saved' ? (
        <span class="saved">✓ {text('uiSaved')}</span>
      ) : null}
    </span>
  );
}
