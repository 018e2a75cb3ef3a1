// Connections and calls of one document that wait for room in the site's quota, and the page's messages about them
// meanwhile. The document must pass every message through `take` first, and call `dropAll` when it ends.
import type { CallCreate, ConnectionCreate, PageMessage } from '../../protocol/page-messages';
import { bytesOf, QueuedBytes } from '../policy/queued-bytes';
import { PEER_CONNECTIONS } from './connection-registry';
import type { Quota } from '../policy/quotas';

/** Messages queued for one connection: the offer and the candidates of a direct call. */
const MAX_MESSAGES = 64;
/** Bytes queued for one connection. */
const MAX_BYTES = 1024 * 1024;

type Create = ConnectionCreate | CallCreate;
type MessageToConnection = Extract<PageMessage, { connectionKey: number }>;

export interface PostponedConnectionsOptions {
  quota: Quota;
  /** Handles a queued message, once there is room. */
  dispatch: (message: MessageToConnection) => void;
  refuse: (connectionKey: number, reason: string) => void;
}

interface Postponed {
  peerKey: number;
  messages: MessageToConnection[];
  queuedBytes: QueuedBytes;
  isAnswered: boolean;
  withdraw: () => void;
}

export class PostponedConnections {
  readonly #options: PostponedConnectionsOptions;
  readonly #postponed = new Map<number, Postponed>();

  constructor(options: PostponedConnectionsOptions) {
    this.#options = options;
  }

  /** Calls `create` as soon as there is room for the connection, at once if there is room now. */
  whenRoom(message: Create, create: () => void): void {
    const { quota, dispatch, refuse } = this.#options;
    const { connectionKey, peerKey } = message;
    const kind = message.type === 'call.create' ? 'calls' : 'data';
    const queuedBytes = new QueuedBytes(quota);
    const postponed: Postponed = { peerKey, messages: [], queuedBytes, isAnswered: false, withdraw: () => undefined };
    postponed.withdraw = quota.connectionRequests.enter({
      refusal: () => quota.connectionRefusal(PEER_CONNECTIONS[kind]),
      onRoom: () => {
        postponed.isAnswered = true;
        this.#forget(connectionKey);
        create();
        for (const later of postponed.messages) dispatch(later);
      },
      onRefused: (reason) => {
        postponed.isAnswered = true;
        this.#forget(connectionKey);
        refuse(connectionKey, reason);
      },
    });
    if (postponed.isAnswered) return;
    this.#add(postponed, message);
    this.#postponed.set(connectionKey, postponed);
  }

  /**
   * Queues a message for a postponed connection, or drops the connection on `connection.close`. False: not for one of
   * these.
   */
  take(message: PageMessage): boolean {
    if (!('connectionKey' in message)) return false;
    const postponed = this.#postponed.get(message.connectionKey);
    // Let the document answer: a connection that does not exist has no statistics.
    if (!postponed || message.type === 'connection.getStats') return false;
    // The page used a key twice.
    if (message.type === 'connection.create' || message.type === 'call.create') return true;
    if (message.type === 'connection.close') this.#drop(message.connectionKey);
    else if (postponed.messages.length < MAX_MESSAGES && this.#add(postponed, message))
      postponed.messages.push(message);
    return true;
  }

  /** Drops the connections of a Peer that has ended. */
  dropOf(peerKey: number): void {
    for (const [connectionKey, postponed] of [...this.#postponed]) {
      if (postponed.peerKey === peerKey) this.#drop(connectionKey);
    }
  }

  dropAll(): void {
    for (const connectionKey of [...this.#postponed.keys()]) this.#drop(connectionKey);
  }

  /** Counts the message's bytes. False if they are too many. */
  #add({ queuedBytes }: Postponed, message: MessageToConnection): boolean {
    const bytes = bytesOf(message);
    if (queuedBytes.bytes + bytes > MAX_BYTES || queuedBytes.refusal(bytes) !== undefined) return false;
    queuedBytes.bytes += bytes;
    return true;
  }

  #drop(connectionKey: number): void {
    this.#postponed.get(connectionKey)?.withdraw();
    this.#forget(connectionKey);
  }

  #forget(connectionKey: number): void {
    const postponed = this.#postponed.get(connectionKey);
    if (!postponed) return;
    postponed.queuedBytes.bytes = 0;
    this.#postponed.delete(connectionKey);
  }
}
