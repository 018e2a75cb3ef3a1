// A Peer's place among those that its site may have. A place that another Peer is about to leave is waited for.
import type { Quota } from './quotas';

export class PeerPlace {
  readonly #quota: Quota;
  readonly #withdraw: () => void;
  #isTaken = false;
  /** Resolves with the reason of a refusal, for the page's developer, or with undefined once the Peer has its place. After `leave` it never settles. */
  readonly refusal: Promise<string | undefined>;

  constructor(quota: Quota) {
    this.#quota = quota;
    let answer!: (refusal: string | undefined) => void;
    this.refusal = new Promise((resolve) => {
      answer = resolve;
    });
    this.#withdraw = quota.peerRequests.enter({
      refusal: () => quota.peerRefusal,
      onRoom: () => {
        this.#isTaken = true;
        quota.peers += 1;
        answer(undefined);
      },
      onRefused: answer,
    });
  }

  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** Gives the place back, or no longer waits for it. Idempotent. */
  leave(): void {
    this.#withdraw();
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#quota.peers -= 1;
  }
}
