// The tab that a page of the extension is about, and what becomes of it.
import { browser } from './browser';

export interface ShownTab {
  isPrivate: boolean;
  /** Undefined for pages that the extension may not see. */
  url: string | undefined;
}

/** The tab that the toolbar button was pressed over: in a popup, the active one of the window below. */
export async function activeTabId(): Promise<number | undefined> {
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab?.id;
}

/** Undefined if the tab is closed. */
export async function readTab(tabId: number): Promise<ShownTab | undefined> {
  try {
    const { incognito, url } = await browser.tabs.get(tabId);
    return { isPrivate: incognito, url };
  } catch {
    // The only way `get` fails: there is no such tab.
    return undefined;
  }
}

/** The tab shows another page, or is closed. Returns what ends the listening. */
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
    // Closed in this moment: the next report is without it.
  }
}
