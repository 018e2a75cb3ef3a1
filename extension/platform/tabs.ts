// Tabs: their window and page, messages to their documents, and events when they navigate or close.
import { browser } from './browser';

export interface TabInfo {
  windowId: number | undefined;
  /** Undefined for pages that the extension has no access to: pages of the browser, of other extensions, files. */
  url: string | undefined;
  /** Whether the tab is in a private window. */
  isPrivate: boolean;
  /** Whether the tab is the active one of its window, and the window is not minimized. */
  isInFront: boolean;
  /** Whether the tab is in front, and its window has the focus. */
  hasFocus: boolean;
}

export interface DepartureListeners {
  /** `isReload`: a page starts to load without a new address. */
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
    const { windowId, url, incognito, active } = await browser.tabs.get(tabId);
    const window = windowId === undefined ? undefined : await browser.windows.get(windowId);
    const isInFront = active && window?.state !== 'minimized';
    return { windowId, url, isPrivate: incognito, isInFront, hasFocus: isInFront && window?.focused === true };
  } catch {
    // These calls fail only if the tab or its window does not exist any more.
    return undefined;
  }
}

/** Sends a message to a document's content script. Resolves with its reply, or with undefined if the document is gone. */
export function askDocument(tabId: number, documentId: string, message: unknown): Promise<unknown> {
  return browser.tabs.sendMessage(tabId, message, { documentId }).catch(() => undefined);
}

/** Sends a message to the content scripts of all documents in the tab that listen. */
export async function postToDocuments(tabId: number, message: unknown): Promise<void> {
  // Rejects if no document listens.
  await browser.tabs.sendMessage(tabId, message).catch(() => undefined);
}

/**
 * Listens to all tabs and windows between `start` and `stop`. The browser remembers the registered events across runs of the
 * worker and wakes it for each, so stop the watch while no page uses the extension.
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
