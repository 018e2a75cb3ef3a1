// Tabs, as far as they matter: which window and page they show, and when that ends.
import { browser } from './browser';

export interface TabInfo {
  windowId: number | undefined;
  /** Undefined for pages that the extension may not see: of the browser, of another extension, files. */
  url: string | undefined;
  /** In a private window. */
  isPrivate: boolean;
}

export interface DepartureListeners {
  /** `isReload`: a page is loaded anew under the address that the tab shows already. */
  tabUpdated: (tabId: number, url: string | undefined, isReload: boolean) => void;
  tabClosed: (tabId: number) => void;
  windowClosed: (windowId: number) => void;
}

export async function openTab(url: string): Promise<void> {
  await browser.tabs.create({ url });
}

/** Undefined if the tab is closed. */
export async function tabInfo(tabId: number): Promise<TabInfo | undefined> {
  try {
    const { windowId, url, incognito } = await browser.tabs.get(tabId);
    return { windowId, url, isPrivate: incognito };
  } catch {
    // The only way `get` fails: there is no such tab.
    return undefined;
  }
}

/**
 * Listens to all tabs and windows between `start` and `stop`. The browser remembers across runs of the worker which
 * events it listens to and wakes it for each, so it is to be stopped while no page uses the extension.
 */
export class DepartureWatch {
  readonly #updated: Parameters<typeof browser.tabs.onUpdated.addListener>[0];
  readonly #closed: (tabId: number) => void;
  readonly #windowClosed: (windowId: number) => void;

  constructor({ tabUpdated, tabClosed, windowClosed }: DepartureListeners) {
    this.#updated = (tabId, { status, url }, tab) => tabUpdated(tabId, tab.url, status === 'loading' && !url);
    this.#closed = (tabId) => tabClosed(tabId);
    this.#windowClosed = (windowId) => windowClosed(windowId);
  }

  start(): void {
    browser.tabs.onUpdated.addListener(this.#updated);
    browser.tabs.onRemoved.addListener(this.#closed);
    browser.windows.onRemoved.addListener(this.#windowClosed);
  }

  stop(): void {
    browser.tabs.onUpdated.removeListener(this.#updated);
    browser.tabs.onRemoved.removeListener(this.#closed);
    browser.windows.onRemoved.removeListener(this.#windowClosed);
  }
}
