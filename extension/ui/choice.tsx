// One of a few: as radio buttons where each has something to say, as a drop-down where room is short.
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
  /** An administrator has set it. */
  isManaged?: boolean;
  keep: (value: Value) => Promise<unknown>;
}

export function Choice<Value extends string>({ label, options, value, isManaged = false, keep }: ChoiceProps<Value>) {
  const id = useId();
  const { shown, state, save } = useSaving(value, keep);
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
  /** The label is read out, not seen. */
  isLabelUnseen?: boolean;
  hint?: string | undefined;
  isDisabled?: boolean;
}

export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, hint, options, value, isManaged = false, isDisabled = false, keep, isLabelUnseen = false } = props;
  const id = useId();
  const hasNotes = hint !== undefined || isManaged;
  const { shown, state, save } = useSaving(value, keep);
  return (
    <div class="setting">
      <label for={id} class={isLabelUnseen ? 'unseen' : undefined}>
        {label}
      </label>
      <select
        id={id}
        class="input"
        // Not `value`: Preact sets that before the options are there.
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
