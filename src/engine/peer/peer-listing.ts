// Answers a page's requests for the IDs that its PeerServer knows. The page asks a server that it names by itself, as PeerJS
// does, with no more rights than a page has. Only where the user's own server stands in for PeerJS's public one, which the
// page is not to know, the host asks. Requests wait until the background has admitted the Peer: before, nothing is asked.
import { messageOf } from '../../protocol/errors';
import type { UsedServer } from '../../protocol/control-messages';
import type { PageOutbox } from '../connection/page-outbox';
import { fetchPeerList } from '../signalling/peer-list';

/** Requests that wait for the Peer's admission. A page has one or two; what is beyond them it is to ask by itself. */
const MAX_WAITING = 64;

export interface PeerListingOptions {
  peerKey: number;
  outbox: PageOutbox;
  fetch: typeof fetch;
}

interface Answer {
  peerIds?: string[];
  error?: string;
}

export class PeerListing {
  readonly #options: PeerListingOptions;
  #usedServer: UsedServer | undefined;
  #waiting: number[] = [];
  /** However many requests come while one is under way, the server is asked once. */
  #underWay: Promise<Answer> | undefined;

  constructor(options: PeerListingOptions) {
    this.#options = options;
  }

  /** The Peer is admitted to this server. */
  use(used: UsedServer): void {
    this.#usedServer = used;
    for (const requestId of this.#waiting.splice(0)) void this.answer(requestId);
  }

  async answer(requestId: number): Promise<void> {
    if (!this.#usedServer && this.#waiting.length < MAX_WAITING) {
      this.#waiting.push(requestId);
      return;
    }
    const { peerKey, outbox } = this.#options;
    const answer = this.#usedServer?.isOwnServer ? await this.#ask(this.#usedServer) : {};
    outbox.post({ type: 'peer.listed', peerKey, requestId, ...answer });
  }

  #ask({ server }: UsedServer): Promise<Answer> {
    this.#underWay ??= fetchPeerList(this.#options.fetch, server)
      .then(
        (peerIds): Answer => ({ peerIds }),
        (error: unknown): Answer => ({ error: messageOf(error) }),
      )
      .finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }
}
