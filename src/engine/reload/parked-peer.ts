// What a Peer whose page is gone has for the Peer of the next one: its data connections, what these had to say when there
// was no socket, and the offers that only a page can answer. Until it is taken the connections go on, and may end.
import type { ClientMessage } from '../../protocol/signalling';
import { HostedDataConnection } from '../data/hosted-data-connection';
import { OfferQueue } from '../signalling/offer-queue';
import type { EarlyCandidates } from '../signalling/early-candidates';
import type { Quota } from '../policy/quotas';
import type { Offer } from '../signalling/server-messages';
import type { SignallingSocket } from '../signalling/signalling-socket';

/** A page that loads slowly, and then asks for a Peer, is there by then. */
export const WAIT_MS = 60_000;

/** Calls, and connections by serializers of a page's own. */
const MAX_OFFERS = 16;

/** A connection of data or media, as far as signalling goes. */
interface Signalled {
  readonly isOffering: boolean;
  readonly description: { readonly connectionId: string };
}

/** What the Peer has. */
export interface ParkedPeerOptions {
  connections: { all: () => readonly Signalled[] };
  earlyCandidates: EarlyCandidates;
  socket: Pick<SignallingSocket, 'forget'>;
  /** Connections that came from an earlier page, which began them, and that the page has not been told of. */
  unclaimed: ReadonlySet<HostedDataConnection>;
  /** Offers for which there is no place yet, whether there is a page or not. */
  queued: OfferQueue;
  /** The site's. */
  quota: Pick<Quota, 'heldBytes' | 'heldRefusal'>;
}

/** An offer, and the candidates that have come for it. */
interface HeldOffer {
  offer: Offer;
  candidates: RTCIceCandidateInit[];
}

export class ParkedPeer {
  readonly #options: ParkedPeerOptions;
  readonly #offers: OfferQueue;

  constructor(options: ParkedPeerOptions) {
    this.#options = options;
    this.#offers = new OfferQueue({ quota: options.quota, most: MAX_OFFERS, lifetimeMs: WAIT_MS });
  }

  /** Those that are there now. */
  get connections(): HostedDataConnection[] {
    return this.#options.connections.all().filter((connection) => connection instanceof HostedDataConnection);
  }

  /** Those of them that a page began, and no page has been told of as if a remote peer had. */
  get begun(): ReadonlySet<HostedDataConnection> {
    const byPage = this.connections.filter(({ description }) => description.connectionKey > 0);
    return new Set([...byPage, ...this.#options.unclaimed]);
  }

  /** Nothing, where there are many already. */
  addOffer(offer: Offer): void {
    this.#offers.add(offer);
  }

  handleLeave(remotePeerId: string): void {
    this.#offers.removeOf(remotePeerId);
  }

  /** Takes the offers, in order. */
  takeOffers(): HeldOffer[] {
    return [...this.#offers.drain(), ...this.#options.queued.drain()].map((offer) => {
      return { offer, candidates: this.#options.earlyCandidates.claim(offer.src, offer.payload.connectionId) };
    });
  }

  /** Nobody comes any more. */
  close(): void {
    this.#offers.drain();
  }

  /** Takes what connections could not say yet. Of an offer that is out all is sent again, and so not this. */
  takeUnsent(): ClientMessage[] {
    const { connections, socket } = this.#options;
    const answering = connections.all().filter((connection) => !connection.isOffering);
    return answering.flatMap(({ description }) => socket.forget(description.connectionId));
  }
}
