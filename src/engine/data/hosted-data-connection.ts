// One data connection in the host. Owns its RTCPeerConnection from the first signal to the end, whichever page has it;
// its `channel` moves the data. When its page is gone, the owner calls `park` or `close`. To adopt it, the next page's
// Peer calls `release`, `rehome` and `resume`.
import { EventEmitter } from 'eventemitter3';
import { messageOf, type ConnectionErrorType } from '../../protocol/errors';
import { Negotiator } from '../../negotiation/negotiator';
import type { ClientMessage, SignalMessage } from '../../protocol/signalling';
import type { ConnectionEvents } from '../connection/connection-events';
import { ConnectionReporter, type DataConnectionReporter } from '../connection/connection-reporter';
import type { PageOutbox } from '../connection/page-outbox';
import { SdpTransform } from '../connection/sdp-transform';
import { StateMirror } from '../connection/state-mirror';
import { EstablishmentDeadline } from '../policy/establishment-deadline';
import type { Quota } from '../policy/quotas';
import { ESTABLISHMENT_TIMEOUT_MS } from '../policy/unestablished-connections';
import { HostedDataChannel, type WindowShare } from './hosted-data-channel';

export interface ConnectionDescription {
  connectionKey: number;
  connectionId: string;
  remotePeerId: string;
  label: string;
  metadata?: unknown;
  /** The name on the wire. */
  serialization: string;
  reliable: boolean;
}

/** What a connection needs of the Peer that owns it, and of that Peer's page. */
export interface ConnectionHome extends WindowShare {
  outbox: PageOutbox;
  /** The site's quota. */
  quota: Quota;
  /** Returns a sentence if the message cannot be sent; undefined: it is sent or queued. */
  send: (message: ClientMessage) => string | undefined;
}

export interface ConnectionContext extends ConnectionHome {
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  config: RTCConfiguration;
}

/**
 * - `attached`: the page that the connection was created for has it.
 * - `parked`: no page has it.
 * - `remote-ended`: parked, and the remote end is gone; the connection closes once the next page has its parked frames.
 * - `adopted`: a later page has it, which may know it by another connection ID than the remote peer does.
 */
type Stage = 'attached' | 'parked' | 'remote-ended' | 'adopted' | 'closed';

export class HostedDataConnection extends EventEmitter<ConnectionEvents> {
  /** The connection uses relays only, so the remote peer has seen no address of this browser. */
  readonly isRelayed: boolean;
  readonly channel: HostedDataChannel;
  readonly sdpTransform: SdpTransform;
  #description: ConnectionDescription;
  #home: ConnectionHome;
  #stage: Stage = 'attached';
  readonly #reporter: DataConnectionReporter;
  readonly #peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  readonly #mirror: StateMirror;
  readonly #deadline = new EstablishmentDeadline(() => {
    this.fail('negotiation-failed', notEstablished(this.#description.remotePeerId));
  });
  /** A page offered this connection to the remote peer. */
  #isOffered = false;

