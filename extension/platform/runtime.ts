// The WebExtension runtime for content scripts, the bridge and the offscreen document. These run in every frame, or have no
// other API than `runtime`, so they do without the polyfill: all supported browsers return promises here.
const api: typeof chrome = (globalThis as { browser?: typeof chrome }).browser ?? chrome;

export const { runtime } = api;

/** Sends a runtime message. Rejects if no context answers. */
export function sendMessage(message: unknown): Promise<unknown> {
  return runtime.sendMessage(message);
}

/** Opens a port to the context that accepts ports of this name. Disconnects at once if no context does. */
export function connect(portName: string): chrome.runtime.Port {
  const port = runtime.connect({ name: portName });
  // Reading `lastError` keeps the browser from logging the missing receiver as an error.
  port.onDisconnect.addListener(() => runtime.lastError);
  return port;
}

/** False in a content script whose extension was updated, reloaded or removed: its messages are never answered again. */
export function isExtensionAlive(): boolean {
  return (runtime.id as string | undefined) !== undefined;
}

/** A message from the background to a content script: `DocumentMessage` in `control-messages.ts`. */
interface MessageToDocument {
  to: 'document';
  type: string;
}

/**
 * Listens to the background's messages. `listener` returns the reply, or undefined for no reply. Returns a function that stops
 * listening.
 */
export function onDocumentMessage(listener: (message: MessageToDocument) => unknown): () => void {
  const handler = (message: unknown, sender: chrome.runtime.MessageSender, reply: (value: unknown) => void): void => {
    if (sender.id !== runtime.id || !isToDocument(message)) return;
    const value = listener(message);
    if (value !== undefined) reply(value);
  };
  runtime.onMessage.addListener(handler);
  return () => runtime.onMessage.removeListener(handler);
}

function isToDocument(message: unknown): message is MessageToDocument {
  return typeof message === 'object' && (message as { to?: unknown } | null)?.to === 'document';
}
