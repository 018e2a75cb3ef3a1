// The page-owned connections of one Peer: connections with a custom serializer, which the page negotiates itself.
// Tracks each one for the user's view and limits, and passes its signals between page and remote peer without reading
// them further. The owner must pass in every signal of either side, and report registration and loss of the server.
import type { PeerErrorType } from '../../protocol/errors';
import type { RelayedMessage, SignalMessage } from '../../protocol/signalling';
import { connectionName } from '../connection/connection-name';
import { PageOwnedConnection } from './page-owned-connection';
import type { PeerOwner } from './peer-environment';
import { kindOf, refusalOf } from '../policy/permitted-kinds';
import type { Offer } from '../signalling/server-messages';
import type { Place } from '../policy/unestablished-connections';

/** Message types that the ends of a connection signal to each other. */
const SIGNALS = new Set(['OFFER', 'ANSWER', 'CANDIDATE']);

const RELAYED_ONLY =
  'The user lets this browser connect through relays only. Connections with a custom serializer are made in the page, so ' +
  "they are refused. Use one of PeerJS's serializations.";

/**
 * Longest ID or label to keep, in characters, so that the page cannot fill memory. Remote peers' IDs have the same
 * bound.
 */
const MAX_NAME_LENGTH = 1024;

export interface PageOwnedSignallingOptions {
  peerKey: number;
  owner: Pick<PeerOwner, 'outbox' | 'nextConnectionKey' | 'addPageOwnedConnection' | 'conditions' | 'quota'>;
}

export class PageOwnedSignalling {
  readonly #options: PageOwnedSignallingOptions;
  readonly #connections = new Map<string, PageOwnedConnection>();
  /** The Peer is registered, so the page's signals go out. */
  #isRegistered = false;

  constructor(options: PageOwnedSignallingOptions) {
    this.#options = options;
  }

