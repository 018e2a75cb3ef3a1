// PeerServer's list of the IDs it knows, with PeerJS's sentences where it is refused (PeerJS lib/api.ts).
import { apiUrl, CLOUD_HOST, type PeerServerAddress } from '../protocol/peer-server';

const CLOUD_REMEDY =
  "It looks like you're using the cloud server. You can email team@peerjs.com to enable peer listing for your API key.";
const OWN_REMEDY = 'You need to enable `allow_discovery` on your self-hosted PeerServer to use this feature.';

/** Whatever JSON the server answers with. Rejects with a sentence for the page's developer. */
export async function fetchPeerList(fetchFrom: typeof fetch, server: PeerServerAddress): Promise<unknown> {
  try {
    // The extension may reach what the page may not; so it shows the server nothing of the user's, and goes nowhere else.
    const response = await fetchFrom(apiUrl(server, 'peers'), {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      redirect: 'error',
    });
    if (response.status === 401) {
      const remedy = server.host === CLOUD_HOST ? CLOUD_REMEDY : OWN_REMEDY;
      throw new Error(`It doesn't look like you have permission to list peers IDs. ${remedy}`);
    }
    if (response.status !== 200) throw new Error(`Error. Status:${response.status}`);
    return (await response.json()) as unknown;
  } catch (cause) {
    throw new Error(`Could not get list peers from the server.${String(cause)}`, { cause });
  }
}
