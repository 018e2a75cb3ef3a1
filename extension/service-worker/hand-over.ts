// Passes ports from bridge frames on to the engine host. The host checks the ticket that comes with each; here it only
// matters that the message comes from our own bridge page, not from another page of the extension.
import type { ClientMessage } from '../platform/chrome/worker-clients';

export interface HandOverDependencies {
  extensionOrigin: string;
  /** False if the host is not there. */
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
  // A port that nobody has would wait for ever; closed, it frees what the page has queued in it.
  if (!isDelivered) for (const port of ports) port.close();
}
