// The data channel of one connection in the host. Moves data between RTCDataChannel and page: cuts the page's bytes into
// frames, credits them back as the channel drains, and reads the remote peer's frames for the page. Between `park` and
// `resume` there is no page, so it parks the frames unread. The owner calls `create` or waits for the remote peer's
// channel, ends the connection on `ended` and `failed`, and calls `close` in the end.
import { EventEmitter } from 'eventemitter3';
import { NestingError } from '../../codec/unpacker';
import { messageOf, type ConnectionErrorType } from '../../protocol/errors';
import type { DataChannelInfo } from '../../protocol/host-messages';
import { MAX_NESTING } from '../../protocol/nesting';
import type { DataConnectionReporter } from '../connection/connection-reporter';
import { describeChannel } from '../connection/data-channel-info';
import { QueuedBytes } from '../policy/queued-bytes';
import type { Quota } from '../policy/quotas';
import { ChunkViolation } from './chunk-assembler';
import { FlowWindow, type WindowBudget } from './flow-window';
import { createReader, type IncomingReader } from './incoming-reader';
import { OutgoingStream, StreamViolation } from './outgoing-stream';
import { ParkedFrames, type Frame } from './parked-frames';

/**
 * Bytes on the way that no honest page reaches: more than the browser's own buffer. More is an attack on the host's
 * memory.
 */
const MAX_ON_THE_WAY = 20 * 1024 * 1024;

const OVERFULL = 'Too much data came while the page was reloading.';
const TOO_DEEP = `A message of the remote peer was lost: it is nested more than ${MAX_NESTING} levels deep.`;

/** Where the flow window of a channel comes from. */
export interface WindowShare {
  budget: WindowBudget;
  /** The document that `budget` counts the connection for. */
  document: object;
}

export interface DataChannelOptions {
  peerConnection: RTCPeerConnection;
  /** The name on the wire. */
  serialization: string;
  reporter: DataConnectionReporter;
  /** The site's quota. It stays the same across pages, because they are of the same site. */
  quota: Quota;
  share: WindowShare;
}

interface DataChannelEvents {
  /** Emitted once at most. */
  open: () => void;
  /** The remote peer has closed the channel, or asks to close the connection. */
  ended: () => void;
  /** The page or the remote peer has exceeded a limit, so the connection must end with this error. */
  failed: (type: ConnectionErrorType, message: string) => void;
}

