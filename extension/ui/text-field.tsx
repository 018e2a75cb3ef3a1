// A text field that saves a valid value when the user leaves the field or presses Enter. The typed text stays until it is saved,
// even if the stored value changes meanwhile.
import type { TargetedEvent, TargetedInputEvent } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Outcome } from './outcome';
import { useSaving } from './use-saving';

export interface TextFieldProps {
  label: string;
  hint?: string;
  value: string;
  type?: 'text' | 'password' | 'number';
  placeholder?: string;
  isShort?: boolean;
  isDisabled?: boolean;
  /** Returns the error in the text, or undefined. */
  check: (text: string) => string | undefined;
  onSave: (text: string) => Promise<unknown>;
}

export function TextField(props: TextFieldProps) {
  const { label, hint, value, type = 'text', isShort = false, isDisabled = false, check, onSave } = props;
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const { state, save } = useSaving(value, async (text) => {
    await onSave(text);
    // Unless the user has typed more meanwhile.
    setTyped((current) => (current?.trim() === text ? undefined : current));
  });

  function commit(entered: string): void {
    const text = entered.trim();
    const found = check(text);
    setProblem(found);
    if (found !== undefined) return;
    if (text === value) setTyped(undefined);
    else void save(text);
  }

  const attributes = {
    id,
    class: isShort ? 'input short' : 'input',
    value: typed ?? value,
    placeholder: props.placeholder,
    disabled: isDisabled,
    // The fields hold addresses, names and numbers, which run left to right in every language.
    dir: 'ltr' as const,
    autocomplete: 'off',
    spellcheck: false,
    'aria-invalid': problem !== undefined,
    'aria-describedby': hint === undefined ? `${id}-outcome` : `${id}-hint ${id}-outcome`,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => setTyped(event.currentTarget.value),
    onChange: (event: TargetedEvent<HTMLInputElement>) => commit(event.currentTarget.value),
  };
  return (
    <div class="setting">
      <label for={id}>{label}</label>
      {type === 'password' ? (
        <input type="password" {...attributes} />
      ) : (
        <input type="text" inputMode={type === 'number' ? 'numeric' : 'text'} {...attributes} />
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      <Outcome id={`${id}-outcome`} state={state} problem={problem} />
    </div>
  );
}
