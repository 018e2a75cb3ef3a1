// The background's answer to a request, kept up to date: the request is repeated after every change to storage, so that a page
// shows the changes made by other pages.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { onStorageChanged } from '../platform/storage';

export interface Answer<Value> {
  /** Undefined until the first answer. */
  value: Value | undefined;
  /** Whether the last request failed. `value` may then be out of date. */
  isFailed: boolean;
  /** Repeats the request. Resolves when it has settled. */
  reload: () => Promise<void>;
}

/** `question` must be the same function in each rendering. */
export function useAnswer<Value>(question: () => Promise<Value>): Answer<Value> {
  const [value, setValue] = useState<Value>();
  const [isFailed, setFailed] = useState(false);
  const lastAsked = useRef(0);

  const reload = useCallback(async () => {
    const turn = ++lastAsked.current;
    try {
      const answer = await question();
      // Ignore this answer if a later request has started, whose answer is newer.
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
