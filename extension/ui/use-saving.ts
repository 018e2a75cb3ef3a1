// The state of a setting that is saved at once: the value to show meanwhile, and the outcome.
import { useEffect, useRef, useState } from 'preact/hooks';

export type SavingState = 'idle' | 'saving' | 'saved' | 'failed';

/** How long “Saved” is shown: long enough to be noticed and read out. */
const SHOWN_MS = 4_000;

export interface Saving<Value> {
  /** The user's choice while it is being saved, else the stored value. */
  shown: Value;
  state: SavingState;
  save: (value: Value) => Promise<void>;
}

/** `store` must resolve only when the new value will be the `value` of the next rendering. */
export function useSaving<Value>(value: Value, store: (value: Value) => Promise<unknown>): Saving<Value> {
  const [draft, setDraft] = useState<{ value: Value }>();
  const [state, setState] = useState<SavingState>('idle');
  const lastSave = useRef(0);

  useEffect(() => {
    if (state !== 'saved') return undefined;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);

  async function save(next: Value): Promise<void> {
    const turn = ++lastSave.current;
    setDraft({ value: next });
    setState('saving');
    const isStored = await store(next).then(
      () => true,
      () => false,
    );
    if (turn !== lastSave.current) return;
    setDraft(undefined);
    setState(isStored ? 'saved' : 'failed');
  }

  return { shown: draft ? draft.value : value, state, save };
}
