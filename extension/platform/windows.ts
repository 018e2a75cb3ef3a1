// Windows of the browser: the popup windows that prompts are shown in.
import { browser } from './browser';

export interface Size {
  width: number;
  height: number;
}

/**
 * Opens a page of the extension in a window of its own, centred over the window that asked; resolves to its ID. `focused`:
 * the user goes on in it, and not where they are.
 */
export async function openPopup(
  url: string,
  size: Size,
  overWindowId: number | undefined,
  focused: boolean,
): Promise<number | undefined> {
  const options = { url, type: 'popup', focused, ...size } as const;
  const place = await centreOver(overWindowId, size);
  // A place that is mostly off the screens is refused; the browser then chooses one.
  const opened = await browser.windows.create({ ...options, ...place }).catch(() => browser.windows.create(options));
  return opened.id;
}

export async function hasWindow(windowId: number): Promise<boolean> {
  return browser.windows.get(windowId).then(
    () => true,
    () => false,
  );
}

/** To the front. Does nothing if it has just been closed. */
export async function focusWindow(windowId: number): Promise<void> {
  await browser.windows.update(windowId, { focused: true }).catch(() => undefined);
}

/** Does nothing if it is closed already. */
export async function closeWindow(windowId: number): Promise<void> {
  await browser.windows.remove(windowId).catch(() => undefined);
}

/**
 * The window that this page is in. By the browser, because Firefox lets no page resize a window that it has not opened
 * itself. Does nothing if it has just been closed.
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
