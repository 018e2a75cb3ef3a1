// One data connection in the host. Owns its RTCPeerConnection and data channel, and moves data between channel and
// page. Everything for the page goes through the outbox; the caller has already parsed everything from the page. When
// its page is gone, the owner calls `park` or `close`. To adopt it, the next page's Peer calls `release`, `rehome` and
// `resume`.
import { EventEmitter } from 'eventemitter3';
import { NestingError } from '../../codec/unpacker';
import { messageOf, type ConnectionErrorType } from '../../protocol/errors';
import { Negotiator } from '../../negotiation/negotiator';
import { MAX_NESTING } from '../../protocol/nesting';
import type { ClientMessage } from '../../protocol/signalling';
import { ChunkViolation } from './chunk-assembler';
import type { ConnectionEvents } from '../connection/connection-events';
import { describeChannel } from '../connection/data-channel-info';
import { FlowWindow, type WindowBudget } from './flow-window';
import { HeldBytes } from '../policy/held-bytes';
import { ParkedFrames, type Frame } from './parked-frames';
import { createReader, type IncomingReader } from './incoming-reader';
import type { PageOutbox } from '../connection/page-outbox';
import { OutgoingStream, StreamViolation } from './outgoing-stream';
import type { Quota } from '../policy/quotas';
import { StateMirror } from '../connection/state-mirror';
import { ESTABLISHMENT_TIMEOUT_MS } from '../policy/unestablished-connections';

/**
 * Bytes on the way that no honest page reaches: more than the browser's own buffer. More is an attack on the host's
 * memory.
 */
const MAX_ON_THE_WAY = 20 * 1024 * 1024;

const OVERFULL = 'Too much data came while the page was reloading.';
const TOO_DEEP = `A message of the remote peer was lost: it is nested more than ${MAX_NESTING} levels deep.`;

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
export interface ConnectionHome {
  outbox: PageOutbox;
  budget: WindowBudget;
  /** The site's quota. */
  quota: Quota;
  /** The document that `budget` counts the connection for. */
  document: object;
  /** Returns a sentence if the message cannot be sent; undefined: it is sent or queued. */
  send: (message: ClientMessage) => string | undefined;
}

export interface ConnectionContext extends ConnectionHome {
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  config: RTCConfiguration;
}

export class HostedDataConnection extends EventEmitter<ConnectionEvents> {
  /** The connection uses relays only, so the remote peer has seen no address of this browser. */
  readonly isRelayed: boolean;
  #description: ConnectionDescription;
  #home: ConnectionHome;
  readonly #peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  readonly #reader: IncomingReader;
  #dataChannel: RTCDataChannel | undefined;
  #stream: OutgoingStream | undefined;
  #flow: FlowWindow | undefined;
  /** Bytes queued here. The quota stays the same across pages, because they are of the same site. */
  readonly #heldBytes: HeldBytes;
  /** Frames for the next page. Set while the connection is parked. */
  #parkedFrames: ParkedFrames | undefined;
  /** The connection was adopted: its page may know it by another connection ID than the remote peer does. */
  #isAdopted = false;
  /** The remote end is gone, and parked frames still wait for a page. */
  #hasRemoteEnded = false;
  #isClosed = false;
  readonly #mirror: StateMirror;
  /** Runs while the connection may still be established. */
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isEstablished = false;
  #isIncoming = true;
  #sdpAnswer: ((sdp: string) => void) | undefined;

