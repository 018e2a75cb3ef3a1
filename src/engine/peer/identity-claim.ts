// The ID of one Peer: the first of the admitted IDs that no other Peer of the site uses, or a new ID if the page
// requested none. Takes an ID over from a parked Peer. The owner must call `release` when the Peer ends.
import type { Identity, SiteDocument } from '../../protocol/control-messages';
import { createIdentity } from '../../protocol/identity';
import type { ParkedPeer } from '../reload/parked-peer';
import type { PeerEnvironment } from './peer-environment';

/** New IDs tried in a row. One taken ID is chance; more mean that the server refuses us. */
const MAX_NEW_IDS = 3;

export interface Claimed {
  identity: Identity;
  /** The parked Peer that had this ID, if there was one. */
  former: ParkedPeer | undefined;
}

export class IdentityClaim {
  readonly #document: SiteDocument;
  readonly #environment: Pick<PeerEnvironment, 'idsInUse' | 'parkedDocuments'>;
  #identity: Identity | undefined;
  /** The server that `#identity` is claimed at. */
  #serverUrl = '';
  #others: Identity[] = [];
  #newIds = 0;

  constructor(document: SiteDocument, environment: Pick<PeerEnvironment, 'idsInUse' | 'parkedDocuments'>) {
    this.#document = document;
    this.#environment = environment;
  }

  /** The ID claimed last, even after `release`. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** The other admitted IDs, to try if the server reports this one as taken. */
  get others(): Identity[] {
    return this.#others;
  }

  /** True if MAX_NEW_IDS new IDs in a row were taken. */
  get isExhausted(): boolean {
    return this.#newIds >= MAX_NEW_IDS;
  }

  /** The server has registered the ID. */
  confirm(): void {
    this.#newIds = 0;
  }

  /**
   * Claims an ID and releases the former one. `admitted`: best first; undefined: the same ID again. Returns undefined
   * if the page requested an ID (`isRequested`) and no candidate is free.
   */
  take(serverUrl: string, admitted: Identity[] | undefined, isRequested: boolean): Claimed | undefined {
    this.release();
    const candidates = admitted ?? (this.#identity ? [this.#identity] : []);
    const claimed =
      this.#takeFirst(serverUrl, candidates) ??
      (isRequested ? undefined : this.#takeFirst(serverUrl, [createIdentity()]));
    if (!claimed) return undefined;
    const { identity } = claimed;
    this.#identity = identity;
    this.#serverUrl = serverUrl;
    // A new ID, or the same again, leaves no others to try.
    const isAdmitted = admitted?.includes(identity) ?? false;
    this.#others = isAdmitted ? admitted!.filter((other) => other !== identity) : [];
    if (admitted && !isAdmitted) this.#newIds++;
    return claimed;
  }

  /** Frees the ID for other Peers of the site. Idempotent. */
  release(): void {
    if (!this.#identity) return;
    this.#environment.idsInUse.release(this.#document.site, this.#serverUrl, this.#identity.id, this);
  }

  /** Claims the first candidate that is free or that a parked Peer can surrender to this page. */
  #takeFirst(serverUrl: string, candidates: Identity[]): Claimed | undefined {
    const { idsInUse, parkedDocuments } = this.#environment;
    for (const identity of candidates) {
      const former = parkedDocuments.find(this.#document, serverUrl, identity.id)?.surrender();
      if (idsInUse.claim(this.#document.site, serverUrl, identity.id, this)) return { identity, former };
    }
    return undefined;
  }
}
