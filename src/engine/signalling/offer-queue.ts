// Offers of remote peers that cannot be answered yet: all places for unestablished connections are taken, or no page is there.
import { bytesOf, HeldBytes } from '../policy/held-bytes';
import type { Quota } from '../policy/quotas';
import type { Offer } from './server-messages';

/** A page that dials as many connections at once is unusual, one that dials more is an attack on the others' places. */
const MAX_OF_REMOTE_PEER = 64;
/** Of one queue. An offer of PeerJS has some kilobytes. */
const MAX_BYTES = 4 * 1024 * 1024;

interface QueuedOffer {
  offer: Offer;
  bytes: number;
  queuedAt: number;
}

export interface OfferQueueOptions {
  quota: Pick<Quota, 'heldBytes' | 'heldRefusal'>;
  /** Offers at most. */
  most: number;
  /** How long an offer is kept. */
  lifetimeMs: number;
}

export class OfferQueue {
  readonly #options: OfferQueueOptions;
  readonly #held: HeldBytes;
  #queued: QueuedOffer[] = [];
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #isRetrying = false;

  constructor(options: OfferQueueOptions) {
    this.#options = options;
    this.#held = new HeldBytes(options.quota);
  }

  get size(): number {
    return this.#queued.length;
  }

  /** Takes the place of an earlier offer for the same connection. False where there is no room for it. */
  add(offer: Offer): boolean {
    const { src, payload } = offer;
    this.#keep(({ offer }) => offer.src !== src || offer.payload.connectionId !== payload.connectionId);
    const bytes = bytesOf(offer);
    const ofRemotePeer = this.#queued.filter(({ offer }) => offer.src === src);
    if (this.#queued.length >= this.#options.most || ofRemotePeer.length >= MAX_OF_REMOTE_PEER) return false;
    if (this.#held.bytes + bytes > MAX_BYTES || this.#held.refusal(bytes) !== undefined) return false;
    this.#queued.push({ offer, bytes, queuedAt: Date.now() });
    this.#held.bytes += bytes;
    this.#expireLater();
    return true;
  }

  /** Takes each offer for which `accept` returns true, in order. Does nothing while it is at that. */
  retry(accept: (offer: Offer) => boolean): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#dropExpired();
    for (const queued of [...this.#queued]) {
      if (accept(queued.offer)) this.#keep((other) => other !== queued);
    }
    this.#isRetrying = false;
  }

  /** The remote peer has left. */
  removeOf(remotePeerId: string): void {
    this.#keep(({ offer }) => offer.src !== remotePeerId);
  }

  /** Takes all offers, in order. */
  drain(): Offer[] {
    const offers = this.#queued.map(({ offer }) => offer);
    this.#keep(() => false);
    return offers;
  }

  #keep(isKept: (queued: QueuedOffer) => boolean): void {
    this.#queued = this.#queued.filter(isKept);
    this.#held.bytes = this.#queued.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#queued.length > 0) return;
    clearTimeout(this.#expiry);
    this.#expiry = undefined;
  }

  #dropExpired(): void {
    const oldest = Date.now() - this.#options.lifetimeMs;
    this.#keep(({ queuedAt }) => queuedAt > oldest);
  }

  #expireLater(): void {
    const [first] = this.#queued;
    if (!first || this.#expiry !== undefined) return;
    this.#expiry = setTimeout(
      () => {
        this.#expiry = undefined;
        this.#dropExpired();
        this.#expireLater();
      },
      first.queuedAt + this.#options.lifetimeMs - Date.now(),
    );
  }
}
