// The stores: `local` lasts, `session` lives as long as the browser runs and is never written to disk, and `managed` is what
// an administrator has set.
import { browser } from './browser';

export const { local, session, managed } = browser.storage;

/** Register at start-up: the browser wakes the worker for it. */
export function onManagedChange(listener: () => void): void {
  browser.storage.managed.onChanged.addListener(listener);
}

/**
 * Keeps IDs and their secrets out of reach of content scripts, whose process a hostile page may have taken over. The
 * session store is closed to them by itself.
 */
export async function closeStorageToContentScripts(): Promise<void> {
  await chrome.storage.local.setAccessLevel({ accessLevel: 'TRUSTED_CONTEXTS' });
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
