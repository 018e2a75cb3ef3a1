// The WebExtension runtime for content scripts, the bridge and the offscreen document. They run in every frame, or have
// nothing but `runtime`, so they go without the polyfill: every browser we build for has promises here.
const api: typeof chrome = (globalThis as { browser?: typeof chrome }).browser ?? chrome;

export const { runtime } = api;

/** Sends a runtime message; rejects if no context answers. */
export function sendMessage(message: unknown): Promise<unknown> {
  return runtime.sendMessage(message);
}

/** Opens a port to whichever context takes this kind; where none does, it disconnects at once. */
export function connect(portName: string): chrome.runtime.Port {
  const port = runtime.connect({ name: portName });
  // Has to be looked at, or the browser logs as a fault that nobody was there.
  port.onDisconnect.addListener(() => runtime.lastError);
  return port;
}

/** False in a content script whose extension was updated, reloaded or removed: nothing will answer it any more. */
export function isExtensionAlive(): boolean {
  return (runtime.id as string | undefined) !== undefined;
}
