// What a page has sent on one connection and the host has not yet taken. Holds to the window that the host grants, so
// that a page which outruns the network fills its own memory and nobody else's; small messages of one task travel
// together. Order is kept, also around Blobs, which are read only when their turn comes.
import { Fifo } from '../channel/fifo';
import { segmentsOf, type PackedMessage } from '../codec/packed-message';
import { INITIAL_WINDOW } from '../protocol/host-messages';
import type { PageMessage } from '../protocol/page-messages';
import { safe } from './built-ins';

/** Bytes of one port message: what the host works through at a stretch. */
const MAX_BATCH_BYTES = 256 * 1024;
/** Segments shorter than this are copied together: to hand a buffer over costs as much as to copy a good deal. */
const SMALL_SEGMENT = 64 * 1024;
/** Messages of one port message; the host's guard walks through them. */
const MAX_BATCH_MESSAGES = 1024;
/** What is sent in one go is not gathered beyond this, so that the host begins while the page still sends. */
const MAX_GATHERED_BYTES = 64 * 1024;
const MAX_GATHERED_MESSAGES = 256;
/** Bytes of a Blob that are read at a time: several trips to the browser process would cost more than the memory. */
const BLOB_READ_SIZE = 1024 * 1024;

interface Queued {
  /** Undefined: frames, which are no part of the byte stream. */
  byteLength: number | undefined;
  segments: (ArrayBuffer | Blob | string)[];
  isAnnounced: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class SendQueue {
  readonly #connectionKey: number;
  readonly #post: (message: PageMessage, transfer?: Transferable[]) => void;
  readonly #queue = new Fifo<Queued>();
  #window = INITIAL_WINDOW;
  #onTheWay = 0;
  #queuedBytes = 0;
  /** What came since the last flush. */
  #gatheredBytes = 0;
  #gatheredMessages = 0;
  #isReading = false;

  constructor(connectionKey: number, post: (message: PageMessage, transfer?: Transferable[]) => void) {
    this.#connectionKey = connectionKey;
    this.#post = post;
  }

  /** Messages waiting in the page; PeerJS's `bufferSize`. */
  get length(): number {
    return this.#queue.length;
  }

  /** Bytes that the network has not taken yet; the data channel's `bufferedAmount`. */
  get bufferedBytes(): number {
    return this.#queuedBytes + this.#onTheWay;
  }

  /** Resolves when the host has taken the message; rejects if its Blob cannot be read or the connection closes. */
  push({ byteLength, segments }: PackedMessage): Promise<void> {
    return this.#enqueue(byteLength, segments, byteLength);
  }

  /** One frame for the channel as it is. */
  pushFrame(frame: string | ArrayBuffer | Blob): Promise<void> {
    return this.#enqueue(undefined, [frame], sizeOf(frame));
  }

  /** The host has passed on `bytes`; from now on `window` may be on the way. */
  grant(bytes: number, window: number): void {
    this.#onTheWay = Math.max(0, this.#onTheWay - bytes);
    this.#window = window;
    this.flush();
  }

  close(reason: Error): void {
    for (const { reject } of this.#queue.drain()) reject(reason);
    this.#queuedBytes = this.#onTheWay = 0;
  }

  /** Posts all that the window allows. */
  flush(): void {
    this.#gatheredBytes = this.#gatheredMessages = 0;
    for (let head = this.#queue.head; head && !this.#isReading; head = this.#queue.head) {
      const [segment] = head.segments;
      if (segment instanceof Blob) {
        this.#read(head, segment);
        return;
      }
      const isSent = head.byteLength === undefined ? this.#postFrames() : this.#postBatch();
      if (!isSent) return;
    }
  }

  #enqueue(byteLength: number | undefined, segments: Queued['segments'], size: number): Promise<void> {
    this.#queuedBytes += size;
    return new safe.Promise((resolve, reject) => {
      this.#queue.push({ byteLength, segments: [...segments], isAnnounced: false, resolve, reject });
      this.#gatheredBytes += size;
      if (this.#gatheredMessages++ === 0) {
        safe.queueMicrotask(() => {
          if (this.#gatheredMessages > 0) this.flush();
        });
      }
      const isMuch = this.#gatheredBytes >= MAX_GATHERED_BYTES || this.#gatheredMessages >= MAX_GATHERED_MESSAGES;
      if (isMuch) this.flush();
    });
  }

  /** A segment larger than the window goes when nothing else is on the way. */
  #fits(bytes: number): boolean {
    return this.#onTheWay === 0 || this.#onTheWay + bytes <= this.#window;
  }

  /** Takes whole segments from the head of the queue until the batch or the window is full. */
  #postBatch(): boolean {
    const announced: number[] = [];
    const segments: ArrayBuffer[] = [];
    let bytes = 0;
    while (announced.length < MAX_BATCH_MESSAGES && bytes < MAX_BATCH_BYTES) {
      const { head } = this.#queue;
      if (head?.byteLength === undefined) break;
      const [segment] = head.segments;
      if (segment instanceof Blob || (segment && !this.#fits(bytes + sizeOf(segment)))) break;
      if (!head.isAnnounced) announced.push(head.byteLength);
      head.isAnnounced = true;
      if (segment) {
        segments.push(segment as ArrayBuffer);
        bytes += sizeOf(segment);
        head.segments.shift();
      }
      this.#shiftIfDone(head);
    }
    if (announced.length === 0 && segments.length === 0) return false;
    this.#took(bytes);
    const chunks = gather(segments);
    const connectionKey = this.#connectionKey;
    this.#post({ type: 'connection.send', connectionKey, announced, chunks }, chunks);
    return true;
  }

  #postFrames(): boolean {
    const frames: (string | ArrayBuffer)[] = [];
    let bytes = 0;
    while (frames.length < MAX_BATCH_MESSAGES && bytes < MAX_BATCH_BYTES) {
      const { head } = this.#queue;
      if (!head || head.byteLength !== undefined) break;
      const [frame] = head.segments;
      if (frame === undefined || frame instanceof Blob) break;
      if (!this.#fits(bytes + sizeOf(frame))) break;
      frames.push(frame);
      bytes += sizeOf(frame);
      head.segments.shift();
      this.#shiftIfDone(head);
    }
    if (frames.length === 0) return false;
    this.#took(bytes);
    const transfer = frames.filter((frame) => typeof frame !== 'string');
    this.#post({ type: 'connection.sendFrames', connectionKey: this.#connectionKey, frames }, transfer);
    return true;
  }

  #shiftIfDone(head: Queued): void {
    if (head.segments.length > 0) return;
    this.#queue.shift();
    head.resolve();
  }

  #took(bytes: number): void {
    this.#queuedBytes -= bytes;
    this.#onTheWay += bytes;
  }

