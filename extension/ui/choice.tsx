// A choice among a few options, saved at once: radio buttons with hints, or a drop-down where room is short.
import { useId } from 'preact/hooks';
import { ManagedNote } from './managed-note';
import { Notes } from './notes';
import { Outcome } from './outcome';
import { useSaving } from './use-saving';

export interface Option<Value extends string> {
  value: Value;
  label: string;
  hint?: string;
}

interface ChoiceProps<Value extends string> {
  label: string;
  options: Option<Value>[];
  value: Value;
  /** Whether an administrator has set it, so that the user cannot. */
  isManaged?: boolean;
  onSave: (value: Value) => Promise<unknown>;
}

export function Choice<Value extends string>({ label, options, value, isManaged = false, onSave }: ChoiceProps<Value>) {
  const id = useId();
  const { shown, state, save } = useSaving(value, onSave);
  return (
    <fieldset class="choice" disabled={isManaged} aria-describedby={isManaged ? `${id}-managed` : undefined}>
      <legend>{label}</legend>
      {options.map((option) => (
        <div class="option" key={option.value}>
          <input
            id={`${id}-${option.value}`}
            type="radio"
            name={id}
            checked={shown === option.value}
            aria-describedby={option.hint === undefined ? undefined : `${id}-${option.value}-hint`}
            onChange={() => void save(option.value)}
          />
          <label for={`${id}-${option.value}`}>{option.label}</label>
          {option.hint !== undefined && (
            <p id={`${id}-${option.value}-hint`} class="hint">
              {option.hint}
            </p>
          )}
        </div>
      ))}
      {isManaged && <ManagedNote id={`${id}-managed`} />}
      <Outcome state={state} />
    </fieldset>
  );
}

interface SelectProps<Value extends string> extends ChoiceProps<Value> {
  /** Whether only screen readers get the label. */
  isLabelUnseen?: boolean;
  hint?: string | undefined;
  isDisabled?: boolean;
}

export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, hint, options, value, isManaged = false, isDisabled = false, onSave, isLabelUnseen = false } = props;
  const id = useId();
  const hasNotes = hint !== undefined || isManaged;
  const { shown, state, save } = useSaving(value, onSave);
  return (
    <div class="setting">
      <label for={id} class={isLabelUnseen ? 'unseen' : undefined}>
        {label}
      </label>
      <select
        id={id}
        class="input"
        // Without `value`: Preact would set it before the options exist.
        disabled={isManaged || isDisabled}
        aria-describedby={hasNotes ? `${id}-notes` : undefined}
        onChange={(event) => void save(event.currentTarget.value as Value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === shown}>
            {option.label}
          </option>
        ))}
      </select>
      {hasNotes && <Notes id={`${id}-notes`} hint={hint} isManaged={isManaged} />}
      <Outcome state={state} />
    </div>
  );
}
