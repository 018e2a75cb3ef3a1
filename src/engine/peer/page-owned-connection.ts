// A connection that the page holds itself, as far as the host knows it: by its offer, and by the page's word that it is
// gone. The host can ask the page to close it and pass nothing more on for it, and that is all.
import { EventEmitter } from 'eventemitter3';
import type { PeerErrorType } from '../../protocol/errors';
import type { LiveConnection } from '../../protocol/live-messages';
import type { ConnectionEvents } from '../connection/connection-events';
import type { PageOutbox } from '../connection/page-outbox';
import { ESTABLISHMENT_TIMEOUT_MS } from '../policy/unestablished-connections';

export interface PageOwnedConnectionDescription {
  /** Of the document's keys, for the live view; the page does not know it. */
  connectionKey: number;
  connectionId: string;
  remotePeerId: string;
  label?: string;
}

/** By whom it was offered, and whether the other has answered. */
type Stage = 'offered-here' | 'offered-there' | 'answered';

export class PageOwnedConnection extends EventEmitter<ConnectionEvents> {
  readonly description: PageOwnedConnectionDescription;
  readonly #peerKey: number;
  readonly #outbox: Pick<PageOutbox, 'post'>;
  #stage: Stage;
  #isClosing = false;
  /** Runs while it may still be answered. */
  #deadline: ReturnType<typeof setTimeout> | undefined;
  /** The page's objects of this name: the remote peer may offer it again, and the page closes the one it has for another. */
  #objectCount = 1;

  constructor(
    description: PageOwnedConnectionDescription,
    stage: Stage,
    { peerKey, outbox }: { peerKey: number; outbox: Pick<PageOutbox, 'post'> },
  ) {
    super();
    this.description = description;
    this.#stage = stage;
    this.#peerKey = peerKey;
    this.#outbox = outbox;
  }

  /** The page waits for an answer, without which there is no connection. */
  get isOffering(): boolean {
    return this.#stage === 'offered-here';
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** What the live view says of it: an answer makes no connection yet, but more is not known. */
  get state(): LiveConnection['state'] {
    if (this.#isClosing) return 'closing';
    return this.#stage === 'answered' ? 'answered' : 'connecting';
  }

  /** What the page signals goes out from now on: it ends if nobody answers in time. Begins anew each time. */
  startDeadline(): void {
    this.stopDeadline();
    if (this.#stage === 'answered') return;
    this.#deadline = setTimeout(() => {
      if (this.isOffering) this.#tell('webrtc', notAnswered(this.description.remotePeerId));
      this.close();
    }, ESTABLISHMENT_TIMEOUT_MS);
  }

  /** Nothing goes out for now, or it is gone. */
  stopDeadline(): void {
    clearTimeout(this.#deadline);
  }

  noteAnswer(): void {
    this.#stage = 'answered';
    this.stopDeadline();
    this.emit('established');
  }

  noteRepeatedOffer(): void {
    this.#stage = 'offered-there';
    this.#objectCount += 1;
  }

  /** Returns whether the page has none of this name any more. */
  noteGone(): boolean {
    this.#objectCount -= 1;
    return this.#objectCount === 0;
  }

  /** Asks the page, and each time again: it may have failed to. */
  close(): void {
    this.#isClosing = true;
    const { remotePeerId, connectionId } = this.description;
    this.#outbox.post({ type: 'peer.closeConnection', peerKey: this.#peerKey, remotePeerId, connectionId });
  }

  fail(type: 'permission-denied', message: string): void {
    this.#tell(type, message);
    this.close();
  }

  /** Its traffic is the page's. */
  getStats(): Promise<never[]> {
    return Promise.resolve([]);
  }

  /** There is no word to the connection itself: the page's class knows none. */
  #tell(type: PeerErrorType, message: string): void {
    this.#outbox.post({ type: 'peer.error', peerKey: this.#peerKey, error: { type, message } });
  }
}

function notAnswered(remotePeerId: string): string {
  return `Peer ${remotePeerId} did not answer the offer of a connection within ${ESTABLISHMENT_TIMEOUT_MS / 1000} seconds, so it is closed.`;
}
