// Connections that a page negotiates itself, by a serializer class of its own: which they are, and the way of their
// signalling past the host's own connections. What is said in it is the page's and the remote peer's business; that there
// is such a connection is the user's, too.
import type { PeerErrorType } from '../../protocol/errors';
import type { RelayedMessage, SignalMessage } from '../../protocol/signalling';
import { connectionName } from '../connection/connection-name';
import { PageOwnedConnection } from './page-owned-connection';
import type { PeerOwner } from './peer-environment';
import { kindOf, refusalOf } from '../policy/permitted-kinds';
import type { Offer } from '../signalling/server-messages';
import type { Place } from '../policy/unestablished-connections';

/** What the ends of a connection signal to each other. */
const SIGNALS = new Set(['OFFER', 'ANSWER', 'CANDIDATE']);

const RELAYED_ONLY =
  'The user lets this browser connect through relays only, so connections by serializers of the page, which are made in the ' +
  "page, are refused. Use one of PeerJS's serializations.";

/** What remote peers may write for an ID is no longer either. Each is kept, so it is not the page that says how much. */
const MAX_NAME_LENGTH = 1024;

export interface PageOwnedSignallingOptions {
  peerKey: number;
  owner: Pick<PeerOwner, 'outbox' | 'nextConnectionKey' | 'addPageConnection' | 'conditions' | 'quota'>;
}

export class PageOwnedSignalling {
  readonly #options: PageOwnedSignallingOptions;
  readonly #connections = new Map<string, PageOwnedConnection>();
  /** The Peer is registered: what the page signals goes out. */
  #isRegistered = false;

  constructor(options: PageOwnedSignallingOptions) {
    this.#options = options;
  }

  /** A copy: connections may end while one goes through it. */
  get all(): PageOwnedConnection[] {
    return [...this.#connections.values()];
  }

  /** The page signals. False if it must not go out: the connection is not allowed, is to close, or is one too many. */
  noteSent({ type, payload, dst }: { type: string; payload?: unknown; dst?: string | undefined }): boolean {
    if (SIGNALS.has(type) && this.#isRefused(type, payload)) return false;
    const { connectionId, label } = (payload ?? {}) as { connectionId?: unknown; label?: unknown };
    if (!isName(dst) || !isName(connectionId)) return true;
    const known = this.#connections.get(connectionName(dst, connectionId));
    if (known?.isClosing) return false;
    if (type === 'ANSWER') known?.noteAnswer();
    if (type !== 'OFFER' || known) return true;
    const excess = this.#excess;
    if (excess === undefined) {
      const connection = this.#begin('offered-here', dst, connectionId, label);
      if (this.#isRegistered) connection.startDeadline();
      return true;
    }
    this.#tell('limit-reached', excess);
    const { peerKey, owner } = this.#options;
    owner.outbox.post({ type: 'peer.closeConnection', peerKey, remotePeerId: dst, connectionId });
    return false;
  }

  /**
   * Passes the offer on to the page. False if that must not be, for the reasons of `noteSent`. Gives the place back, whatever
   * comes of it.
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

  /** What is offered here is waited for from now on. */
  handleRegistered(): void {
    this.#isRegistered = true;
    for (const connection of this.all) if (connection.isOffering) connection.startDeadline();
  }

  /** What the page signals waits. */
  handleLoss(): void {
    this.#isRegistered = false;
    for (const connection of this.all) if (connection.isOffering) connection.stopDeadline();
  }

  /** Takes the message if it is for a connection of the page's, and passes it on; false if it is none of those. */
  pass(src: string, connectionId: string, { type, payload }: SignalMessage): boolean {
    const connection = this.#connections.get(connectionName(src, connectionId));
    if (!connection) return false;
    if (connection.isClosing) return true;
    if (type === 'ANSWER') connection.noteAnswer();
    const message: RelayedMessage = { type, src, payload };
    this.#options.owner.outbox.post({ type: 'peer.signal', peerKey: this.#options.peerKey, message });
    return true;
  }

  /** The page says that it has closed one of this name. */
  handleGone(remotePeerId: string, connectionId: string): void {
    const connection = this.#connections.get(connectionName(remotePeerId, connectionId));
    if (connection?.noteGone()) this.#forget(connection);
  }

  /** The remote peer has left. That it holds nothing any more is the page's to say. */
  handleLeave(remotePeerId: string): void {
    for (const connection of this.#to(remotePeerId)) connection.close();
  }

  /** An offer that nobody got will not be answered. PeerJS leaves the object as it is, for good. */
  handleExpiry(remotePeerId: string): void {
    for (const connection of this.#to(remotePeerId)) if (connection.isOffering) this.#forget(connection);
  }

  /** The Peer or its document is gone, and with it all that the page had. */
  forgetAll(): void {
    for (const connection of this.all) this.#forget(connection);
  }

  /** Nothing holds a connection of the page's own to relays. */
  get #isRelayedOnly(): boolean {
    return this.#options.owner.conditions()?.relayedOnly ?? false;
  }

  /** By what the user allows. Told once for each connection: its candidates need no words of their own. */
  #isRefused(type: string, payload: unknown): boolean {
    const refusal = refusalOf(kindOf(payload ?? {}), this.#options.owner.conditions());
    if (refusal === undefined && !this.#isRelayedOnly) return false;
    if (type === 'CANDIDATE') return true;
    if (refusal === undefined) this.#tell('webrtc', RELAYED_ONLY);
    else this.#tell('permission-denied', refusal);
    return true;
  }

  #tell(type: PeerErrorType, message: string): void {
    const { peerKey, owner } = this.#options;
    owner.outbox.post({ type: 'peer.error', peerKey, error: { type, message } });
  }

  /** Why there may not be another; undefined: there may. The host has no RTCPeerConnection for it. */
  get #excess(): string | undefined {
    return this.#options.owner.quota.connectionRefusal(0);
  }

  /** The connection that a remote peer offers. */
  #offered({ src, payload }: Offer): PageOwnedConnection | undefined {
    if (this.#isRelayedOnly) {
      this.#tell('webrtc', RELAYED_ONLY);
      return undefined;
    }
    const known = this.#connections.get(connectionName(src, payload.connectionId));
    if (known?.isClosing) return undefined;
    if (!known) {
      if (this.#excess !== undefined) return undefined;
      return this.#begin('offered-there', src, payload.connectionId, payload.label);
    }
    known.noteRepeatedOffer();
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
    owner.addPageConnection(connection);
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
