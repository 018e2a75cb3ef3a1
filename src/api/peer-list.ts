// Lists the IDs that a PeerServer knows (PeerJS lib/api.ts). The page itself fetches the list from a server that it named,
// so its own CORS, CSP and mixed content rules apply, as with PeerJS. Each request first waits for the host's answer, which
// says whether the page must fetch. Callers must `abandon` the requests when the host will answer no more.
import { PEERJS_VERSION } from '../protocol/peer-server';
import { safe } from './safe/built-ins';
import { logger } from './safe/logger';
import type { PeerOptions } from './peer-options';
import { numberTable } from './safe/number-table';
import { util } from './util';

const FAILED = 'Could not get list peers from the server.';
const NOT_REGISTERED = `${FAILED} This Peer was refused or has ended. Create a new Peer to ask again.`;

const CLOUD_REMEDY =
  "It looks like you're using the cloud server. You can email team@peerjs.com to enable peer listing for your API key.";
const OWN_REMEDY = 'You need to enable `allow_discovery` on your self-hosted PeerServer to use this feature.';

type Callback = (peerIds: unknown) => void;

export interface PeerListDependencies {
  /** Returns false if no host can answer. */
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

  /** Handles the host's answer. Without a list and an error, fetches the list from the page's server. */
  async answer(requestId: number, peerIds: string[] | undefined, error: string | undefined): Promise<void> {
    const callback = this.#callbacks[requestId];
    delete this.#callbacks[requestId];
    if (!callback) return;
    try {
      if (error !== undefined) throw new Error(error);
      callback(peerIds ?? (await fetchPeerList(this.#dependencies.options())));
    } catch (cause) {
      // As in PeerJS, an error thrown by the callback ends the Peer, too.
      this.#dependencies.fail(cause as Error);
    }
  }

  /** Fails all open requests: the host will answer no more. */
  abandon(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = numberTable();
    for (const _ in callbacks) this.#failLater();
  }

  /** Fails after the caller's code has run, like PeerJS's asynchronous requests. */
  #failLater(): void {
    safe.queueMicrotask(() => this.#dependencies.fail(new Error(NOT_REGISTERED)));
  }
}

/** Returns the server's JSON answer, unchecked. Uses the page's current `fetch`, as PeerJS does. */
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
