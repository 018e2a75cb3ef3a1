// The state of a change that is saved at once: what to show meanwhile, and what became of it.
import { useEffect, useRef, useState } from 'preact/hooks';

export type SavingState = 'idle' | 'saving' | 'saved' | 'failed';

/** Long enough to be noticed and read out; after that it would only be clutter. */
const SHOWN_MS = 4_000;

export interface Saving<Value> {
  /** What the user has chosen while that is on its way, else what is kept. */
  shown: Value;
  state: SavingState;
  save: (value: Value) => Promise<void>;
}

/** `keep` resolves when `value` of a later rendering is the new one. */
export function useSaving<Value>(value: Value, keep: (value: Value) => Promise<unknown>): Saving<Value> {
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
    const isKept = await keep(next).then(
      () => true,
      () => false,
    );
    if (turn !== lastSave.current) return;
    setDraft(undefined);
    setState(isKept ? 'saved' : 'failed');
  }

  return { shown: draft ? draft.value : value, state, save };
}
