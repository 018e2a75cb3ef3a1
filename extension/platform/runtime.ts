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

/** What the background sends to a content script: `DocumentMessage` in `control-messages.ts`. */
interface MessageToDocument {
  to: 'document';
  type: string;
}

/** Returns what ends the listening. What `listener` returns is the reply; undefined: none. */
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
