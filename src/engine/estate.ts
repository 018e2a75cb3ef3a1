// What a Peer whose page is gone has for the Peer of the next one: its data connections, what these had to say when there
// was no socket, and the offers that only a page can answer. Until it is taken the connections go on, and may end.
import type { ClientMessage } from '../protocol/signalling';
import { HostedConnection } from './hosted-connection';
import type { HostedConnections } from './hosted-connections';
import type { ParkedCandidates } from './parked-candidates';
import type { Offer } from './signalling-messages';
import type { SignallingSocket } from './signalling-socket';

/** Calls, and connections by serializers of a page's own. */
const MAX_OFFERS = 16;

/** What the Peer has. */
export interface EstateOptions {
  connections: HostedConnections;
  parked: ParkedCandidates;
  socket: Pick<SignallingSocket, 'forget'>;
  /** Connections that came from an earlier page, which began them, and that the page has not been told of. */
  unclaimed: ReadonlySet<HostedConnection>;
}

/** An offer, and the candidates that have come for it. */
interface HeldOffer {
  offer: Offer;
  candidates: RTCIceCandidateInit[];
}

export class Estate {
  readonly #options: EstateOptions;
  #offers: Offer[] = [];

  constructor(options: EstateOptions) {
    this.#options = options;
  }

  /** Those that are there now. */
  get connections(): HostedConnection[] {
    return this.#options.connections.all().filter((connection) => connection instanceof HostedConnection);
  }

  /** Those of them that a page began, and no page has been told of as if a remote peer had. */
  get begun(): ReadonlySet<HostedConnection> {
    const byPage = this.connections.filter(({ description }) => description.connectionKey > 0);
    return new Set([...byPage, ...this.#options.unclaimed]);
  }

  /** Nothing, where there are many already. */
  addOffer(offer: Offer): void {
    if (this.#offers.length < MAX_OFFERS) this.#offers.push(offer);
  }

  handleLeave(remotePeerId: string): void {
    this.#offers = this.#offers.filter(({ src }) => src !== remotePeerId);
  }

  /** Takes the offers, in order. */
  takeOffers(): HeldOffer[] {
    return this.#offers.splice(0).map((offer) => {
      return { offer, candidates: this.#options.parked.claim(offer.src, offer.payload.connectionId) };
    });
  }

  /** Takes what connections could not say yet. Of an offer that is out all is sent again, and so not this. */
  takeUnsent(): ClientMessage[] {
    const { connections, socket } = this.#options;
    const answering = connections.all().filter((connection) => !connection.isOffering);
    return answering.flatMap(({ description }) => socket.forget(description.connectionId));
  }
}
