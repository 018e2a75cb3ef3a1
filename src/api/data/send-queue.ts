// Owns the data that a page has sent on one connection and not yet posted to the host. Keeps within the window that the host
// grants, so a page that outruns the network fills only its own memory. Keeps the order, also around Blobs, which are read
// only when their turn comes. Callers must pass on the host's credit by `grant`, and `close` the queue.
import { Fifo } from '../../channel/fifo';
import { segmentsOf, type PackedMessage } from '../../codec/packed-message';
import { INITIAL_WINDOW } from '../../protocol/host-messages';
import type { HostPort } from '../connection/host-port';
import { append, safe, visitAll } from '../safe/built-ins';
import { MAX_SMALL_BATCH_BYTES, MAX_UTF8_BYTES, SmallMessageBatch } from './small-message-batch';

/** Messages up to this size share a buffer, bytes. */
export const SMALL_MESSAGE = 4 * 1024;
/** Bytes of larger messages in one port message, which the host processes at a stretch. */
const MAX_BATCH_BYTES = 256 * 1024;
/** Bytes of a Blob that are read at a time: more trips to the browser process would cost more than this memory. */
const BLOB_READ_SIZE = 1024 * 1024;

/** A message in segments. Undefined `byteLength`: a single frame, which is not part of the byte stream. */
interface Queued {
  byteLength: number | undefined;
  segments: Fifo<ArrayBuffer | Blob | string>;
  isAnnounced: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class SendQueue {
  /** Bytes of the largest frame that the data channel takes. Known once it is open. */
  maxMessageSize = Infinity;
  readonly #connectionKey: number;
  readonly #port: Pick<HostPort, 'post'>;
  readonly #queue = new Fifo<Queued | SmallMessageBatch>();
  /** The batch at the end of the queue, while small messages may still join it. */
  #openBatch: SmallMessageBatch | undefined;
  #messages = 0;
  #window = INITIAL_WINDOW;
  #onTheWay = 0;
  #queuedBytes = 0;
  #isScheduled = false;
  #isReading = false;

  constructor(connectionKey: number, port: Pick<HostPort, 'post'>) {
    this.#connectionKey = connectionKey;
    this.#port = port;
  }

  /** The number of queued messages: PeerJS's `bufferSize`. */
  get length(): number {
    return this.#messages;
  }

  /** Bytes that the network has not taken yet: the data channel's `bufferedAmount`. */
  get bufferedBytes(): number {
    return this.#queuedBytes + this.#onTheWay;
  }

  /** Resolves when the message is posted to the host. Rejects if its Blob cannot be read or the connection closes. */
  push({ byteLength, segments }: PackedMessage): Promise<void> {
    const only = segments[0];
    if (byteLength > SMALL_MESSAGE || only instanceof Blob || segments.length > 1) {
      return this.#enqueue(byteLength, segments, byteLength);
    }
    return this.pushBytes(only ? new Uint8Array(only) : new Uint8Array(0));
  }

  /** Like `push`, for one message, which it copies: the caller may reuse `bytes`. */
  pushBytes(bytes: Uint8Array): Promise<void> {
    if (bytes.length > SMALL_MESSAGE) return this.#enqueue(bytes.length, segmentsOf(bytes), bytes.length);
    const batch = this.#smallBatchFor(bytes.length);
    batch.add(bytes);
    this.#queuedBytes += bytes.length;
    return batch.taken;
  }

  /** Like `push`, for text that certainly takes at most SMALL_MESSAGE bytes of UTF-8. */
  pushText(text: string): Promise<void> {
    const batch = this.#smallBatchFor(text.length * MAX_UTF8_BYTES);
    this.#queuedBytes += batch.addText(text);
    return batch.taken;
  }

  /** Like `push`, for one frame that goes on the channel unchanged. */
  pushFrame(frame: string | ArrayBuffer | Blob): Promise<void> {
    return this.#enqueue(undefined, [frame], sizeOf(frame));
  }

  /** Handles the host's credit: it has passed on `bytes`, and `window` bytes may be on the way from now on. */
  grant(bytes: number, window: number): void {
    this.#onTheWay = Math.max(0, this.#onTheWay - bytes);
    this.#window = window;
    this.flush();
  }

  close(reason: Error): void {
    const queued = this.#queue.drain();
    this.#openBatch = undefined;
    this.#queuedBytes = this.#onTheWay = this.#messages = 0;
    visitAll(queued, ({ reject }) => {
      reject(reason);
    });
  }

  /** Posts as much as the window allows. */
  flush(): void {
    for (let head = this.#queue.head; head && !this.#isReading; head = this.#queue.head) {
      const segment = head instanceof SmallMessageBatch ? undefined : head.segments.head;
      if (segment instanceof Blob) {
        this.#read(head as Queued, segment);
        return;
      }
      if (!(head instanceof SmallMessageBatch ? this.#postSmallBatch(head) : this.#postMessage(head))) return;
    }
  }

  #enqueue(byteLength: number | undefined, parts: (ArrayBuffer | Blob | string)[], size: number): Promise<void> {
    this.#openBatch = undefined;
    this.#queuedBytes += size;
    this.#messages++;
    return new safe.Promise((resolve, reject) => {
      const segments = new Fifo<ArrayBuffer | Blob | string>();
      visitAll(parts, (part) => {
        segments.push(part);
      });
      this.#queue.push({ byteLength, segments, isAnnounced: false, resolve, reject });
      this.#flushSoon();
    });
  }

  /** Returns a batch with room for one more message. */
  #smallBatchFor(byteLength: number): SmallMessageBatch {
    this.#messages++;
    if (!this.#openBatch?.hasRoomFor(byteLength)) {
      // Posts a full batch at once, so that the host starts while the page still sends. The next batch gets full capacity,
      // because a page that has filled one batch will probably fill the next.
      if (this.#openBatch) this.flush();
      this.#openBatch = new SmallMessageBatch(this.#openBatch ? MAX_SMALL_BATCH_BYTES : byteLength);
      this.#queue.push(this.#openBatch);
    }
    this.#flushSoon();
    return this.#openBatch;
  }

  /** Flushes in a microtask, so that small messages of one task share a batch. */
  #flushSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    safe.queueMicrotask(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  /** A message larger than the window may go when nothing else is on the way. `gathered`: bytes already in the batch. */
  #fits(bytes: number, gathered = 0): boolean {
    const before = this.#onTheWay + gathered;
    return before === 0 || before + bytes <= this.#window;
  }

  #postSmallBatch(batch: SmallMessageBatch): boolean {
    if (!this.#fits(batch.byteLength)) return false;
    this.#queue.shift();
    if (batch === this.#openBatch) this.#openBatch = undefined;
    this.#messages -= batch.announced.length;
    this.#took(batch.byteLength);
    const chunks = batch.byteLength > 0 ? [batch.bytes()] : [];
    this.#send(batch.announced, chunks);
    batch.resolve();
    return true;
  }

  /** Posts the next part of a message, in whole segments. False if the window allows none. */
  #postMessage(head: Queued): boolean {
    const chunks: ArrayBuffer[] = [];
    let bytes = 0;
    for (let segment = head.segments.head; segment !== undefined; segment = head.segments.head) {
      if (segment instanceof Blob || bytes >= MAX_BATCH_BYTES || !this.#fits(sizeOf(segment), bytes)) break;
      if (head.byteLength === undefined) return this.#postFrame(head, segment);
      append(chunks, segment as ArrayBuffer);
      bytes += sizeOf(segment);
      head.segments.shift();
    }
    if (chunks.length === 0) return false;
    const announced = head.isAnnounced ? [] : [head.byteLength!];
    head.isAnnounced = true;
    this.#took(bytes);
    this.#send(announced, chunks);
    if (head.segments.length === 0) this.#finish(head);
    return true;
  }

  #postFrame(head: Queued, frame: string | ArrayBuffer): boolean {
    this.#took(sizeOf(frame));
    const transfer = typeof frame === 'string' ? [] : [frame];
    this.#port.post({ type: 'connection.sendFrames', connectionKey: this.#connectionKey, frames: [frame] }, transfer);
    this.#finish(head);
    return true;
  }

  #finish(head: Queued): void {
    this.#queue.shift();
    this.#messages--;
    head.resolve();
  }

