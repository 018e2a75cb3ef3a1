// Fetches the list of IDs from the user's own PeerServer. That server replaces PeerJS's public one, so a page may learn
// the IDs and nothing else of the server's answer.
import { peerListUrl, type PeerServerAddress } from '../../protocol/peer-server';

/** Room for about 25 000 IDs of 36 characters, PeerServer's usual length. */
const MAX_LIST_BYTES = 1024 * 1024;
/** The same as for a dial. */
const TIMEOUT_MS = 20_000;

const FAILED = 'Could not get list peers from the server.';
const UNREACHABLE = `${FAILED} The PeerServer that the user has chosen did not answer.`;
const REFUSED = `${FAILED} The PeerServer that the user has chosen does not allow listing its peers.`;
const NO_LIST = `${FAILED} The PeerServer that the user has chosen answered with something other than a list of IDs.`;

/** Rejects with one of the sentences above, which are safe to show to the page's developer. */
export async function fetchPeerList(fetchFrom: typeof fetch, server: PeerServerAddress): Promise<string[]> {
  const response = await fetchFrom(peerListUrl(server), {
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(UNREACHABLE, { cause });
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(response.status === 401 ? REFUSED : NO_LIST);
  }
  const list = parseList(await readText(response.body));
  if (!list) throw new Error(NO_LIST);
  return list;
}

/** Reads the body as text, up to MAX_LIST_BYTES. Throwing inside the loop cancels the download. */
async function readText(body: Response['body']): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  try {
    for await (const bytes of body ?? []) {
      length += bytes.length;
      if (length > MAX_LIST_BYTES) throw new Error(`more than ${MAX_LIST_BYTES} bytes`);
      text += decoder.decode(bytes, { stream: true });
    }
  } catch (cause) {
    throw new Error(NO_LIST, { cause });
  }
  return text + decoder.decode();
}

function parseList(text: string): string[] | undefined {
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list) && list.every((id): id is string => typeof id === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}
