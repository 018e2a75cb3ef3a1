// One document of a site in the host: joins its page's messages (page-port.ts) to its Peers (document-peers.ts) and
// connections (document-connections.ts), under the user's conditions. It exists from the moment the background announces
// the document, before the document's port arrives. It outlives the document where the user lets the site keep
// connections: parked Peers then wait for the site's next document. The host must call `park` or `dispose` when the
// document is gone.
import type { Endpoint } from '../channel/endpoint';
import type { Given, Logger } from '../diagnostics/diagnostic-log';
import type { Admission, AdmitReply, Conditions, Identity, SiteDocument } from '../protocol/control-messages';
import type { LiveDocument } from '../protocol/live-messages';
import type { HostMessage } from '../protocol/host-messages';
import type { PeerStart } from '../protocol/page-messages';
import { PageOutbox } from './connection/page-outbox';
import { replacementFor } from './connection/undeliverable';
import { StreamViolation } from './data/outgoing-stream';
import { dispatchPageMessage } from './page-dispatch';
import { PagePort, type DocumentMessage } from './page-port';
import type { Listed } from './peer/connection-registry';
import { DocumentConnections } from './peer/document-connections';
import { DocumentPeers } from './peer/document-peers';
import type { HostedPeer } from './peer/hosted-peer';
import type { PeerEnvironment, PeerOwner } from './peer/peer-environment';
import { PostponedConnections } from './peer/postponed-connections';
import type { PeerAddress } from './peer/registration';
import type { Quota } from './policy/quotas';

/** The background, as an attached document uses it. */
export interface Background {
  /**
   * Asks whether the document may have another Peer, and under which IDs. Rejects when the background cannot be
   * reached.
   */
  admit: (document: SiteDocument, start: PeerStart) => Promise<AdmitReply>;
  leased: (document: SiteDocument, identity: Identity, named: boolean) => void;
}

const TOO_MANY_INVALID_MESSAGES =
  'Peerport has ended all Peers of this document, because it kept sending invalid messages. If the extension was updated ' +
  'while the page was open, reload the page; otherwise look at the errors before this one.';
const TOO_MUCH_QUEUED =
  'Peerport has ended all Peers of this document, because they received more than it queues until the document is ' +
  'connected. Construct another Peer to try again.';

export class AttachedDocument {
  readonly document: SiteDocument;
  readonly #environment: PeerEnvironment;
  readonly #onDetached: () => void;
  readonly #log: Logger<'documents'>;
  readonly #quota: Quota;
  readonly #outbox: PageOutbox;
  readonly #port: PagePort;
  readonly #connections: DocumentConnections;
  readonly #postponed: PostponedConnections;
  readonly #peers: DocumentPeers;
  /** The background's latest conditions; undefined before it has admitted the first Peer. */
  #conditions: Conditions | undefined;
  /** Set when the document must be detached before its port has come: the message to post once the port is there. */
  #finalMessage: string | undefined;
  #isDisposed = false;
  /** Set while the document is parked. Called when no Peer of it is parked any more. */
  #onParkingOver: (() => void) | undefined;

