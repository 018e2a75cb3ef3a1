// The stores: `local` lasts, `session` lives as long as the browser runs and is never written to disk, and `managed` is what
// an administrator has set.
import { browser } from './browser';

export const { local, session } = browser.storage;

/** Read only. */
export const managed = {
  get: (keys: string | string[] | null): Promise<Record<string, unknown>> =>
    browser.storage.managed.get(keys).catch((cause: unknown) => {
      // How Firefox says that no administrator has set anything.
      if (cause instanceof Error && cause.message === 'Managed storage manifest not found') return {};
      throw cause;
    }),
};

/** Register at start-up: the browser wakes the worker for it. */
export function onManagedChange(listener: () => void): void {
  chrome.storage.managed.onChanged.addListener(listener);
}

/**
 * Keeps IDs and their secrets out of reach of content scripts, whose process a hostile page may have taken over. The
 * session store is closed to them by itself. Firefox has no way to close the other.
 */
export async function closeStorageToContentScripts(): Promise<void> {
  const store: Partial<Pick<typeof chrome.storage.local, 'setAccessLevel'>> = chrome.storage.local;
  await store.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' });
}

/** By key. */
export type StoreChanges = Record<string, { oldValue?: unknown; newValue?: unknown }>;

/** Register at start-up: only what changes is told, and only while it changes. */
export function onSessionChanged(listener: (changes: StoreChanges) => void): void {
  session.onChanged.addListener(listener);
}

/** Something was changed in any of the stores, by any page. Returns what ends the listening. */
export function onStorageChanged(listener: () => void): () => void {
  const handler = (): void => listener();
  browser.storage.onChanged.addListener(handler);
  return () => browser.storage.onChanged.removeListener(handler);
}
