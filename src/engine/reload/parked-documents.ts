// Documents that have ended and whose Peers wait for the site's next document in the tab: a page that reloads, or one
// that leads to another page of the site. Nobody else gets what waits here.
import type { SiteDocument } from '../../protocol/control-messages';
import { serverUrl, type PeerServerAddress } from '../../protocol/peer-server';
import { isSameSite } from '../../protocol/same-site';
import { WAIT_MS, type ParkedPeer } from './parked-peer';

/** Once a Peer of the next page is registered and the page is there: its other Peers follow soon, or not at all. */
export const WAIT_FOR_OTHERS_MS = 5_000;

/** A Peer of such a document, as far as the next document's Peer looks for it. */
interface WaitingPeer {
  readonly registration: { server: PeerServerAddress | undefined; peerId: string | undefined };
  /** Gives up its ID, and what it has. */
  makeWay(): ParkedPeer | undefined;
}

/** A document that has ended, as far as it is looked at here. */
export interface WaitingDocument {
  readonly document: SiteDocument;
  readonly hostedPeers: readonly (readonly [peerKey: number, peer: WaitingPeer])[];
}

interface Waiting {
  endsAt: number;
  timer: ReturnType<typeof setTimeout>;
}

export class ParkedDocuments {
  readonly #onOver: (attachment: WaitingDocument) => void;
  readonly #waiting = new Map<WaitingDocument, Waiting>();

  /** `onOver`: nobody came, or nobody can come any more. */
  constructor(onOver: (attachment: WaitingDocument) => void) {
    this.#onOver = onOver;
  }

  enter(attachment: WaitingDocument): void {
    this.#endIn(attachment, WAIT_MS);
  }

  leave(attachment: WaitingDocument): void {
    clearTimeout(this.#waiting.get(attachment)?.timer);
    this.#waiting.delete(attachment);
  }

  /** The Peer with this ID that waits for the document. */
  find(document: SiteDocument, server: string, id: string): WaitingPeer | undefined {
    for (const attachment of this.#of(document)) {
      for (const [, peer] of attachment.hostedPeers) {
        const { server: at, peerId } = peer.registration;
        if (peerId === id && at && serverUrl(at) === server) return peer;
      }
    }
    return undefined;
  }

  /** A Peer of the document has taken over, or could have: it is registered, and its page is there. */
  noteReturn(document: SiteDocument): void {
    for (const attachment of this.#of(document)) {
      if (this.#waiting.get(attachment)!.endsAt > Date.now() + WAIT_FOR_OTHERS_MS) {
        this.#endIn(attachment, WAIT_FOR_OTHERS_MS);
      }
    }
  }

  /** The tab shows another site, or is closed. */
  leaveTab(tabId: number): void {
    for (const attachment of [...this.#waiting.keys()]) {
      if (attachment.document.tabId === tabId) this.#onOver(attachment);
    }
  }

  #endIn(attachment: WaitingDocument, delayMs: number): void {
    clearTimeout(this.#waiting.get(attachment)?.timer);
    const timer = setTimeout(() => {
      this.#onOver(attachment);
    }, delayMs);
    this.#waiting.set(attachment, { endsAt: Date.now() + delayMs, timer });
  }

  /** The latest first: it may have taken over from one that waits for other Peers still. */
  #of(next: SiteDocument): WaitingDocument[] {
    return [...this.#waiting.keys()].reverse().filter(({ document }) => isSamePlace(document, next));
  }
}

/** A frame may have another number after the reload of the page around it; the page itself has one of its own. */
function isSamePlace(one: SiteDocument, next: SiteDocument): boolean {
  const isPage = (document: SiteDocument): boolean => document.frameId === 0;
  return one.tabId === next.tabId && isPage(one) === isPage(next) && isSameSite(one.site, next.site);
}
