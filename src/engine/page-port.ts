// The way to the page of one attached document: its runtime port, and the MessagePort that the data plane moves to.
// Parses every message of the page, reports invalid ones to the connection or Peer that they name, and counts them. The
// owner must call `listen` after `bind`, and `close` when the document is gone; a closed port delivers nothing.
import type { Endpoint } from '../channel/endpoint';
import type { AttachContentMessage } from '../protocol/attach-messages';
import type { ConnectionErrorType, ErrorInfo, PeerErrorType } from '../protocol/errors';
import { parsePageMessage, problemOf, type PageMessage } from '../protocol/page-messages';
import type { PageOutbox } from './connection/page-outbox';
import { TokenBucket } from './policy/token-bucket';

/**
 * Invalid messages that a page may send: a burst, then a rate. Our page script sends one when a page's author passes a
 * value out of bounds. A page that sends more is probing the host.
 */
const INVALID_MESSAGES = { capacity: 256, perSecond: 4 };

/** PeerJS's error type for a refused `peer.start`, by the option that is out of bounds. */
const START_ERRORS: Record<string, PeerErrorType> = { requestedId: 'invalid-id', config: 'webrtc' };

/** A message of the page that is not about the port itself. */
export type DocumentMessage = Exclude<PageMessage, { type: 'moved' }>;

export interface PagePortOptions {
  outbox: PageOutbox;
  onMessage: (message: DocumentMessage) => void;
  /** Fails a connection about which the page sends invalid messages. */
  refuseConnection: (connectionKey: number, error: ErrorInfo<ConnectionErrorType>) => void;
  /** Called for each invalid message. */
  onInvalid: () => void;
  /** The page has sent more invalid messages than it may. */
  onTooManyInvalid: () => void;
}

export class PagePort {
  readonly #options: PagePortOptions;
  readonly #invalidMessages = new TokenBucket(INVALID_MESSAGES);
  #runtimePort: Endpoint | undefined;
  #messagePort: Endpoint | undefined;
  #isClosed = false;

  constructor(options: PagePortOptions) {
    this.#options = options;
  }

  get isBound(): boolean {
    return this.#runtimePort !== undefined;
  }

  get hasMoved(): boolean {
    return this.#messagePort !== undefined;
  }

  /** Binds the runtime port and acknowledges over it. */
  bind(endpoint: Endpoint): void {
    this.#runtimePort = endpoint;
    this.#options.outbox.bind(endpoint);
  }

  listen(): void {
    this.#runtimePort?.listen((message) => {
      this.#handle(message);
    });
  }

  /**
   * Moves the data plane to `port`. To keep messages in order, the host reads `port` only after the page's `moved`, the
   * page's last message on the old port. The page does the same on its side.
   */
  move(port: Endpoint): void {
    this.#messagePort = port;
    this.#options.outbox.move(port);
  }

  /** Tells the content script that the document has lost its attachment. The runtime port outlives the move. */
  deny(message: string): void {
    this.#runtimePort?.post({ type: 'denied', message } satisfies AttachContentMessage);
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#options.outbox.close();
    this.#runtimePort?.close();
    this.#messagePort?.close();
  }

  #handle(value: unknown): void {
    if (this.#isClosed) return;
    const message = parsePageMessage(value);
    if (!message) {
      this.#options.onInvalid();
      this.#refuse(value);
      if (!this.#invalidMessages.take()) this.#options.onTooManyInvalid();
    } else if (message.type === 'moved') {
      this.#messagePort?.listen((moved) => {
        this.#handle(moved);
      });
    } else {
      this.#options.onMessage(message);
    }
  }

  /** Ignores an invalid message and reports the reason to the connection or Peer that it names. */
  #refuse(value: unknown): void {
    const { outbox, refuseConnection } = this.#options;
    const { type, connectionKey, peerKey, epoch } = membersOf(value);
    const { path, message } = problemOf(value);
    if (typeof connectionKey === 'number') {
      refuseConnection(connectionKey, { type: 'negotiation-failed', message });
    } else if (type === 'peer.start' && typeof peerKey === 'number' && typeof epoch === 'number') {
      const error = { type: START_ERRORS[path?.split('.')[0] ?? ''] ?? 'server-error', message };
      outbox.post({ type: 'peer.failed', peerKey, epoch, error });
    } else if (type === 'peer.send' && typeof peerKey === 'number') {
      outbox.post({ type: 'peer.error', peerKey, error: { type: 'socket-error', message } });
    }
  }
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
