// Queues remote peers' offers that cannot be answered yet, because all places for unestablished connections are taken
// or because there is no page. Bounded in number, bytes and time. The owner must call `drain` in the end.
import { bytesOf, QueuedBytes } from '../policy/queued-bytes';
import type { Quota } from '../policy/quotas';
import type { Offer } from './server-messages';

/** Per remote peer. Few honest pages open so many connections at once; more would crowd out other remote peers. */
const MAX_OF_REMOTE_PEER = 64;
/** Bytes of one queue. A PeerJS offer has a few kilobytes. */
const MAX_BYTES = 4 * 1024 * 1024;

interface QueuedOffer {
  offer: Offer;
  bytes: number;
  queuedAt: number;
}

export interface OfferQueueOptions {
  quota: Pick<Quota, 'queuedBytes' | 'queuedBytesRefusal'>;
  /** The largest number of offers. */
  most: number;
  /** How long an offer stays queued. */
  lifetimeMs: number;
}

export class OfferQueue {
  readonly #options: OfferQueueOptions;
  readonly #queuedBytes: QueuedBytes;
  #queued: QueuedOffer[] = [];
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #isRetrying = false;

  constructor(options: OfferQueueOptions) {
    this.#options = options;
    this.#queuedBytes = new QueuedBytes(options.quota);
  }

  get size(): number {
    return this.#queued.length;
  }

  /** Queues the offer in place of an earlier one for the same connection. Returns false if there is no room. */
  add(offer: Offer): boolean {
    const { src, payload } = offer;
    this.#retain(({ offer }) => offer.src !== src || offer.payload.connectionId !== payload.connectionId);
    const bytes = bytesOf(offer);
    const ofRemotePeer = this.#queued.filter(({ offer }) => offer.src === src);
    if (this.#queued.length >= this.#options.most || ofRemotePeer.length >= MAX_OF_REMOTE_PEER) return false;
    if (this.#queuedBytes.bytes + bytes > MAX_BYTES || this.#queuedBytes.refusal(bytes) !== undefined) return false;
    this.#queued.push({ offer, bytes, queuedAt: Date.now() });
    this.#queuedBytes.bytes += bytes;
    this.#expireLater();
    return true;
  }

  /** Removes each offer that `accept` accepts, in order. Nested calls do nothing. */
  retry(accept: (offer: Offer) => boolean): void {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    this.#dropExpired();
    for (const queued of [...this.#queued]) {
      if (accept(queued.offer)) this.#retain((other) => other !== queued);
    }
    this.#isRetrying = false;
  }

  /** Removes the offers of a remote peer that has left. */
  removeOf(remotePeerId: string): void {
    this.#retain(({ offer }) => offer.src !== remotePeerId);
  }

  /** Removes and returns all offers, in order. */
  drain(): Offer[] {
    const offers = this.#queued.map(({ offer }) => offer);
    this.#retain(() => false);
    return offers;
  }

  #retain(isKept: (queued: QueuedOffer) => boolean): void {
    this.#queued = this.#queued.filter(isKept);
    this.#queuedBytes.bytes = this.#queued.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#queued.length > 0) return;
    clearTimeout(this.#expiry);
    this.#expiry = undefined;
  }

  #dropExpired(): void {
    const oldest = Date.now() - this.#options.lifetimeMs;
    this.#retain(({ queuedAt }) => queuedAt > oldest);
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
