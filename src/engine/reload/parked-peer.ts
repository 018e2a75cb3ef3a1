// A Peer whose page is gone, as the Peer of the next page sees it: its data connections, their messages that no socket
// has sent yet, and the offers that only a page can answer. The connections stay live until they are adopted, and may
// end.
import type { ClientMessage } from '../../protocol/signalling';
import { HostedDataConnection } from '../data/hosted-data-connection';
import { OfferQueue } from '../signalling/offer-queue';
import type { EarlyCandidates } from '../signalling/early-candidates';
import type { Quota } from '../policy/quotas';
import type { Offer } from '../signalling/server-messages';
import type { SignallingSocket } from '../signalling/signalling-socket';

/** A page that loads slowly, and then asks for a Peer, is there by then. */
export const WAIT_MS = 60_000;

/** Offers of calls and of connections with a custom serializer. */
const MAX_OFFERS = 16;

/** A connection of data or media, as far as signalling goes. */
interface Signalled {
  readonly isOffering: boolean;
  readonly description: { readonly connectionId: string };
}

/** The parts of the parked Peer. */
export interface ParkedPeerOptions {
  connections: { all: () => readonly Signalled[] };
  earlyCandidates: EarlyCandidates;
  socket: Pick<SignallingSocket, 'forget'>;
  /** Connections that an earlier page opened and that the page just gone was never told of. */
  unclaimed: ReadonlySet<HostedDataConnection>;
  /** Offers that wait for a free place, with or without a page. */
  queued: OfferQueue;
  /** The site's quota. */
  quota: Pick<Quota, 'queuedBytes' | 'queuedBytesRefusal'>;
}

/** An offer and the candidates that arrived for it. */
export interface ParkedOffer {
  offer: Offer;
  candidates: RTCIceCandidateInit[];
}

export class ParkedPeer {
  readonly #options: ParkedPeerOptions;
  readonly #parkedOffers: OfferQueue;

  constructor(options: ParkedPeerOptions) {
    this.#options = options;
    this.#parkedOffers = new OfferQueue({ quota: options.quota, most: MAX_OFFERS, lifetimeMs: WAIT_MS });
  }

  /** The connections that are live now. */
  get connections(): HostedDataConnection[] {
    return this.#options.connections.all().filter((connection) => connection instanceof HostedDataConnection);
  }

  /** Connections that a page opened itself and that were never announced as incoming. */
  get pageInitiated(): ReadonlySet<HostedDataConnection> {
    const byPage = this.connections.filter(({ description }) => description.connectionKey > 0);
    return new Set([...byPage, ...this.#options.unclaimed]);
  }

  /** Parks the offer, or drops it if too many are parked already. */
  addOffer(offer: Offer): void {
    this.#parkedOffers.add(offer);
  }

  handleLeave(remotePeerId: string): void {
    this.#parkedOffers.removeOf(remotePeerId);
  }

  /** Removes and returns the offers, in order. */
  takeOffers(): ParkedOffer[] {
    return [...this.#parkedOffers.drain(), ...this.#options.queued.drain()].map((offer) => {
      return { offer, candidates: this.#options.earlyCandidates.claim(offer.src, offer.payload.connectionId) };
    });
  }

  /** No page will adopt this Peer: drops the offers. */
  close(): void {
    this.#parkedOffers.drain();
  }

  /**
   * Removes and returns unsent messages of connections. Skips connections whose offer is out: they repeat all of it.
   */
  takeUnsent(): ClientMessage[] {
    const { connections, socket } = this.#options;
    const answering = connections.all().filter((connection) => !connection.isOffering);
    return answering.flatMap(({ description }) => socket.forget(description.connectionId));
  }
}
