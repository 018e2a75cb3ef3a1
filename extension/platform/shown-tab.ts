// Reads, watches and shows the tab that the panel is about.
import { browser } from './browser';
import type { TabInfo } from './tabs';

/** The tab whose toolbar button opened the popup: the active tab of the popup's window. */
export async function activeTabId(): Promise<number | undefined> {
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.id;
}

/** Undefined if the tab is closed. */
export async function readTab(tabId: number): Promise<Pick<TabInfo, 'isPrivate'> | undefined> {
  try {
    const { incognito } = await browser.tabs.get(tabId);
    return { isPrivate: incognito };
  } catch {
    // `get` fails only if the tab does not exist.
    return undefined;
  }
}

/** Calls `listener` when the tab is updated or closed. Returns a function that stops listening. */
export function onTabChanged(tabId: number, listener: () => void): () => void {
  const onUpdated = (changedId: number): void => {
    if (changedId === tabId) listener();
  };
  browser.tabs.onUpdated.addListener(onUpdated);
  browser.tabs.onRemoved.addListener(onUpdated);
  return () => {
    browser.tabs.onUpdated.removeListener(onUpdated);
    browser.tabs.onRemoved.removeListener(onUpdated);
  };
}

/** Brings the tab to the front. Does nothing if it is closed. */
export async function showTab(tabId: number): Promise<void> {
  try {
    const { windowId } = await browser.tabs.update(tabId, { active: true });
    if (windowId !== undefined) await browser.windows.update(windowId, { focused: true });
  } catch {
    // The tab was closed just now. The next report does not list it.
  }
}
