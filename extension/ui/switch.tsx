// A setting that is on or off, saved at once.
import { useId } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { Notes } from './notes';
import { Outcome } from './outcome';
import { useSaving } from './use-saving';

export interface SwitchProps {
  label: string;
  hint?: ComponentChildren;
  isOn: boolean;
  /** Whether an administrator has set it, so that the user cannot. */
  isManaged?: boolean;
  isDisabled?: boolean;
  onSave: (isOn: boolean) => Promise<unknown>;
}

export function Switch({ label, hint, isOn, isManaged = false, isDisabled = false, onSave }: SwitchProps) {
  const id = useId();
  const hasNotes = hint !== undefined || isManaged;
  const { shown, state, save } = useSaving(isOn, onSave);
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
