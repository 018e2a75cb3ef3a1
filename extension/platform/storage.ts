// The stores. `local` is permanent, `session` lasts until the browser exits and is never written to disk, and `managed` holds an
// administrator's settings.
import { browser } from './browser';

export const { local, session } = browser.storage;

/** Read-only. */
export const managed = {
  get: (keys: string | string[] | null): Promise<Record<string, unknown>> =>
    browser.storage.managed.get(keys).catch((cause: unknown) => {
      // Firefox rejects with this message if no administrator has set anything.
      if (cause instanceof Error && cause.message === 'Managed storage manifest not found') return {};
      throw cause;
    }),
};

/** Register it at start-up, because the browser wakes the worker for this event. */
export function onManagedChange(listener: () => void): void {
  chrome.storage.managed.onChanged.addListener(listener);
}

/**
 * Closes the local store, with the IDs and their secrets, to content scripts, because a hostile page may have taken over their
 * process. The session store is closed to them by default. Firefox cannot close the local store.
 */
export async function closeStorageToContentScripts(): Promise<void> {
  const store: Partial<Pick<typeof chrome.storage.local, 'setAccessLevel'>> = chrome.storage.local;
  await store.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' });
}

/** The old and new values, by key. */
export type StoreChanges = Record<string, { oldValue?: unknown; newValue?: unknown }>;

/** Register it at start-up, because earlier changes are not reported. */
export function onSessionChanged(listener: (changes: StoreChanges) => void): void {
  session.onChanged.addListener(listener);
}

/** Calls `listener` after any change to any store, by any page. Returns a function that stops listening. */
export function onStorageChanged(listener: () => void): () => void {
  const handler = (): void => listener();
  browser.storage.onChanged.addListener(handler);
  return () => browser.storage.onChanged.removeListener(handler);
}