export class HostedDataChannel extends EventEmitter<DataChannelEvents> {
  readonly #peerConnection: RTCPeerConnection;
  readonly #reporter: DataConnectionReporter;
  readonly #reader: IncomingReader;
  readonly #queuedBytes: QueuedBytes;
  readonly #stream = new OutgoingStream((frame) => {
    this.#sendFrame(frame);
  });
  #share: WindowShare;
  #channel: RTCDataChannel | undefined;
  /** Set while there are a channel and a page. */
  #flow: FlowWindow | undefined;
  /** Frames for the next page. Set while there is no page. */
  #parkedFrames: ParkedFrames | undefined;
  #isClosed = false;

  constructor({ peerConnection, serialization, reporter, quota, share }: DataChannelOptions) {
    super();
    this.#peerConnection = peerConnection;
    this.#reporter = reporter;
    this.#reader = createReader(serialization);
    this.#queuedBytes = new QueuedBytes(quota);
    this.#share = share;
    peerConnection.ondatachannel = ({ channel }) => {
      // A connection has one channel; close any other.
      if (this.#channel) channel.close();
      else this.#use(channel);
    };
  }

  /** Undefined: there is no channel yet. */
  get readyState(): RTCDataChannelState | undefined {
    return this.#channel?.readyState;
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.readyState === 'open';
  }

  get hasParkedFrames(): boolean {
    return this.#parkedFrames !== undefined && this.#parkedFrames.bytes > 0;
  }

  /** The channel's properties. Call only when there is a channel. */
  describe(): DataChannelInfo {
    return describeChannel(this.#channel!, this.#peerConnection);
  }

  /** Creates the channel of a connection that this browser offers. */
  create(label: string, init: RTCDataChannelInit): void {
    this.#use(this.#peerConnection.createDataChannel(label, init));
  }

  /** Sends bytes of packed messages from the page. Throws StreamViolation. */
  send(announced: number[], chunks: ArrayBuffer[]): void {
    const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    this.#sendWithinWindow(size, () => {
      this.#stream.push(announced, chunks);
    });
  }

  /** Sends the page's frames over the channel unchanged. Throws StreamViolation. */
  sendFrames(frames: (string | ArrayBuffer)[]): void {
    const size = frames.reduce((sum, frame) => sum + (typeof frame === 'string' ? frame.length : frame.byteLength), 0);
    this.#sendWithinWindow(size, () => {
      for (const frame of frames) this.#sendFrame(frame);
    });
  }

  abortMessage(): void {
    this.#stream.abortMessage();
  }

  /** The page is gone: drops its unfinished message, and parks incoming frames for the next page. */
  park(): void {
    this.#parkedFrames = new ParkedFrames();
    this.#stream.reset();
    this.#flow?.close();
    this.#flow = undefined;
    this.#updateQueuedBytes();
  }

  /** The next page is there: delivers the parked frames to it. */
  resume(share: WindowShare): void {
    const parkedFrames = this.#parkedFrames;
    if (!parkedFrames || this.#isClosed) return;
    this.#parkedFrames = undefined;
    this.#share = share;
    if (this.#channel) this.#flow = this.#createFlow(this.#channel);
    for (const frame of parkedFrames.drain()) this.#receive(frame);
    this.#updateQueuedBytes();
  }

  /** Idempotent. The owner closes the RTCPeerConnection, and the channel with it. */
  close(): void {
    this.#isClosed = true;
    this.removeAllListeners();
    this.#flow?.close();
    this.#updateQueuedBytes();
    this.#peerConnection.ondatachannel = null;
    if (this.#channel) this.#channel.onopen = this.#channel.onmessage = this.#channel.onclose = null;
  }

  #use(channel: RTCDataChannel): void {
    this.#channel = channel;
    channel.binaryType = 'arraybuffer';
    if (!this.#parkedFrames) this.#flow = this.#createFlow(channel);
    channel.onopen = () => this.emit('open');
    channel.onmessage = ({ data }: MessageEvent<Frame>) => {
      this.#receive(data);
    };
    channel.onclose = () => this.emit('ended');
  }

  #createFlow(channel: RTCDataChannel): FlowWindow {
    const { budget, document } = this.#share;
    return new FlowWindow(channel, budget, document, (bytes, window) => {
      this.#reporter.post({ type: 'connection.credit', bytes, window });
      this.#updateQueuedBytes();
    });
  }

  /** Drops what the page sends before the channel is open, or for a connection that is parked. */
  #sendWithinWindow(size: number, send: () => void): void {
    const flow = this.#flow;
    if (!flow || !this.isOpen || !this.#mayAccept(size, flow)) return;
    send();
    flow.add(size);
    this.#updateQueuedBytes();
  }

  /**
   * Returns false, and fails the connection, if the site has too many bytes queued. Throws StreamViolation if the page
   * sends more than its window.
   */
  #mayAccept(bytes: number, flow: FlowWindow): boolean {
    if (flow.onTheWay + bytes > MAX_ON_THE_WAY) {
      throw new StreamViolation('more bytes on the way than were granted');
    }
    const refusal = this.#queuedBytes.refusal(bytes);
    if (refusal !== undefined) this.emit('failed', 'limit-reached', refusal);
    return refusal === undefined;
  }

  #sendFrame(frame: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    try {
      this.#channel!.send(frame as ArrayBuffer);
    } catch (error) {
      // The frame is too large for the connection or for the channel's buffer. Our page script sends neither.
      this.#reporter.postError('message-too-big', messageOf(error));
    }
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
      if (reading === 'close') this.emit('ended');
      else if (reading) this.#reporter.deliver(reading);
    } catch (error) {
      this.#handleUnreadable(error);
    }
  }

  /** Drops an unreadable frame, as PeerJS does. An attack on the framing ends the connection. */
  #handleUnreadable(error: unknown): void {
    if (error instanceof ChunkViolation) {
      const message = `The remote peer sent chunks that do not fit together: ${error.message}.`;
      this.emit('failed', 'connection-closed', message);
    } else if (error instanceof NestingError) {
      this.#reporter.postError('message-too-big', TOO_DEEP);
    }
  }

  #enforceQueueLimit(): void {
    this.#updateQueuedBytes();
    const refusal = this.#parkedFrames?.isOverfull ? OVERFULL : this.#queuedBytes.refusal();
    if (refusal) this.emit('failed', 'limit-reached', refusal);
  }

  #updateQueuedBytes(): void {
    const unsent = this.#flow?.onTheWay ?? 0;
    this.#queuedBytes.bytes = this.#isClosed ? 0 : unsent + this.#reader.queuedBytes + (this.#parkedFrames?.bytes ?? 0);
  }
}
