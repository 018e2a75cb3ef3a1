// What the background answers, kept up to date: it is asked again whenever something in storage changes, which is how a
// page sees what another page, a prompt or the panel has changed.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { onStorageChanged } from '../platform/storage';

export interface Answer<Value> {
  /** Undefined until the first answer. */
  value: Value | undefined;
  /** The last question was not answered; `value` may be out of date. */
  isFailed: boolean;
  /** Asks again; resolves when the answer is there. */
  reload: () => Promise<void>;
}

/** `question` has to stay the same function. */
export function useAnswer<Value>(question: () => Promise<Value>): Answer<Value> {
  const [value, setValue] = useState<Value>();
  const [isFailed, setFailed] = useState(false);
  const lastAsked = useRef(0);

  const reload = useCallback(async () => {
    const turn = ++lastAsked.current;
    try {
      const answer = await question();
      // A later question has been asked meanwhile, and its answer is the newer one.
      if (turn !== lastAsked.current) return;
      setValue(() => answer);
      setFailed(false);
    } catch {
      if (turn === lastAsked.current) setFailed(true);
    }
  }, [question]);

  useEffect(() => {
    void reload();
    return onStorageChanged(() => void reload());
  }, [reload]);

  return { value, isFailed, reload };
}
