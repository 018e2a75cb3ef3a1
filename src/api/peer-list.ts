// The IDs that a PeerServer knows (PeerJS lib/api.ts). A server that the page names, the page asks by itself: its own CORS,
// CSP and mixed content rules hold, as with PeerJS. Whether it is that one, the host says, for which each request waits.
import { PEERJS_VERSION } from '../protocol/peer-server';
import { safe } from './safe/built-ins';
import { logger } from './safe/logger';
import type { PeerOptions } from './peer-options';
import { numberTable } from './safe/number-table';
import { util } from './util';

const FAILED = 'Could not get list peers from the server.';
const NOT_REGISTERED = `${FAILED} This Peer has none: it was refused or has ended. Construct another Peer to ask again.`;

const CLOUD_REMEDY =
  "It looks like you're using the cloud server. You can email team@peerjs.com to enable peer listing for your API key.";
const OWN_REMEDY = 'You need to enable `allow_discovery` on your self-hosted PeerServer to use this feature.';

type Callback = (peerIds: unknown) => void;

export interface PeerListDependencies {
  /** False where there is no host that could answer. */
  ask: (requestId: number) => boolean;
  options: () => PeerOptions;
  fail: (error: Error) => void;
}

export class PeerLists {
  readonly #dependencies: PeerListDependencies;
  #callbacks = numberTable<Callback>();
  #lastRequestId = 0;

  constructor(dependencies: PeerListDependencies) {
    this.#dependencies = dependencies;
  }

  request(callback: Callback): void {
    const requestId = ++this.#lastRequestId;
    if (this.#dependencies.ask(requestId)) this.#callbacks[requestId] = callback;
    else this.#failLater();
  }

  /** The host's answer. With neither a list nor an error, the page is to ask its server. */
  async answer(requestId: number, peerIds: string[] | undefined, error: string | undefined): Promise<void> {
    const callback = this.#callbacks[requestId];
    delete this.#callbacks[requestId];
    if (!callback) return;
    try {
      if (error !== undefined) throw new Error(error);
      callback(peerIds ?? (await fetchPeerList(this.#dependencies.options())));
    } catch (cause) {
      // As in PeerJS, what the callback throws ends the Peer, too.
      this.#dependencies.fail(cause as Error);
    }
  }

  /** The host will answer no more. */
  abandon(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = numberTable();
    for (const _ in callbacks) this.#failLater();
  }

  /** As in PeerJS, whose requests fail when whoever made them is done. */
  #failLater(): void {
    safe.queueMicrotask(() => this.#dependencies.fail(new Error(NOT_REGISTERED)));
  }
}

/** Whatever JSON the server answers with. By the page's `fetch` of this moment, as in PeerJS. */
async function fetchPeerList({ secure, host, port, path, key, referrerPolicy }: PeerOptions): Promise<unknown> {
  try {
    const url = new URL(`${secure ? 'https' : 'http'}://${host}:${port}${path}${key}/peers`);
    url.searchParams.set('ts', `${Date.now()}${Math.random()}`);
    url.searchParams.set('version', PEERJS_VERSION);
    const response = await fetch(url.href, { referrerPolicy: referrerPolicy! });
    if (response.status === 401) {
      const remedy = host === util.CLOUD_HOST ? CLOUD_REMEDY : OWN_REMEDY;
      throw new Error(`It doesn't look like you have permission to list peers IDs. ${remedy}`);
    }
    if (response.status !== 200) throw new Error(`Error. Status:${response.status}`);
    return (await response.json()) as unknown;
  } catch (cause) {
    logger.error('Error retrieving list peers', cause);
    throw new Error(`${FAILED}${String(cause)}`, { cause });
  }
}
