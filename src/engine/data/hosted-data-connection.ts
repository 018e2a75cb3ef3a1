// One data connection in the host: its RTCPeerConnection, its data channel, and the way of data between that channel and
// the page. What the page sees of it is said through the outbox; what it may ask is checked before it gets here. It may
// outlive its page, and then go on with the next.
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

/** What a page may have on the way before it is an attack on the host's memory: more than the browser's own buffer. */
const MAX_ON_THE_WAY = 20 * 1024 * 1024;

const OVERFULL = 'More came than is kept for a page that reloads.';
const TOO_DEEP = `A message of the remote peer was lost: it is nested more than ${MAX_NESTING} deep.`;

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

/** What a connection has of the Peer that holds it, and of that Peer's page. */
export interface ConnectionHome {
  outbox: PageOutbox;
  budget: WindowBudget;
  /** The origin's. */
  quota: Quota;
  /** The document, for the budget. */
  document: object;
  /** Returns why the message cannot be sent, in a sentence; undefined: it is, or will be. */
  send: (message: ClientMessage) => string | undefined;
}

export interface ConnectionContext extends ConnectionHome {
  createPeerConnection: (config: RTCConfiguration) => RTCPeerConnection;
  config: RTCConfiguration;
}

export class HostedDataConnection extends EventEmitter<ConnectionEvents> {
  /** No address of this browser has been shown to the other end. */
  readonly isRelayed: boolean;
  #description: ConnectionDescription;
  #home: ConnectionHome;
  readonly #peerConnection: RTCPeerConnection;
  readonly #negotiator: Negotiator;
  readonly #reader: IncomingReader;
  #dataChannel: RTCDataChannel | undefined;
  #stream: OutgoingStream | undefined;
  #flow: FlowWindow | undefined;
  /** All that waits here. The site is the same, whatever its page. */
  readonly #heldBytes: HeldBytes;
  /** While there is no page to say anything to. */
  #parkedFrames: ParkedFrames | undefined;
  /** A page that goes on with it may have given it another ID than the one that the remote peer knows it by. */
  #hasOtherPage = false;
  /** Nothing more can come, and what has come waits for a page. */
  #isOver = false;
  #isClosed = false;
  readonly #mirror: StateMirror;
  /** Runs while the connection may still be established. */
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isEstablished = false;
  #isOfRemotePeer = true;
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
      // PeerJS closes a link whose negotiation failed; the page emits what belongs to that.
      () => {
        this.#endFromAfar();
      },
    );
    this.#peerConnection.ondatachannel = ({ channel }) => {
      // The remote peer opens one channel; any other is none of this connection's.
      if (this.#dataChannel) channel.close();
      else this.#adopt(channel);
    };
  }

  get description(): ConnectionDescription {
    return this.#description;
  }

  /** True where a page could go on with it now: data would get through, or the connection is still being made. */
  get isUsable(): boolean {
    const channelState = this.#dataChannel?.readyState;
    if (this.#isClosed || this.#isOver || channelState === 'closing' || channelState === 'closed') return false;
    const { iceConnectionState } = this.#peerConnection;
    return channelState !== 'open' || iceConnectionState === 'connected' || iceConnectionState === 'completed';
  }

  /** A page has offered it, and the remote peer has not answered. */
  get isUnanswered(): boolean {
    return !this.#isOfRemotePeer && this.#peerConnection.remoteDescription === null;
  }

  get isOffering(): boolean {
    return this.#negotiator.isOffering;
  }

  async offer(constraints: RTCOfferOptions | undefined): Promise<void> {
    this.#isOfRemotePeer = false;
    const { label, reliable } = this.#description;
    this.#adopt(this.#peerConnection.createDataChannel(label, { ordered: reliable }));
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

  /** What it signals goes out from now on: it ends if it is not established in time. Begins anew each time. */
  startDeadline(): void {
    this.stopDeadline();
    if (this.#isEstablished || this.#isClosed) return;
    this.#deadline = setTimeout(() => {
      this.fail('negotiation-failed', notEstablished(this.#description.remotePeerId));
    }, ESTABLISHMENT_TIMEOUT_MS);
  }

  /** Nothing that it signals goes out for now. */
  stopDeadline(): void {
    clearTimeout(this.#deadline);
  }

  /** The page's `sdpTransform` has answered. */
  handleTransformedSdp(sdp: string): void {
    this.#sdpAnswer?.(sdp);
    this.#sdpAnswer = undefined;
  }

  /** Bytes of packed messages from the page. Throws StreamViolation. */
  send(announced: number[], chunks: ArrayBuffer[]): void {
    if (!this.#isOpen || this.#parkedFrames) return;
    const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    if (!this.#mayTake(size)) return;
    this.#stream!.push(announced, chunks);
    this.#flow!.add(size);
    this.#countHeld();
  }

  /** Frames from the page, for the channel as they are. Throws StreamViolation. */
  sendFrames(frames: (string | ArrayBuffer)[]): void {
    if (!this.#isOpen || this.#parkedFrames) return;
    const size = frames.reduce((sum, frame) => sum + (typeof frame === 'string' ? frame.length : frame.byteLength), 0);
    if (!this.#mayTake(size)) return;
    for (const frame of frames) this.#sendFrame(frame);
    this.#flow!.add(size);
    this.#countHeld();
  }

  abortMessage(): void {
    this.#stream?.abortMessage();
  }

  async getStats(): Promise<[string, unknown][]> {
    return Array.from((await this.#peerConnection.getStats()) as unknown as Map<string, unknown>);
  }

  /**
   * The page is gone: what comes is held for the next one. What the page had begun to send and cannot finish is given up,
   * and so is a connection whose description waits for the page's word. Idempotent.
   */
  hold(): void {
    if (this.#parkedFrames || this.#isClosed) return;
    this.#parkedFrames = new ParkedFrames();
    this.#stream?.reset();
    this.#flow?.close();
    this.#flow = undefined;
    this.#countHeld();
    if (this.#sdpAnswer) this.close();
  }

  /** Lets go of whoever holds it. It goes on nevertheless, and has to be given to another Peer at once (`rehome`). */
  release(): void {
    this.emit('gone');
    this.removeAllListeners();
  }

  /** Belongs to this Peer from now on, whose page knows it by this key. */
  rehome(connectionKey: number, home: ConnectionHome): void {
    this.#description = { ...this.#description, connectionKey };
    this.#home = home;
  }

  /** There is a page again: it is told how things stand, and what has come meanwhile. */
  resume(): void {
    const parkedFrames = this.#parkedFrames;
    if (!parkedFrames || this.#isClosed) return;
    this.#parkedFrames = undefined;
    this.#hasOtherPage = true;
    if (!this.#isOver) this.#mirror.repeat();
    if (this.#dataChannel) this.#flow = this.#createFlow(this.#dataChannel);
    if (this.#isOpen || this.#isOver) this.#tellOpen();
    for (const frame of parkedFrames.drain()) this.#receive(frame);
    if (this.#isOver) this.close();
    this.#countHeld();
  }

  /** Tells the page and ends the connection. `error`: the native failure behind it, which the Peer tells after that. */
  fail(type: ConnectionErrorType, message: string, error?: unknown): void {
    if (this.#isClosed) return;
    this.#tellError(type, message);
    if (error !== undefined) this.emit('webrtcError', error);
    this.close();
  }

  /** Idempotent; tells the page once, which knows already where it asked for it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.stopDeadline();
    this.#negotiator.close();
    this.#flow?.close();
    this.#countHeld();
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

  #tellError(type: ConnectionErrorType, message: string): void {
    const { connectionKey } = this.#description;
    this.#home.outbox.post({ type: 'connection.error', connectionKey, error: { type, message } });
  }

  #adopt(channel: RTCDataChannel): void {
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
      this.#tellOpen();
    };
    channel.onmessage = ({ data }: MessageEvent<Frame>) => {
      this.#receive(data);
    };
    channel.onclose = () => {
      this.#endFromAfar();
    };
  }

  /** What the remote peer has sent before it ended the connection, or was lost, is for the next page all the same. */
  #endFromAfar(): void {
    if (this.#parkedFrames && this.#parkedFrames.bytes > 0) this.#isOver = true;
    else this.close();
  }

  #createFlow(channel: RTCDataChannel): FlowWindow {
    const { budget, document } = this.#home;
    return new FlowWindow(channel, budget, document, (bytes, window) => {
      const { connectionKey } = this.#description;
      this.#home.outbox.post({ type: 'connection.credit', connectionKey, bytes, window });
      this.#countHeld();
    });
  }

  #tellOpen(): void {
    const dataChannel = describeChannel(this.#dataChannel!, this.#peerConnection);
    const { connectionKey, connectionId } = this.#description;
    const open = { type: 'connection.open' as const, connectionKey, dataChannel };
    this.#home.outbox.post(this.#hasOtherPage ? { ...open, connectionId } : open);
  }

  #receive(frame: Frame): void {
    if (this.#isClosed) return;
    if (this.#parkedFrames) {
      this.#parkedFrames.add(frame);
      this.#holdNoMoreThanAllowed();
      return;
    }
    try {
      const reading = this.#reader.read(frame);
      this.#holdNoMoreThanAllowed();
      if (reading === 'close') this.close();
      else if (reading) this.#home.outbox.deliver(this.#description.connectionKey, reading);
    } catch (error) {
      // Garbage costs the remote peer its message, as in PeerJS; an attack on the framing costs it the connection.
      if (error instanceof ChunkViolation) {
        this.fail('connection-closed', `The remote peer sent chunks that do not fit together: ${error.message}.`);
      } else if (error instanceof NestingError) {
        this.#tellError('message-too-big', TOO_DEEP);
      }
    }
  }

  #sendFrame(frame: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    try {
      this.#dataChannel!.send(frame as ArrayBuffer);
    } catch (error) {
      // Too large for the link or for the channel's buffer; the page checks the first, its window rules out the second.
      this.#tellError('message-too-big', messageOf(error));
    }
  }

  /**
   * Before anything is done with the page's bytes: false, and the connection has ended, where the site has too many waiting.
   * Throws StreamViolation where the page sends more than it was granted.
   */
  #mayTake(bytes: number): boolean {
    if (this.#flow!.onTheWay + bytes > MAX_ON_THE_WAY) {
      throw new StreamViolation('more bytes on the way than were granted');
    }
    const refusal = this.#heldBytes.refusal(bytes);
    if (refusal !== undefined) this.fail('limit-reached', refusal);
    return refusal === undefined;
  }

  #holdNoMoreThanAllowed(): void {
    this.#countHeld();
    const refusal = this.#parkedFrames?.isOverfull ? OVERFULL : this.#heldBytes.refusal();
    if (refusal) this.fail('limit-reached', refusal);
  }

  #countHeld(): void {
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
    'Its browser may be asleep, or there is no way between the two networks without a TURN server (`config.iceServers`).'
  );
}
