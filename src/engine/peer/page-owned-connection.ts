// A connection whose RTCPeerConnection is in the page, as far as the host knows it. The host learns of it by its offer,
// and of its end by the page's report. The host can ask the page to close it and stop passing its signals, and no more.
import { EventEmitter } from 'eventemitter3';
import type { PeerErrorType } from '../../protocol/errors';
import type { LiveConnection } from '../../protocol/live-messages';
import type { ConnectionEvents } from '../connection/connection-events';
import type { PageOutbox } from '../connection/page-outbox';
import { ESTABLISHMENT_TIMEOUT_MS } from '../policy/unestablished-connections';

export interface PageOwnedConnectionDescription {
  /** A key of the document for the live view; the page does not know it. */
  connectionKey: number;
  connectionId: string;
  remotePeerId: string;
  label?: string;
}

/** Which side made the offer, until the other side answers. */
type Stage = 'offered-here' | 'offered-there' | 'answered';

export class PageOwnedConnection extends EventEmitter<ConnectionEvents> {
  readonly description: PageOwnedConnectionDescription;
  readonly #peerKey: number;
  readonly #outbox: Pick<PageOutbox, 'post'>;
  #stage: Stage;
  #isClosing = false;
  /** Runs while the connection may still be answered. */
  #deadline: ReturnType<typeof setTimeout> | undefined;
  /**
   * Objects of this name in the page. On a repeated offer the page creates another object and closes the former one.
   */
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

  /** The page's offer is out and not answered yet. */
  get isOffering(): boolean {
    return this.#stage === 'offered-here';
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** For the live view. `answered` may not be connected yet, but the host knows no more. */
  get state(): LiveConnection['state'] {
    if (this.#isClosing) return 'closing';
    return this.#stage === 'answered' ? 'answered' : 'connecting';
  }

  /**
   * Starts or restarts the time for an answer; the connection is closed when it is over. Call when signals can go out.
   */
  startDeadline(): void {
    this.stopDeadline();
    if (this.#stage === 'answered') return;
    this.#deadline = setTimeout(() => {
      if (this.isOffering) this.#postError('webrtc', notAnswered(this.description.remotePeerId));
      this.close();
    }, ESTABLISHMENT_TIMEOUT_MS);
  }

  /** Call when signals cannot go out, or when the connection is gone. */
  stopDeadline(): void {
    clearTimeout(this.#deadline);
  }

  recordAnswer(): void {
    this.#stage = 'answered';
    this.stopDeadline();
    this.emit('established');
  }

  recordRepeatedOffer(): void {
    this.#stage = 'offered-there';
    this.#objectCount += 1;
  }

  /** Returns true if the page has no object of this name any more. */
  recordGone(): boolean {
    this.#objectCount -= 1;
    return this.#objectCount === 0;
  }

  /** Asks the page to close it. Every call asks again, because the page may have failed to. */
  close(): void {
    this.#isClosing = true;
    const { remotePeerId, connectionId } = this.description;
    this.#outbox.post({ type: 'peer.closeConnection', peerKey: this.#peerKey, remotePeerId, connectionId });
  }

  fail(type: 'permission-denied', message: string): void {
    this.#postError(type, message);
    this.emit('failed', type);
    this.close();
  }

  /** Empty: the host cannot see the page's traffic. */
  getStats(): Promise<never[]> {
    return Promise.resolve([]);
  }

  /** Reported to the Peer, because the page's connection class takes no errors from the host. */
  #postError(type: PeerErrorType, message: string): void {
    this.#outbox.post({ type: 'peer.error', peerKey: this.#peerKey, error: { type, message } });
  }
}

function notAnswered(remotePeerId: string): string {
  return `Peer ${remotePeerId} did not answer the offer of a connection within ${ESTABLISHMENT_TIMEOUT_MS / 1000} seconds, so the connection is closed.`;
}