  /** Throws what RTCPeerConnection throws for a bad configuration. */
  constructor(description: ConnectionDescription, context: ConnectionContext, { transformsSdp = false } = {}) {
    super();
    this.#description = description;
    this.#home = context;
    this.isRelayed = context.config.iceTransportPolicy === 'relay';
    this.#reporter = new ConnectionReporter(context.outbox, description.connectionKey);
    this.sdpTransform = new SdpTransform(this.#reporter);
    this.#peerConnection = context.createPeerConnection(context.config);
    this.#negotiator = this.#createNegotiator(transformsSdp);
    // PeerJS closes a connection whose ICE has failed; the page emits the events for it.
    this.#mirror = new StateMirror(this.#peerConnection, this.#reporter, () => {
      this.#handleRemoteEnd();
    });
    this.channel = this.#createChannel(context.quota);
  }

  get description(): ConnectionDescription {
    return this.#description;
  }

  /** True if a page can adopt it now: data gets through, or the connection is still being established. */
  get isUsable(): boolean {
    const { readyState } = this.channel;
    if (this.#stage === 'closed' || this.#stage === 'remote-ended') return false;
    if (readyState === 'closing' || readyState === 'closed') return false;
    const { iceConnectionState } = this.#peerConnection;
    return readyState !== 'open' || iceConnectionState === 'connected' || iceConnectionState === 'completed';
  }

  /** A page offered this connection, and the remote peer has not answered yet. */
  get isUnanswered(): boolean {
    return this.#isOffered && this.#peerConnection.remoteDescription === null;
  }

  get isOffering(): boolean {
    return this.#negotiator.isOffering;
  }

  async offer(constraints: RTCOfferOptions | undefined): Promise<void> {
    this.#isOffered = true;
    const { label, reliable } = this.#description;
    this.channel.create(label, { ordered: reliable });
    await this.#negotiator.offer(constraints);
  }

  answer(offer: RTCSessionDescriptionInit): Promise<void> {
    return this.#negotiator.answer(offer);
  }

  handleAnswer(answer: RTCSessionDescriptionInit): Promise<void> {
    return this.#negotiator.handleAnswer(answer);
  }

  handleCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    return this.#negotiator.handleCandidate(candidate);
  }

  repeatOffer(): void {
    this.#negotiator.repeatOffer();
  }

  /** Starts or restarts the time to establish; the connection fails when it is over. Call when signals can go out. */
  startDeadline(): void {
    this.#deadline.start();
  }

  /** Call when signals cannot go out. */
  stopDeadline(): void {
    this.#deadline.stop();
  }

  async getStats(): Promise<[string, unknown][]> {
    return Array.from((await this.#peerConnection.getStats()) as unknown as Map<string, unknown>);
  }

  /** The page is gone. Closes a connection that waits for the page's `sdpTransform`. Idempotent. */
  park(): void {
    if (this.#isParked || this.#stage === 'closed') return;
    this.#stage = 'parked';
    this.channel.park();
    if (this.sdpTransform.isPending) this.close();
  }

  /** Leaves its owner without closing. The caller must give it to another Peer at once (`rehome`). */
  release(): void {
    this.emit('gone');
    this.removeAllListeners();
  }

  /** Moves the connection to another Peer, whose page knows it by this key. */
  rehome(connectionKey: number, home: ConnectionHome): void {
    this.#description = { ...this.#description, connectionKey };
    this.#home = home;
    this.#reporter.moveTo(home.outbox, connectionKey);
  }

  /** A page has adopted the connection: posts its state and the parked frames. */
  resume(): void {
    if (!this.#isParked) return;
    const hasRemoteEnded = this.#stage === 'remote-ended';
    this.#stage = 'adopted';
    if (!hasRemoteEnded) this.#mirror.repeat();
    if (hasRemoteEnded || this.channel.isOpen) this.#postOpen();
    this.channel.resume(this.#home);
    if (hasRemoteEnded) this.close();
  }

  /** Reports the error to the page and closes. `error`: its native cause, which the Peer reports afterwards. */
  fail(type: ConnectionErrorType, message: string, error?: unknown): void {
    if (this.#stage === 'closed') return;
    this.#reporter.postError(type, message);
    this.emit('failed', type);
    if (error !== undefined) this.emit('webrtcError', error);
    this.close();
  }

  /** Idempotent. Posts `connection.closed` once, even if the page asked for it. */
  close(): void {
    if (this.#stage === 'closed') return;
    this.#stage = 'closed';
    this.#deadline.end();
    this.#negotiator.close();
    this.sdpTransform.close();
    this.#mirror.close();
    this.channel.close();
    this.#peerConnection.close();
    this.#reporter.postClosed();
    this.emit('gone');
    this.removeAllListeners();
  }

  get #isParked(): boolean {
    return this.#stage === 'parked' || this.#stage === 'remote-ended';
  }

  #createNegotiator(transformsSdp: boolean): Negotiator {
    const { connectionId, metadata, label, reliable, serialization } = this.#description;
    return new Negotiator(this.#peerConnection, {
      type: 'data',
      connectionId,
      send: (message) => {
        this.#signalRemote(message);
      },
      onError: (error) => this.emit('webrtcError', error),
      onFailed: (error) => {
        this.fail('negotiation-failed', `The connection cannot be negotiated: ${messageOf(error)}`, error);
      },
      offerPayload: { metadata, label, reliable, serialization },
      transformSdp: transformsSdp ? (sdp) => this.#transformSdp(sdp) : undefined,
    });
  }

  #createChannel(quota: Quota): HostedDataChannel {
    const channel = new HostedDataChannel({
      peerConnection: this.#peerConnection,
      serialization: this.#description.serialization,
      reporter: this.#reporter,
      quota,
      share: this.#home,
    });
    channel.on('open', () => {
      this.#deadline.end();
      this.emit('established');
      this.#postOpen();
    });
    channel.on('ended', () => {
      this.#handleRemoteEnd();
    });
    channel.on('failed', (type, message) => {
      this.fail(type, message);
    });
    return channel;
  }

  #signalRemote(message: SignalMessage): void {
    const refusal = this.#home.send({ ...message, dst: this.#description.remotePeerId });
    if (refusal !== undefined) this.fail('limit-reached', refusal);
  }

  /** Closes a connection without a page, because only a page can transform its description. */
  #transformSdp(sdp: string): Promise<string> {
    if (this.#isParked) this.close();
    return this.sdpTransform.ask(sdp);
  }

  /** Closes the connection, because the remote end is gone. If frames are parked, waits until the next page has taken them. */
  #handleRemoteEnd(): void {
    if (this.#stage === 'remote-ended') return;
    if (this.#stage === 'parked' && this.channel.hasParkedFrames) this.#stage = 'remote-ended';
    else this.close();
  }

  #postOpen(): void {
    const { connectionId } = this.#description;
    const isAdopted = this.#stage === 'adopted';
    this.#reporter.post({
      type: 'connection.open',
      dataChannel: this.channel.describe(),
      ...(isAdopted && { connectionId }),
    });
  }
}

function notEstablished(remotePeerId: string): string {
  return (
    `The connection to peer ${remotePeerId} was not established within ${ESTABLISHMENT_TIMEOUT_MS / 1000} seconds. ` +
    'Its browser may be asleep, or the two networks may need a TURN server between them (`config.iceServers`).'
  );
}
