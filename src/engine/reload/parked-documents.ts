// Parked documents: their pages are gone, and their Peers wait for the site's next document in the same tab, after a
// reload or a link to another page of the site. No other site and no other tab can adopt them. The caller must call
// `leave` for each document that ends, and `leaveTab` when a tab shows another site.
import type { SiteDocument } from '../../protocol/control-messages';
import { serverUrl } from '../../protocol/peer-server';
import { isSameSite } from '../../protocol/same-site';
import type { AttachedDocument } from '../attached-document';
import type { HostedPeer } from '../peer/hosted-peer';

/** How long a document stays parked. A page that loads slowly and then asks for a Peer has done so by then. */
export const WAIT_MS = 60_000;
/**
 * How long the other Peers stay parked once the next page has registered its first Peer: they follow soon, or not at
 * all.
 */
export const WAIT_FOR_OTHERS_MS = 5_000;

interface Waiting {
  endsAt: number;
  timer: ReturnType<typeof setTimeout>;
}

export class ParkedDocuments {
  readonly #onOver: (attachment: AttachedDocument) => void;
  readonly #waiting = new Map<AttachedDocument, Waiting>();

  /** `onOver`: the time is over, or the tab was left; the caller must dispose of the document. */
  constructor(onOver: (attachment: AttachedDocument) => void) {
    this.#onOver = onOver;
  }

  enter(attachment: AttachedDocument): void {
    this.#endIn(attachment, WAIT_MS);
  }

  leave(attachment: AttachedDocument): void {
    clearTimeout(this.#waiting.get(attachment)?.timer);
    this.#waiting.delete(attachment);
  }

  /** The parked Peer with this ID that `document` may adopt. */
  find(document: SiteDocument, server: string, id: string): HostedPeer | undefined {
    for (const attachment of this.#of(document)) {
      for (const [, peer] of attachment.hostedPeers) {
        const { server: at, peerId } = peer.registration;
        if (peerId === id && at && serverUrl(at) === server) return peer;
      }
    }
    return undefined;
  }

  /**
   * A Peer of the next document is registered and its page's port has come: shortens the time for the other parked
   * Peers.
   */
  recordReturn(document: SiteDocument): void {
    for (const attachment of this.#of(document)) {
      if (this.#waiting.get(attachment)!.endsAt > Date.now() + WAIT_FOR_OTHERS_MS) {
        this.#endIn(attachment, WAIT_FOR_OTHERS_MS);
      }
    }
  }

  /** The tab shows another site or is closed: ends every document parked for it. */
  leaveTab(tabId: number): void {
    for (const attachment of [...this.#waiting.keys()]) {
      if (attachment.document.tabId === tabId) this.#onOver(attachment);
    }
  }

  #endIn(attachment: AttachedDocument, delayMs: number): void {
    clearTimeout(this.#waiting.get(attachment)?.timer);
    const timer = setTimeout(() => {
      this.#onOver(attachment);
    }, delayMs);
    this.#waiting.set(attachment, { endsAt: Date.now() + delayMs, timer });
  }

  /** The latest first: it may have adopted from an earlier document that still has other Peers parked. */
  #of(next: SiteDocument): AttachedDocument[] {
    return [...this.#waiting.keys()].reverse().filter(({ document }) => isSamePlace(document, next));
  }
}

/** Frame IDs may change when the surrounding page reloads, so compare only page with page and frame with frame. */
function isSamePlace(one: SiteDocument, next: SiteDocument): boolean {
  const isPage = (document: SiteDocument): boolean => document.frameId === 0;
  return one.tabId === next.tabId && isPage(one) === isPage(next) && isSameSite(one.site, next.site);
}
