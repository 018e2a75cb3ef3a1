// Chrome's way from the bridge frame to the offscreen document: through the extension's service worker.

/** Rejects where the frame may not use service workers: in a sandboxed document. */
export async function deliverToHost(delivery: unknown, port: MessagePort): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  active!.postMessage(delivery, [port]);
}
