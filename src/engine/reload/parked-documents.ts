// Parked documents: their pages are gone, and their Peers wait for the site's next document in the same tab, after a
// reload or a link to another page of the site. No other site and no other tab can adopt them. The caller must call
// `leave` for each document that ends, and `leaveTab` when a tab shows another site.
import type { SiteDocument } from '../../protocol/control-messages';
import { serverUrl, type PeerServerAddress } from '../../protocol/peer-server';
import { isSameSite } from '../../protocol/same-site';
import { WAIT_MS, type ParkedPeer } from './parked-peer';

/**
 * How long the other Peers stay parked once the next page has registered its first Peer: they follow soon, or not at
 * all.
 */
export const WAIT_FOR_OTHERS_MS = 5_000;

/** A Peer of a parked document, as the next document's Peer looks for it. */
interface ParkablePeer {
  readonly address: { server: PeerServerAddress | undefined; peerId: string | undefined };
  /** Gives up its ID, and what it has. */
  surrender(): ParkedPeer | undefined;
}

/** A document whose page is gone, with the members that parking needs. */
export interface ParkableDocument {
  readonly document: SiteDocument;
  readonly hostedPeers: readonly (readonly [peerKey: number, peer: ParkablePeer])[];
}

/** How long a document stays parked, and what then ends it. */
interface Deadline {
  endsAt: number;
  timer: ReturnType<typeof setTimeout>;
  onOver: () => void;
}

export class ParkedDocuments {
  readonly #deadlines = new Map<ParkableDocument, Deadline>();

  /** `onOver`: the time is over, or the tab was left; the caller must dispose of the document. */
  enter(parked: ParkableDocument, onOver: () => void): void {
    this.#endIn(parked, WAIT_MS, onOver);
  }

  leave(parked: ParkableDocument): void {
    clearTimeout(this.#deadlines.get(parked)?.timer);
    this.#deadlines.delete(parked);
  }

  /** The parked Peer with this ID that `document` may adopt. */
  find(document: SiteDocument, server: string, id: string): ParkablePeer | undefined {
    for (const parked of this.#of(document)) {
      for (const [, peer] of parked.hostedPeers) {
        const { server: at, peerId } = peer.address;
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
    for (const parked of this.#of(document)) {
      const { endsAt, onOver } = this.#deadlines.get(parked)!;
      if (endsAt > Date.now() + WAIT_FOR_OTHERS_MS) this.#endIn(parked, WAIT_FOR_OTHERS_MS, onOver);
    }
  }

  /** The tab shows another site or is closed: ends every document parked for it. */
  leaveTab(tabId: number): void {
    for (const [parked, { onOver }] of [...this.#deadlines]) if (parked.document.tabId === tabId) onOver();
  }

  #endIn(parked: ParkableDocument, delayMs: number, onOver: () => void): void {
    clearTimeout(this.#deadlines.get(parked)?.timer);
    this.#deadlines.set(parked, { endsAt: Date.now() + delayMs, timer: setTimeout(onOver, delayMs), onOver });
  }

  /** The latest first: it may have adopted from an earlier document that still has other Peers parked. */
  #of(next: SiteDocument): ParkableDocument[] {
    return [...this.#deadlines.keys()].reverse().filter(({ document }) => isSamePlace(document, next));
  }
}

/** Frame IDs may change when the surrounding page reloads, so compare only page with page and frame with frame. */
function isSamePlace(one: SiteDocument, next: SiteDocument): boolean {
  const isPage = (document: SiteDocument): boolean => document.frameId === 0;
  return one.tabId === next.tabId && isPage(one) === isPage(next) && isSameSite(one.site, next.site);
}
