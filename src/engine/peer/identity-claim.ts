// Which ID a Peer has: the first of those that the background admitted which is not alive in the site, or a new one
// where the page asked for none. An ID that a Peer without page waits with is taken over from it.
import type { Identity, SiteDocument } from '../../protocol/control-messages';
import { createIdentity } from '../../protocol/identity';
import type { ParkedPeer } from '../reload/parked-peer';
import type { PeerEnvironment } from './peer-environment';

/** New IDs tried in a row. One that is taken is chance; more are a server that does not want us. */
const MAX_NEW_IDS = 3;

export interface Claimed {
  identity: Identity;
  /** What the Peer of a former page has that had this ID. */
  former: ParkedPeer | undefined;
}

export class IdentityClaim {
  readonly #document: SiteDocument;
  readonly #environment: Pick<PeerEnvironment, 'idsInUse' | 'parkedDocuments'>;
  #identity: Identity | undefined;
  /** At which `#identity` is ours. */
  #serverUrl = '';
  #others: Identity[] = [];
  #newIds = 0;

  constructor(document: SiteDocument, environment: Pick<PeerEnvironment, 'idsInUse' | 'parkedDocuments'>) {
    this.#document = document;
    this.#environment = environment;
  }

  /** The one claimed last, also where it has been released since. */
  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** What else the background admitted, where this ID turns out to be somebody else's at the server. */
  get others(): Identity[] {
    return this.#others;
  }

  /** As many new IDs as are tried in a row are taken. */
  get isExhausted(): boolean {
    return this.#newIds >= MAX_NEW_IDS;
  }

  /** The server has registered the ID. */
  confirm(): void {
    this.#newIds = 0;
  }

  /**
   * Takes an ID in place of the one it has. `admitted`: best first; undefined: the same again. Undefined where all are alive
   * and the page has asked for one of them (`isRequested`).
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
    // A new one, or the same again: there are no others to try.
    const isAdmitted = admitted?.includes(identity) ?? false;
    this.#others = isAdmitted ? admitted!.filter((other) => other !== identity) : [];
    if (admitted && !isAdmitted) this.#newIds++;
    return claimed;
  }

  /** The ID is no longer ours. Idempotent. */
  release(): void {
    if (!this.#identity) return;
    this.#environment.idsInUse.release(this.#document.site, this.#serverUrl, this.#identity.id, this);
  }

  /** The first that is not alive, or that a Peer has which waits for this page. */
  #takeFirst(serverUrl: string, candidates: Identity[]): Claimed | undefined {
    const { idsInUse, parkedDocuments } = this.#environment;
    for (const identity of candidates) {
      const former = parkedDocuments.find(this.#document, serverUrl, identity.id)?.makeWay();
      if (idsInUse.claim(this.#document.site, serverUrl, identity.id, this)) return { identity, former };
    }
    return undefined;
  }
}