  /** A copy: connections may end while a caller iterates. */
  get all(): PageOwnedConnection[] {
    return [...this.#connections.values()];
  }

  /** Records a signal of the page. Returns false if it must not go out: not allowed, closing, or beyond the limit. */
  recordOutgoing({ type, payload, dst }: { type: string; payload?: unknown; dst?: string | undefined }): boolean {
    if (SIGNALS.has(type) && this.#isRefused(type, payload)) return false;
    const { connectionId, label } = (payload ?? {}) as { connectionId?: unknown; label?: unknown };
    if (!isName(dst) || !isName(connectionId)) return true;
    const known = this.#connections.get(connectionName(dst, connectionId));
    if (known?.isClosing) return false;
    if (type === 'ANSWER') known?.recordAnswer();
    if (type !== 'OFFER' || known) return true;
    const excess = this.#excess;
    if (excess === undefined) {
      const connection = this.#begin('offered-here', dst, connectionId, label);
      if (this.#isRegistered) connection.startDeadline();
      return true;
    }
    this.#postError('limit-reached', excess);
    const { peerKey, owner } = this.#options;
    owner.outbox.post({ type: 'peer.closeConnection', peerKey, remotePeerId: dst, connectionId });
    return false;
  }

  /**
   * Passes the offer to the page. Returns false if it may not, for the same reasons as for the page's own signals. Owns
   * `place` from now on and gives it back in every case.
   */
  handleOffer(offer: Offer, place: Place): boolean {
    const connection = this.#offered(offer);
    if (!connection) {
      place.end();
      return false;
    }
    connection.on('established', place.establish).on('gone', place.end);
    connection.startDeadline();
    return this.pass(offer.src, offer.payload.connectionId, offer);
  }

  /** The page's offers go out from now on: starts their deadlines. */
  handleRegistered(): void {
    this.#isRegistered = true;
    for (const connection of this.all) if (connection.isOffering) connection.startDeadline();
  }

  /** The page's signals are queued from now on: stops their deadlines. */
  handleLoss(): void {
    this.#isRegistered = false;
    for (const connection of this.all) if (connection.isOffering) connection.stopDeadline();
  }

  /** Passes a remote peer's signal to the page. Returns false if it is for no page-owned connection. */
  pass(src: string, connectionId: string, { type, payload }: SignalMessage): boolean {
    const connection = this.#connections.get(connectionName(src, connectionId));
    if (!connection) return false;
    if (connection.isClosing) return true;
    if (type === 'ANSWER') connection.recordAnswer();
    const message: RelayedMessage = { type, src, payload };
    this.#options.owner.outbox.post({ type: 'peer.signal', peerKey: this.#options.peerKey, message });
    return true;
  }

  /** The page reports that it has closed a connection of this name. */
  handleGone(remotePeerId: string, connectionId: string): void {
    const connection = this.#connections.get(connectionName(remotePeerId, connectionId));
    if (connection?.recordGone()) this.#forget(connection);
  }

  /**
   * The remote peer has left. Asks the page to close its connections; each stays listed until the page reports its end.
   */
  handleLeave(remotePeerId: string): void {
    for (const connection of this.#to(remotePeerId)) connection.close();
  }

  /** PeerServer could not deliver the offers. Forgets them here, because PeerJS never closes their objects. */
  handleExpiry(remotePeerId: string): void {
    for (const connection of this.#to(remotePeerId)) if (connection.isOffering) this.#forget(connection);
  }

  /** The Peer or its document is gone, and all page-owned connections with it. */
  forgetAll(): void {
    for (const connection of this.all) this.#forget(connection);
  }

  /** The host cannot hold a page-owned connection to relays, so “relays only” forbids it. */
  get #isRelayedOnly(): boolean {
    return this.#options.owner.conditions()?.relayedOnly ?? false;
  }

  /** Whether the user forbids this signal. Reports once for each connection, not for each of its candidates. */
  #isRefused(type: string, payload: unknown): boolean {
    const relayRefusal = this.#isRelayedOnly ? RELAYED_ONLY : undefined;
    const refusal = refusalOf(kindOf(payload ?? {}), this.#options.owner.conditions()) ?? relayRefusal;
    if (refusal === undefined) return false;
    if (type !== 'CANDIDATE') this.#postError('permission-denied', refusal);
    return true;
  }

  #postError(type: PeerErrorType, message: string): void {
    const { peerKey, owner } = this.#options;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type, message } });
  }

  /** Why the site may not have another connection; undefined: it may. Takes no RTCPeerConnection of the host. */
  get #excess(): string | undefined {
    return this.#options.owner.quota.connectionRefusal(0);
  }

  /** The connection for a remote peer's offer; undefined if it must not reach the page. */
  #offered({ src, payload }: Offer): PageOwnedConnection | undefined {
    if (this.#isRelayedOnly) {
      this.#postError('permission-denied', RELAYED_ONLY);
      return undefined;
    }
    const known = this.#connections.get(connectionName(src, payload.connectionId));
    if (known?.isClosing) return undefined;
    if (!known) {
      if (this.#excess !== undefined) return undefined;
      return this.#begin('offered-there', src, payload.connectionId, payload.label);
    }
    known.recordRepeatedOffer();
    return known;
  }

  #begin(
    stage: 'offered-here' | 'offered-there',
    remotePeerId: string,
    connectionId: string,
    label: unknown,
  ): PageOwnedConnection {
    const { owner } = this.#options;
    const connectionKey = owner.nextConnectionKey();
    const description = { connectionKey, connectionId, remotePeerId, ...(isName(label) && { label }) };
    const connection = new PageOwnedConnection(description, stage, {
      peerKey: this.#options.peerKey,
      outbox: owner.outbox,
    });
    this.#connections.set(connectionName(remotePeerId, connectionId), connection);
    owner.quota.connections += 1;
    owner.addPageOwnedConnection(connection);
    return connection;
  }

  #forget(connection: PageOwnedConnection): void {
    const { remotePeerId, connectionId } = connection.description;
    this.#connections.delete(connectionName(remotePeerId, connectionId));
    this.#options.owner.quota.connections -= 1;
    connection.stopDeadline();
    connection.emit('gone');
  }

  #to(remotePeerId: string): PageOwnedConnection[] {
    return this.all.filter(({ description }) => description.remotePeerId === remotePeerId);
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_LENGTH;
}
