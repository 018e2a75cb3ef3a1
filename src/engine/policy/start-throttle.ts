// A document's starts of Peers, slowed down where they come without end: each asks the background and dials a server. A page
// that reconnects in a loop against a dead server is honest, so its starts are delayed and not refused.
import type { PeerStart } from '../../protocol/page-messages';
import { TokenBucket } from './token-bucket';

/** At once, as many as a site may have Peers by default; then a dial each half a second, which is what a person could follow. */
const STARTS = { capacity: 32, perSecond: 2 };
/** Peers whose starts wait. Further ones are refused. */
const MAX_WAITING = 32;

const TOO_MANY = `This page starts Peers faster than two a second, and ${MAX_WAITING} wait already. Keep a Peer instead of making one for each purpose, and wait longer before you reconnect.`;

export interface StartThrottleOptions {
  run: (start: PeerStart) => void;
  refuse: (start: PeerStart, reason: string) => void;
}

export class StartThrottle {
  readonly #options: StartThrottleOptions;
  readonly #bucket = new TokenBucket(STARTS);
  /** By Peer, in order: of several starts of one Peer, the latest counts. */
  readonly #waiting = new Map<number, PeerStart>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StartThrottleOptions) {
    this.#options = options;
  }

  add(start: PeerStart): void {
    const { run, refuse } = this.#options;
    if (this.#waiting.size === 0 && this.#bucket.take()) {
      run(start);
      return;
    }
    const isFull = this.#waiting.size >= MAX_WAITING && !this.#waiting.has(start.peerKey);
    if (isFull) refuse(start, TOO_MANY);
    else this.#waiting.set(start.peerKey, start);
    this.#runLater();
  }

  /** The Peer is to leave its server, or has ended. */
  drop(peerKey: number): void {
    this.#waiting.delete(peerKey);
  }

  dropAll(): void {
    this.#waiting.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #runLater(): void {
    if (this.#waiting.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const [first] = this.#waiting;
      if (first && this.#bucket.take()) {
        this.#waiting.delete(first[0]);
        this.#options.run(first[1]);
      }
      this.#runLater();
    }, this.#bucket.delayMs);
  }
}
