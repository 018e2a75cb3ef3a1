// Logs what a store cannot read or write. The error still reaches the caller.
import type { Logger } from '../../src/diagnostics/diagnostic-log';
import type { Store } from '../../src/sites/records/store';

export function loggedStore(store: Store, name: 'local' | 'session', log: Logger<'storage'>): Store {
  const watch = <Value>(key: 'not-read' | 'not-written', task: Promise<Value>): Promise<Value> =>
    task.catch((error: unknown) => {
      log.error(key, { store: name, error });
      throw error;
    });
  return {
    get: (keys) => watch('not-read', store.get(keys)),
    set: (records) => watch('not-written', store.set(records)),
    remove: (keys) => watch('not-written', store.remove(keys)),
  };
}
