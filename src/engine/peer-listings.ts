// Answers a page's requests for the IDs that its PeerServer knows. They wait until the background has admitted the Peer to
// that server: before, nothing is asked of it.
import { messageOf } from '../protocol/errors';
import type { PeerServerAddress } from '../protocol/peer-server';
import type { Outbox } from './outbox';
import { fetchPeerList } from './peer-list';

export interface PeerListingsOptions {
  peerKey: number;
  outbox: Outbox;
  fetch: typeof fetch;
}

export class PeerListings {
  readonly #options: PeerListingsOptions;
  #server: PeerServerAddress | undefined;
  #waiting: number[] = [];

  constructor(options: PeerListingsOptions) {
    this.#options = options;
  }

  /** The Peer is admitted to this server, which is asked from now on. */
  use(server: PeerServerAddress): void {
    this.#server = server;
    for (const requestId of this.#waiting.splice(0)) void this.answer(requestId);
  }

  async answer(requestId: number): Promise<void> {
    if (!this.#server) {
      this.#waiting.push(requestId);
      return;
    }
    const { peerKey, outbox, fetch } = this.#options;
    const listed = { type: 'peer.listed' as const, peerKey, requestId };
    try {
      const peerIds = await fetchPeerList(fetch, this.#server);
      outbox.post({ ...listed, peerIds });
    } catch (error) {
      outbox.post({ ...listed, error: messageOf(error) });
    }
  }
}
