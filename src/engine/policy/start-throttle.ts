// Limits the rate of a document's Peer starts, because each one asks the background and dials a server. Delays starts
// instead of refusing them, because an honest page may reconnect in a loop while its server is down. The owner must
// call `dropAll`.
import type { PeerStart } from '../../protocol/page-messages';
import { TokenBucket } from './token-bucket';

/** A burst of as many Peers as a site has by default, then two starts a second, as fast as a person could follow. */
const STARTS = { capacity: 32, perSecond: 2 };
/** Queued starts, one per Peer; further ones are refused. */
const MAX_QUEUED = 32;

const TOO_MANY = `This page starts more than two Peers a second, and ${MAX_QUEUED} are already waiting. Reuse a Peer instead of making one for each purpose, and wait longer before you reconnect.`;

export interface StartThrottleOptions {
  run: (start: PeerStart) => void;
  refuse: (start: PeerStart, reason: string) => void;
}

export class StartThrottle {
  readonly #options: StartThrottleOptions;
  readonly #bucket = new TokenBucket(STARTS);
  /** By Peer, in order; a Peer's newer start replaces its older one. */
  readonly #queued = new Map<number, PeerStart>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StartThrottleOptions) {
    this.#options = options;
  }

  add(start: PeerStart): void {
    const { run, refuse } = this.#options;
    if (this.#queued.size === 0 && this.#bucket.take()) {
      run(start);
      return;
    }
    const isFull = this.#queued.size >= MAX_QUEUED && !this.#queued.has(start.peerKey);
    if (isFull) refuse(start, TOO_MANY);
    else this.#queued.set(start.peerKey, start);
    this.#runLater();
  }

  /** Drops the start of a Peer that disconnects or has ended. */
  drop(peerKey: number): void {
    this.#queued.delete(peerKey);
  }

  dropAll(): void {
    this.#queued.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #runLater(): void {
    if (this.#queued.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const [first] = this.#queued;
      if (first && this.#bucket.take()) {
        this.#queued.delete(first[0]);
        this.#options.run(first[1]);
      }
      this.#runLater();
    }, this.#bucket.delayMs);
  }
}
