// A setting that is on or off, saved with the click.
import { useId } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { Notes } from './notes';
import { Outcome } from './outcome';
import { useSaving } from './use-saving';

export interface SwitchProps {
  label: string;
  hint?: ComponentChildren;
  isOn: boolean;
  /** An administrator has set it. */
  isManaged?: boolean;
  isDisabled?: boolean;
  keep: (isOn: boolean) => Promise<unknown>;
}

export function Switch({ label, hint, isOn, isManaged = false, isDisabled = false, keep }: SwitchProps) {
  const id = useId();
  const hasNotes = hint !== undefined || isManaged;
  const { shown, state, save } = useSaving(isOn, keep);
  return (
    <div class="switch-row">
      <input
        id={id}
        type="checkbox"
        role="switch"
        class="switch"
        checked={shown}
        disabled={isManaged || isDisabled}
        aria-describedby={hasNotes ? `${id}-notes` : undefined}
        onChange={(event) => void save(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hasNotes && <Notes id={`${id}-notes`} hint={hint} isManaged={isManaged} />}
      <Outcome state={state} />
    </div>
  );
}
