// Remote peers' offers to one Peer. Checks each offer before anything is made for it, gives it one of the places for
// unestablished connections, and makes the connection or call that it offers, or passes it to the page. Queues offers
// while no place is free, and parks the offers that only a page can answer while there is no page. A refused offer gets
// no answer: the remote peer must not be able to tell a refusal from an absent peer. The owner must call `end`.
import type { ParkedOffer, ParkedPeer } from '../reload/parked-peer';
import { isSerialization } from '../../protocol/serializations';
import { kindOf, refusalOf, type Kind } from '../policy/permitted-kinds';
import { TokenBucket } from '../policy/token-bucket';
import { ESTABLISHMENT_TIMEOUT_MS, type Place } from '../policy/unestablished-connections';
import type { EarlyCandidates } from '../signalling/early-candidates';
import { looksLikeOffer } from '../signalling/offer-check';
import { OfferQueue } from '../signalling/offer-queue';
import type { Offer } from '../signalling/server-messages';
import type { ConnectionFactory } from './connection-factory';
import { PEER_CONNECTIONS, type ConnectionRegistry } from './connection-registry';
import type { PageOwnedSignalling } from './page-owned-signalling';
import type { PeerOwner } from './peer-environment';

/** As many as a page that goes live has visitors at once, and about as many as the connections of a site. */
const MAX_QUEUED_OFFERS = 256;

/**
 * Shorter than an unestablished connection keeps its place. Otherwise a remote peer that floods us with offers would
 * retake all its places when they are freed. Honest connections are established, and free their places, within seconds.
 */
const QUEUED_OFFER_LIFETIME_MS = ESTABLISHMENT_TIMEOUT_MS / 2;

/** Limits warnings on the page's console, because remote peers can cause them at will. */
const WARNINGS = { capacity: 1, perSecond: 1 / 60 };

const NO_PLACE = 'Offers from remote peers are not answered: too many of their connections are being made already.';

export interface IncomingOffersOptions {
  peerKey: number;
  owner: Pick<PeerOwner, 'outbox' | 'nextConnectionKey' | 'conditions' | 'quota'>;
  /** Names of the page's custom serializers. */
  customSerializers: () => readonly string[];
  connections: ConnectionRegistry;
  factory: ConnectionFactory;
  pageOwnedSignalling: PageOwnedSignalling;
  earlyCandidates: EarlyCandidates;
}

export class IncomingOffers {
  readonly #options: IncomingOffersOptions;
  readonly #queue: OfferQueue;
  /** Stops retrying queued offers when places become free. */
  readonly #stopRetrying: () => void;
  readonly #warnings = new TokenBucket(WARNINGS);
  /** Set while there is no page. */
  #parkedPeer: ParkedPeer | undefined;