  #send(announced: number[], chunks: ArrayBuffer[]): void {
    this.#port.post({ type: 'connection.send', connectionKey: this.#connectionKey, announced, chunks }, chunks);
  }

  #took(bytes: number): void {
    this.#queuedBytes -= bytes;
    this.#onTheWay += bytes;
  }

  /** Replaces the Blob at the head with its bytes: all bytes of a frame, or the next part of a message. */
  #read(head: Queued, blob: Blob): void {
    this.#isReading = true;
    const length = head.byteLength === undefined ? blob.size : Math.min(blob.size, BLOB_READ_SIZE);
    safe.then(
      safe.readBlob(safe.sliceBlob(blob, 0, length)),
      (bytes) => {
        this.#isReading = false;
        const parts = head.byteLength === undefined ? [bytes] : segmentsOf(new Uint8Array(bytes));
        head.segments.shift();
        const others = head.segments.drain();
        const putBack = (part: ArrayBuffer | Blob | string): void => {
          head.segments.push(part);
        };
        visitAll(parts, putBack);
        if (length < blob.size) putBack(safe.sliceBlob(blob, length));
        visitAll(others, putBack);
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
    this.#messages--;
    visitAll(head.segments.drain(), (segment) => {
      this.#queuedBytes -= sizeOf(segment);
    });
    if (head.isAnnounced) this.#port.post({ type: 'connection.abortMessage', connectionKey: this.#connectionKey });
    head.reject(error);
  }
}

function sizeOf(segment: ArrayBuffer | Blob | string): number {
  if (typeof segment === 'string') return segment.length;
  return segment instanceof Blob ? segment.size : segment.byteLength;
}
