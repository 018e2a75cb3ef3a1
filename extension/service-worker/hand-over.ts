// Passes ports from bridge frames on to the engine host, which checks the ticket that comes with each. This file only checks
// that the sender is the bridge page, not another page of the extension.
import type { ClientMessage } from '../platform/chrome/worker-clients';

export interface HandOverDependencies {
  extensionOrigin: string;
  /** False if no host runs. */
  postToHost: (data: unknown, ports: readonly MessagePort[]) => Promise<boolean>;
}

const BRIDGE_PATH = '/extension/bridge/index.html';

export async function handOver(
  { extensionOrigin, postToHost }: HandOverDependencies,
  { data, ports, sourceUrl, origin }: ClientMessage,
): Promise<void> {
  // `use_dynamic_url` gives the frame a host name that changes with each session, so only the path can be compared.
  if (origin !== extensionOrigin || new URL(sourceUrl).pathname !== BRIDGE_PATH) return;
  const isDelivered = await postToHost(data, ports);
  // An unclaimed port would stay open for ever. Closing it frees the messages that the page has queued in it.
  if (!isDelivered) for (const port of ports) port.close();
}
