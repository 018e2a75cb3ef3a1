// Answers a page's requests for the IDs that its PeerServer knows. A page asks a server that it names by its own
// `fetch`, as PeerJS does, with no more rights than a page has. The host asks only the user's own server, which
// replaces PeerJS's public one and must stay unknown to the page. Requests are queued until the background has admitted
// the Peer.
import { messageOf } from '../../protocol/errors';
import type { UsedServer } from '../../protocol/control-messages';
import type { PageOutbox } from '../connection/page-outbox';
import { fetchPeerList } from '../signalling/peer-list';

/** Requests queued for the Peer's admission. A page has one or two; it is told to fetch any further list itself. */
const MAX_QUEUED = 64;

export interface PeerListingOptions {
  peerKey: number;
  outbox: PageOutbox;
  fetch: typeof fetch;
}

interface ListAnswer {
  peerIds?: string[];
  error?: string;
}

export class PeerListing {
  readonly #options: PeerListingOptions;
  #usedServer: UsedServer | undefined;
  #queued: number[] = [];
  /** The request under way, which answers all page requests that come meanwhile. */
  #underWay: Promise<ListAnswer> | undefined;

  constructor(options: PeerListingOptions) {
    this.#options = options;
  }

  /** The Peer is admitted to this server. */
  use(used: UsedServer): void {
    this.#usedServer = used;
    for (const requestId of this.#queued.splice(0)) void this.answer(requestId);
  }

  async answer(requestId: number): Promise<void> {
    if (!this.#usedServer && this.#queued.length < MAX_QUEUED) {
      this.#queued.push(requestId);
      return;
    }
    const { peerKey, outbox } = this.#options;
    const answer = this.#usedServer?.isOwnServer ? await this.#ask(this.#usedServer) : {};
    outbox.post({ type: 'peer.listed', peerKey, requestId, ...answer });
  }

  #ask({ server }: UsedServer): Promise<ListAnswer> {
    this.#underWay ??= fetchPeerList(this.#options.fetch, server)
      .then(
        (peerIds): ListAnswer => ({ peerIds }),
        (error: unknown): ListAnswer => ({ error: messageOf(error) }),
      )
      .finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }
}
