// Passes ports from bridge frames on to the engine host. The host checks the ticket that comes with each; here it only
// matters that the message comes from our own bridge page, not from another page of the extension.
import { offscreenUrl } from '../platform/offscreen-document';
import { postToClient, type ClientMessage } from '../platform/worker-clients';

const BRIDGE_PATH = '/extension/bridge/index.html';

export async function handOver({ data, ports, sourceUrl, origin }: ClientMessage): Promise<void> {
  // `use_dynamic_url` gives the frame a host name that changes with each session, so only the path can be compared.
  if (origin !== self.location.origin || new URL(sourceUrl).pathname !== BRIDGE_PATH) return;
  const delivered = await postToClient(offscreenUrl, data, ports);
  // A port that nobody has would wait for ever; closed, it frees what the page has queued in it.
  if (!delivered) for (const port of ports) port.close();
}