  constructor(options: IncomingOffersOptions) {
    this.#options = options;
    const { quota } = options.owner;
    this.#queue = new OfferQueue({ quota, most: MAX_QUEUED_OFFERS, lifetimeMs: QUEUED_OFFER_LIFETIME_MS });
    this.#stopRetrying = quota.unestablished.onFree(() => {
      this.#queue.retry((offer) => {
        if (!quota.unestablished.has(this.#applicantOf(offer))) return false;
        this.handle(offer);
        return true;
      });
    });
  }

  /** Offers that wait for a free place. */
  get queue(): OfferQueue {
    return this.#queue;
  }

  handle(offer: Offer): void {
    const { payload } = offer;
    const isCall = payload.type === 'media';
    if (refusalOf(kindOf(payload), this.#options.owner.conditions())) return;
    const isPageOwned =
      payload.type === 'data' && this.#options.customSerializers().includes(String(payload.serialization));
    const isOurs = !isPageOwned && (isCall || isReadable(offer));
    // Reject invalid offers before anything is created for them.
    if (isOurs && !looksLikeOffer(payload.sdp.sdp, isCall ? 'media' : 'data')) {
      this.#warn(
        `An offer of peer ${offer.src} is not answered: its SDP does not offer a ${isCall ? 'call' : 'data channel'}.`,
      );
      return;
    }
    if (this.#parkedPeer && (isCall || !isOurs)) this.#parkedPeer.addOffer(offer);
    else if (isOurs || isPageOwned) this.#accept(offer, isPageOwned);
  }

  /** Handles the offers that came while there was no page. */
  handleParked(offers: readonly ParkedOffer[]): void {
    for (const { offer, candidates } of offers) {
      const { src, payload } = offer;
      for (const candidate of candidates) this.#options.earlyCandidates.add(src, payload.connectionId, candidate);
      this.handle(offer);
    }
  }

  handleLeave(remotePeerId: string): void {
    this.#queue.removeOf(remotePeerId);
    this.#parkedPeer?.handleLeave(remotePeerId);
  }

  /** The page is gone: parks its offers with this Peer. */
  park(parkedPeer: ParkedPeer): void {
    this.#parkedPeer = parkedPeer;
  }

  end(): void {
    this.#stopRetrying();
    this.#queue.drain();
    this.#parkedPeer?.close();
  }

  /** Accepts an offer. Queues it while no place is free, and drops it if the queue is full. */
  #accept(offer: Offer, isPageOwned: boolean): void {
    const { src, payload } = offer;
    const { connections, owner } = this.#options;
    const { quota } = owner;
    const excess = quota.connectionRefusal(isPageOwned ? 0 : PEER_CONNECTIONS[kindOf(payload)]);
    if (excess !== undefined) {
      this.#warn(`An offer from a remote peer is not answered. ${excess}`);
      return;
    }
    const giveWay = (): void => connections.find(src, payload.connectionId)?.close();
    const place = quota.unestablished.take({ ...this.#applicantOf(offer), giveWay });
    if (!place) {
      if (!this.#queue.add(offer)) this.#warn(NO_PLACE);
      return;
    }
    if (isPageOwned) {
      this.#passToPage(offer, place);
      return;
    }
    // As in PeerJS: an offer for a connection that exists replaces it.
    connections.find(src, payload.connectionId)?.close();
    if (payload.type === 'media') this.#acceptCall(offer, place);
    else this.#acceptConnection(offer, place);
  }

  #acceptConnection({ src, payload }: Offer, place: Place): void {
    const { connectionId, sdp, metadata, reliable } = payload;
    const serialization = String(payload.serialization);
    const label = typeof payload.label === 'string' ? payload.label : connectionId;
    const { owner, peerKey, factory, connections, earlyCandidates } = this.#options;
    const connectionKey = owner.nextConnectionKey();
    const description = { connectionKey, connectionId, remotePeerId: src, label, serialization, reliable: !!reliable };
    const connection = factory.createConnection({ ...description, metadata }, false);
    if (!connection) {
      place.end();
      return;
    }
    connections.add(connection, place);
    connection.startDeadline();
    if (this.#parkedPeer) connection.park();
    owner.outbox.post({ type: 'connection.incoming', peerKey, ...description, metadata });
    void connection.answer(sdp);
    for (const candidate of earlyCandidates.claim(src, connectionId)) void connection.handleCandidate(candidate);
  }

  #acceptCall({ src, payload }: Offer, place: Place): void {
    const { connectionId, sdp, metadata } = payload;
    const { owner, peerKey, factory, connections, earlyCandidates } = this.#options;
    const description = { connectionKey: owner.nextConnectionKey(), connectionId, remotePeerId: src, metadata };
    const call = factory.createCall(description, sdp);
    if (!call) {
      place.end();
      return;
    }
    connections.add(call, place);
    owner.outbox.post({ type: 'call.incoming', peerKey, ...description, offer: sdp });
    for (const candidate of earlyCandidates.claim(src, connectionId)) call.handleCandidate(candidate);
  }

  /** Passes an offer with a custom serializer to the page. */
  #passToPage(offer: Offer, place: Place): void {
    const { pageOwnedSignalling, earlyCandidates } = this.#options;
    if (!pageOwnedSignalling.handleOffer(offer, place)) return;
    const { connectionId } = offer.payload;
    for (const candidate of earlyCandidates.claim(offer.src, connectionId)) {
      pageOwnedSignalling.pass(offer.src, connectionId, { type: 'CANDIDATE', payload: { candidate, connectionId } });
    }
  }

  #applicantOf({ src, payload }: Offer): { peer: object; remotePeerId: string; kind: Kind } {
    return { peer: this, remotePeerId: src, kind: kindOf(payload) };
  }

  /** Warns the page's developer. The remote peer hears nothing. */
  #warn(message: string): void {
    const { owner, peerKey } = this.#options;
    if (this.#warnings.take()) owner.outbox.post({ type: 'peer.warning', peerKey, message });
  }
}

/** An offer that names no serialization of PeerJS's is one that no page of ours can read. */
function isReadable({ payload }: Offer): boolean {
  return payload.type === 'data' && isSerialization(String(payload.serialization));
}
