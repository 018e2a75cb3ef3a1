// One Peer's place in its site's quota. Waits a moment for a place if there is none. The owner must call `leave`.
import type { Quota } from './quotas';

export class PeerPlace {
  readonly #quota: Quota;
  readonly #withdraw: () => void;
  #isTaken = false;
  /**
   * Resolves with undefined once the Peer has its place, or with the reason of a refusal. Never settles after `leave`.
   */
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

  /** Frees the place, or stops waiting for one. Idempotent. */
  leave(): void {
    this.#withdraw();
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#quota.peers -= 1;
  }
}
