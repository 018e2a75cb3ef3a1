// Browser windows, in particular the popup windows that show prompts.
import { browser } from './browser';

export interface Size {
  width: number;
  height: number;
}

/**
 * Opens a page of the extension in its own window, centered over window `overWindowId`. Resolves with the new window's ID.
 * `focused`: whether the new window takes the focus.
 */
export async function openPopup(
  url: string,
  size: Size,
  overWindowId: number | undefined,
  focused: boolean,
): Promise<number | undefined> {
  const options = { url, type: 'popup', focused, ...size } as const;
  const place = await centreOver(overWindowId, size);
  // The browser refuses a place that is mostly off-screen. Let it choose a place then.
  const opened = await browser.windows.create({ ...options, ...place }).catch(() => browser.windows.create(options));
  return opened.id;
}

export async function hasWindow(windowId: number): Promise<boolean> {
  return browser.windows.get(windowId).then(
    () => true,
    () => false,
  );
}

/** Brings the window to the front. Does nothing if it is closed. */
export async function focusWindow(windowId: number): Promise<void> {
  await browser.windows.update(windowId, { focused: true }).catch(() => undefined);
}

/** Does nothing if the window is already closed. */
export async function closeWindow(windowId: number): Promise<void> {
  await browser.windows.remove(windowId).catch(() => undefined);
}

/**
 * Resizes the window of this page. Uses the WebExtension API, because Firefox does not let a page resize a window that a page
 * did not open. Does nothing if the window is closed.
 */
export async function resizeOwnWindow(place: { height: number; top: number }): Promise<void> {
  await browser.windows.update(browser.windows.WINDOW_ID_CURRENT, place).catch(() => undefined);
}

export async function hasPrivateWindow(): Promise<boolean> {
  return (await browser.windows.getAll()).some(({ incognito }) => incognito);
}

async function centreOver(
  windowId: number | undefined,
  size: Size,
): Promise<{ left: number; top: number } | undefined> {
  if (windowId === undefined) return undefined;
  const over = await browser.windows.get(windowId).catch(() => undefined);
  if (over?.left === undefined || over.top === undefined || !over.width || !over.height) return undefined;
  return {
    left: Math.round(over.left + (over.width - size.width) / 2),
    top: Math.round(over.top + (over.height - size.height) / 2),
  };
}