  /** Throws what RTCPeerConnection throws for a bad configuration. */
  constructor(description: ConnectionDescription, context: ConnectionContext, { transformsSdp = false } = {}) {
    super();
    this.#description = description;
    this.#home = context;
    this.#heldBytes = new HeldBytes(context.quota);
    this.#reader = createReader(description.serialization);
    this.#peerConnection = context.createPeerConnection(context.config);
    this.isRelayed = context.config.iceTransportPolicy === 'relay';
    const { metadata, label, reliable, serialization } = description;
    this.#negotiator = new Negotiator(this.#peerConnection, {
      type: 'data',
      connectionId: description.connectionId,
      send: (message) => {
        const refusal = this.#home.send({ ...message, dst: description.remotePeerId });
        if (refusal !== undefined) this.fail('limit-reached', refusal);
      },
      onError: (error) => this.emit('webrtcError', error),
      onFailed: (error) => {
        this.fail('negotiation-failed', `The connection cannot be negotiated: ${messageOf(error)}`, error);
      },
      offerPayload: { metadata, label, reliable, serialization },
      transformSdp: transformsSdp ? (sdp) => this.#askForSdp(sdp) : undefined,
    });
    this.#mirror = new StateMirror(
      this.#peerConnection,
      (state, iceStateChanged) => {
        const { connectionKey } = this.#description;
        this.#home.outbox.post({ type: 'connection.state', connectionKey, state, iceStateChanged });
      },
      // PeerJS closes a connection whose ICE has failed; the page emits the events for it.
      () => {
        this.#handleRemoteEnd();
      },
    );
    this.#peerConnection.ondatachannel = ({ channel }) => {
      // A connection has one channel; close any other.
      if (this.#dataChannel) channel.close();
      else this.#useChannel(channel);
    };
  }

  get description(): ConnectionDescription {
    return this.#description;
  }

  /** True if a page can adopt it now: data gets through, or the connection is still being established. */
  get isUsable(): boolean {
    const channelState = this.#dataChannel?.readyState;
    if (this.#isClosed || this.#hasRemoteEnded || channelState === 'closing' || channelState === 'closed') return false;
    const { iceConnectionState } = this.#peerConnection;
    return channelState !== 'open' || iceConnectionState === 'connected' || iceConnectionState === 'completed';
  }

  /** A page offered this connection, and the remote peer has not answered yet. */
  get isUnanswered(): boolean {
    return !this.#isIncoming && this.#peerConnection.remoteDescription === null;
  }

  get isOffering(): boolean {
    return this.#negotiator.isOffering;
  }

  async offer(constraints: RTCOfferOptions | undefined): Promise<void> {
    this.#isIncoming = false;
    const { label, reliable } = this.#description;
    this.#useChannel(this.#peerConnection.createDataChannel(label, { ordered: reliable }));
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
    this.stopDeadline();
    if (this.#isEstablished || this.#isClosed) return;
    this.#deadline = setTimeout(() => {
      this.fail('negotiation-failed', notEstablished(this.#description.remotePeerId));
    }, ESTABLISHMENT_TIMEOUT_MS);
  }

  /** Call when signals cannot go out. */
  stopDeadline(): void {
    clearTimeout(this.#deadline);
  }

  /** The result of the page's `sdpTransform`. */
  handleTransformedSdp(sdp: string): void {
    this.#sdpAnswer?.(sdp);
    this.#sdpAnswer = undefined;
  }

  /** Sends bytes of packed messages from the page. Throws StreamViolation. */
  send(announced: number[], chunks: ArrayBuffer[]): void {
    if (!this.#isOpen || this.#parkedFrames) return;
    const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    if (!this.#mayAccept(size)) return;
    this.#stream!.push(announced, chunks);
    this.#flow!.add(size);
    this.#updateHeldBytes();
  }

  /** Sends the page's frames over the channel unchanged. Throws StreamViolation. */
  sendFrames(frames: (string | ArrayBuffer)[]): void {
    if (!this.#isOpen || this.#parkedFrames) return;
    const size = frames.reduce((sum, frame) => sum + (typeof frame === 'string' ? frame.length : frame.byteLength), 0);
    if (!this.#mayAccept(size)) return;
    for (const frame of frames) this.#sendFrame(frame);
    this.#flow!.add(size);
    this.#updateHeldBytes();
  }

  abortMessage(): void {
    this.#stream?.abortMessage();
  }

  async getStats(): Promise<[string, unknown][]> {
    return Array.from((await this.#peerConnection.getStats()) as unknown as Map<string, unknown>);
  }

  /**
   * The page is gone: parks incoming frames for the next page. Drops an unfinished outgoing message, and closes a
   * connection that waits for the page's `sdpTransform`. Idempotent.
   */
  park(): void {
    if (this.#parkedFrames || this.#isClosed) return;
    this.#parkedFrames = new ParkedFrames();
    this.#stream?.reset();
    this.#flow?.close();
    this.#flow = undefined;
    this.#updateHeldBytes();
    if (this.#sdpAnswer) this.close();
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
  }

  /** A page has adopted the connection: posts its state and the parked frames. */
  resume(): void {
    const parkedFrames = this.#parkedFrames;
    if (!parkedFrames || this.#isClosed) return;
    this.#parkedFrames = undefined;
    this.#isAdopted = true;
    if (!this.#hasRemoteEnded) this.#mirror.repeat();
    if (this.#dataChannel) this.#flow = this.#createFlow(this.#dataChannel);
    if (this.#isOpen || this.#hasRemoteEnded) this.#postOpen();
    for (const frame of parkedFrames.drain()) this.#receive(frame);
    if (this.#hasRemoteEnded) this.close();
    this.#updateHeldBytes();
  }

  /** Reports the error to the page and closes. `error`: its native cause, which the Peer reports afterwards. */
  fail(type: ConnectionErrorType, message: string, error?: unknown): void {
    if (this.#isClosed) return;
    this.#postError(type, message);
    this.emit('failed', type);
    if (error !== undefined) this.emit('webrtcError', error);
    this.close();
  }

  /** Idempotent. Posts `connection.closed` once, even if the page asked for it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.stopDeadline();
    this.#negotiator.close();
    this.#flow?.close();
    this.#updateHeldBytes();
    this.#mirror.close();
    this.#peerConnection.ondatachannel = null;
    if (this.#dataChannel) {
      this.#dataChannel.onopen = this.#dataChannel.onmessage = this.#dataChannel.onclose = null;
    }
    this.#peerConnection.close();
    this.#home.outbox.post({ type: 'connection.closed', connectionKey: this.#description.connectionKey });
    this.emit('gone');
    this.removeAllListeners();
  }

  get #isOpen(): boolean {
    return !this.#isClosed && this.#dataChannel?.readyState === 'open';
  }

  #postError(type: ConnectionErrorType, message: string): void {
    const { connectionKey } = this.#description;
    this.#home.outbox.post({ type: 'connection.error', connectionKey, error: { type, message } });
  }

  #useChannel(channel: RTCDataChannel): void {
    this.#dataChannel = channel;
    channel.binaryType = 'arraybuffer';
    this.#stream = new OutgoingStream((frame) => {
      this.#sendFrame(frame);
    });
    this.#flow = this.#createFlow(channel);
    channel.onopen = () => {
      this.stopDeadline();
      this.#isEstablished = true;
      this.emit('established');
      this.#postOpen();
    };
    channel.onmessage = ({ data }: MessageEvent<Frame>) => {
      this.#receive(data);
    };
    channel.onclose = () => {
      this.#handleRemoteEnd();
    };
  }

  /**
   * The remote end is gone. Parked frames are still for the next page, so the connection closes only after they are
   * posted.
   */
  #handleRemoteEnd(): void {
    if (this.#parkedFrames && this.#parkedFrames.bytes > 0) this.#hasRemoteEnded = true;
    else this.close();
  }

  #createFlow(channel: RTCDataChannel): FlowWindow {
    const { budget, document } = this.#home;
    return new FlowWindow(channel, budget, document, (bytes, window) => {
      const { connectionKey } = this.#description;
      this.#home.outbox.post({ type: 'connection.credit', connectionKey, bytes, window });
      this.#updateHeldBytes();
    });
  }

  #postOpen(): void {
    const dataChannel = describeChannel(this.#dataChannel!, this.#peerConnection);
    const { connectionKey, connectionId } = this.#description;
    const open = { type: 'connection.open' as const, connectionKey, dataChannel };
    this.#home.outbox.post(this.#isAdopted ? { ...open, connectionId } : open);
  }

  #receive(frame: Frame): void {
    if (this.#isClosed) return;
    if (this.#parkedFrames) {
      this.#parkedFrames.add(frame);
      this.#enforceQueueLimit();
      return;
    }
    try {
      const reading = this.#reader.read(frame);
      this.#enforceQueueLimit();
      if (reading === 'close') this.close();
      else if (reading) this.#home.outbox.deliver(this.#description.connectionKey, reading);
    } catch (error) {
      // An unreadable frame is dropped, as in PeerJS. An attack on the framing ends the connection.
      if (error instanceof ChunkViolation) {
        this.fail('connection-closed', `The remote peer sent chunks that do not fit together: ${error.message}.`);
      } else if (error instanceof NestingError) {
        this.#postError('message-too-big', TOO_DEEP);
      }
    }
  }

  #sendFrame(frame: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    try {
      this.#dataChannel!.send(frame as ArrayBuffer);
    } catch (error) {
      // The frame is too large for the connection or for the channel's buffer. Our page script sends neither.
      this.#postError('message-too-big', messageOf(error));
    }
  }

  /**
   * Call before using the page's bytes. Fails the connection and returns false if the site has too many bytes queued.
   * Throws StreamViolation if the page sends more than its window.
   */
  #mayAccept(bytes: number): boolean {
    if (this.#flow!.onTheWay + bytes > MAX_ON_THE_WAY) {
      throw new StreamViolation('more bytes on the way than were granted');
    }
    const refusal = this.#heldBytes.refusal(bytes);
    if (refusal !== undefined) this.fail('limit-reached', refusal);
    return refusal === undefined;
  }

  #enforceQueueLimit(): void {
    this.#updateHeldBytes();
    const refusal = this.#parkedFrames?.isOverfull ? OVERFULL : this.#heldBytes.refusal();
    if (refusal) this.fail('limit-reached', refusal);
  }

  #updateHeldBytes(): void {
    const unsent = this.#flow?.onTheWay ?? 0;
    this.#heldBytes.bytes = this.#isClosed ? 0 : unsent + this.#reader.heldBytes + (this.#parkedFrames?.bytes ?? 0);
  }

  #askForSdp(sdp: string): Promise<string> {
    this.#home.outbox.post({ type: 'connection.sdp', connectionKey: this.#description.connectionKey, sdp });
    return new Promise((resolve) => {
      this.#sdpAnswer = resolve;
      if (this.#parkedFrames) this.close();
    });
  }
}

function notEstablished(remotePeerId: string): string {
  return (
    `The connection to peer ${remotePeerId} was not established within ${ESTABLISHMENT_TIMEOUT_MS / 1000} seconds. ` +
    'Its browser may be asleep, or the two networks may need a TURN server between them (`config.iceServers`).'
  );
}
