// A setting that is on or off, saved with the click.
import { useId } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { Outcome } from './outcome';
import { useSaving } from './use-saving';

export interface SwitchProps {
  label: string;
  hint?: ComponentChildren;
  isOn: boolean;
  isDisabled?: boolean;
  keep: (isOn: boolean) => Promise<unknown>;
}

export function Switch({ label, hint, isOn, isDisabled = false, keep }: SwitchProps) {
  const id = useId();
  const { shown, state, save } = useSaving(isOn, keep);
  return (
    <div class="switch-row">
      <input
        id={id}
        type="checkbox"
        role="switch"
        class="switch"
        checked={shown}
        disabled={isDisabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => void save(event.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      <Outcome state={state} />
    </div>
  );
}