  /**
   * `onDetached`: the document has detached itself, because its page sent too many invalid messages or it was sent too
   * much.
   */
  constructor(
    document: SiteDocument,
    environment: PeerEnvironment,
    background: Background,
    onDetached: () => void = () => undefined,
  ) {
    this.document = document;
    this.#environment = environment;
    this.#onDetached = onDetached;
    this.#log = environment.diagnosticLog.logger('documents');
    this.#quota = environment.quotas.join(document.site);
    this.#outbox = this.#createOutbox();
    this.#connections = this.#createConnections();
    this.#postponed = this.#createPostponed();
    this.#port = this.#createPort();
    this.#peers = new DocumentPeers({
      owner: this.#ownerOfPeers(background),
      environment,
      admit: (start) => background.admit(document, start),
      enforce: (conditions) => {
        this.enforce(conditions);
      },
      onEnding: (peerKey) => {
        this.#postponed.dropOf(peerKey);
      },
    });
  }

  /** The document is announced, and its port has not come yet. */
  get isExpected(): boolean {
    return !this.isBound && !this.isParked;
  }

  get isBound(): boolean {
    return this.#port.isBound;
  }

  /** The document is gone, and its Peers wait for the site's next document. */
  get isParked(): boolean {
    return this.#onParkingOver !== undefined;
  }

  get hasMoved(): boolean {
    return this.#port.hasMoved;
  }

  /** A copy: Peers may end while a caller iterates. Keys are the page's. */
  get hostedPeers(): readonly [peerKey: number, peer: HostedPeer][] {
    return this.#peers.all;
  }

  /** A copy: connections may close while a caller iterates. */
  get connections(): readonly Listed[] {
    return this.#connections.all;
  }

  /** Why the last Peer could not register; undefined while the document has a Peer. */
  get failure(): LiveDocument['failure'] {
    return this.#peers.failure;
  }

  /** Server and ID of each Peer of the document. */
  get peers(): PeerAddress[] {
    return this.#peers.all.map(([, { address }]) => address);
  }

  /** Starts the first Peer, with the admission that came with the announcement of the document. */
  startPeer(start: PeerStart, admission: Admission): void {
    this.enforce(admission);
    this.#peers.startAdmitted(start, admission);
  }

  /** Binds the document's runtime port and acknowledges over it. */
  bind(endpoint: Endpoint): void {
    this.#port.bind(endpoint);
    if (this.#finalMessage !== undefined) {
      this.#detach(this.#finalMessage, 'too-much-queued');
      return;
    }
    this.#port.listen();
    for (const [, peer] of this.#peers.all) peer.handlePageReady();
  }

  /** Moves the data plane to a MessagePort. */
  move(port: Endpoint): void {
    this.#port.move(port);
  }

  /** Applies these conditions to existing and future connections. Closes connections that are no longer permitted. */
  enforce(conditions: Conditions): void {
    this.#conditions = conditions;
    this.#quota.limits = conditions.limits;
    this.#connections.enforce(conditions);
    if (!conditions.keepsConnections) this.#onParkingOver?.();
  }

  /** The user withdrew the permission: ends all Peers. The document stays attached and may ask for another Peer. */
  revoke(message: string): void {
    this.#log.info('revoked', { site: this.document.site });
    for (const [peerKey] of this.#peers.all) {
      this.#peers.end(peerKey);
      this.#outbox.post({ type: 'peer.revoked', peerKey, message });
    }
    this.#onParkingOver?.();
  }

  /**
   * The document is gone. Closes its ports and parks the Peers that the site's next document may adopt. They stay
   * parked until they are adopted, end, or `dispose` is called. `onParkingOver`: no Peer is parked any more, or the
   * user no longer allows it. Returns false if there is nothing to park; the caller must then call `dispose`.
   */
  park(onParkingOver: () => void): boolean {
    if (this.#isDisposed || !this.#conditions?.keepsConnections) return false;
    this.#port.close();
    this.#postponed.dropAll();
    this.#peers.park();
    if (this.#peers.isEmpty) return false;
    this.#environment.census.reportSoon(this.document.tabId);
    this.#onParkingOver = onParkingOver;
    return true;
  }

  /** Ends all Peers and connections of the document and closes its ports. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#postponed.dropAll();
    this.#peers.endAll();
    this.#environment.quotas.leave(this.document.site);
    this.#port.close();
  }

  #createOutbox(): PageOutbox {
    return new PageOutbox(
      this.#environment.clock,
      (message) => {
        this.#postReplacement(message);
      },
      () => {
        this.#finalMessage = TOO_MUCH_QUEUED;
        this.#peers.endAll();
      },
    );
  }

  #createConnections(): DocumentConnections {
    return new DocumentConnections({
      document: this.document,
      environment: this.#environment,
      outbox: this.#outbox,
      closePending: (connectionKey) => {
        for (const [, peer] of this.#peers.all) peer.closePending(connectionKey);
      },
      onGone: () => {
        if (this.isParked) this.#endUnconnectedPeers();
      },
    });
  }

  #createPostponed(): PostponedConnections {
    return new PostponedConnections({
      quota: this.#quota,
      dispatch: (message) => {
        this.#dispatch(message);
      },
      refuse: (connectionKey, message) => {
        this.#connections.refuse(connectionKey, { type: 'limit-reached', message });
      },
    });
  }

  #createPort(): PagePort {
    return new PagePort({
      outbox: this.#outbox,
      onMessage: (message) => {
        this.#handle(message);
      },
      refuseConnection: (connectionKey, error) => {
        this.#connections.refuse(connectionKey, error);
      },
      onInvalid: () => {
        this.#log.warn('invalid-message', { site: this.document.site });
      },
      onTooManyInvalid: () => {
        this.#detach(TOO_MANY_INVALID_MESSAGES, 'too-many-invalid-messages');
      },
    });
  }

  #ownerOfPeers(background: Background): PeerOwner {
    return {
      document: this.document,
      hasPage: () => this.isBound,
      outbox: this.#outbox,
      nextConnectionKey: () => this.#connections.nextKey(),
      whenRoom: (request, create) => {
        this.#postponed.whenRoom(request, create);
      },
      addConnection: (connection) => {
        this.#connections.add(connection);
      },
      addPageOwnedConnection: (connection) => {
        this.#connections.addPageOwned(connection);
      },
      conditions: () => this.#conditions,
      quota: this.#quota,
      pageLegs: { isProven: false },
      leased: (identity, named) => {
        background.leased(this.document, identity, named);
      },
    };
  }

  /** Posts a replacement for a message that the port cannot carry. */
  #postReplacement(message: HostMessage): void {
    const replacement = replacementFor(message);
    if (replacement) this.#outbox.post(replacement);
    // The page never learned of this connection, so it could never close it.
    if (message.type === 'connection.incoming' || message.type === 'call.incoming') {
      this.#connections.close(message.connectionKey);
    }
  }

  /** Disposes of the document with a message to its page. */
  #detach(message: string, reason: Given['reason']): void {
    this.#log.warn('detached', { site: this.document.site, reason });
    this.#peers.endAll();
    this.#port.deny(message);
    this.dispose();
    this.#onDetached();
  }

  #endUnconnectedPeers(): void {
    this.#peers.endUnconnected();
    if (this.#peers.isEmpty) this.#onParkingOver?.();
  }

  #handle(message: DocumentMessage): void {
    if (this.#postponed.take(message)) return;
    try {
      this.#dispatch(message);
    } catch (error) {
      if (!(error instanceof StreamViolation) || !('connectionKey' in message)) throw error;
      this.#connections.find(message.connectionKey)?.fail('connection-closed', `Broken stream: ${error.message}.`);
    }
  }

  #dispatch(message: DocumentMessage): void {
    dispatchPageMessage(message, { peers: this.#peers, connections: this.#connections, outbox: this.#outbox });
  }
}