  /** Puts bytes in the place of the Blob at the head: all of a frame, the next part of a message. */
  #read(head: Queued, blob: Blob): void {
    this.#isReading = true;
    const length = head.byteLength === undefined ? blob.size : Math.min(blob.size, BLOB_READ_SIZE);
    safe.then(
      safe.readBlob(safe.sliceBlob(blob, 0, length)),
      (bytes) => {
        this.#isReading = false;
        const parts = head.byteLength === undefined ? [bytes] : segmentsOf(new Uint8Array(bytes));
        const rest = length < blob.size ? [safe.sliceBlob(blob, length)] : [];
        head.segments.splice(0, 1, ...parts, ...rest);
        this.flush();
      },
      (error) => {
        this.#isReading = false;
        this.#giveUp(head, error);
        this.flush();
      },
    );
  }

  #giveUp(head: Queued, error: unknown): void {
    if (this.#queue.head !== head) return;
    this.#queue.shift();
    for (const segment of head.segments) this.#queuedBytes -= sizeOf(segment);
    if (head.isAnnounced) this.#post({ type: 'connection.abortMessage', connectionKey: this.#connectionKey });
    head.reject(error);
  }
}

function sizeOf(segment: ArrayBuffer | Blob | string): number {
  if (typeof segment === 'string') return segment.length;
  return segment instanceof Blob ? segment.size : segment.byteLength;
}

/** The same bytes in fewer buffers: runs of short ones become one. */
function gather(segments: ArrayBuffer[]): ArrayBuffer[] {
  const gathered: ArrayBuffer[] = [];
  for (let start = 0; start < segments.length;) {
    let end = start;
    let bytes = 0;
    while (end < segments.length && segments[end]!.byteLength < SMALL_SEGMENT) bytes += segments[end++]!.byteLength;
    if (end - start > 1) gathered.push(joined(segments.slice(start, end), bytes));
    else gathered.push(segments[start]!);
    start = Math.max(end, start + 1);
  }
  return gathered;
}

function joined(buffers: ArrayBuffer[], byteLength: number): ArrayBuffer {
  const whole = new Uint8Array(byteLength);
  let offset = 0;
  for (const buffer of buffers) {
    whole.set(new Uint8Array(buffer), offset);
    offset += buffer.byteLength;
  }
  return whole.buffer;
}
