// Posts the host's messages to one page. Each connection event is a port message of its own, so that a listener added
// in one event never misses the next. Data goes out at once while it comes at intervals, and in batches while it comes
// densely. If the port cannot carry a message, only that message is lost, and the rest of its batch is posted. Queues
// messages until `bind`.
import type { Endpoint } from '../../channel/endpoint';
import { MAX_EVENTS_PER_BATCH, type DataBatch, type HostMessage, type TextBatch } from '../../protocol/host-messages';
import { sizeOfPlain } from '../../protocol/plain-size';

/** Bytes per batch at most, because the page copies a batch in one go. */
const MAX_GATHERED_BYTES = 256 * 1024;
/** Data comes densely if it follows within this time and the page sends nothing between. */
const DENSE_MS = 1;
/** How long dense data is gathered: a quarter of a frame. */
const GATHER_MS = 4;

/**
 * Messages and bytes queued for a document whose port has not come yet, which takes milliseconds: as many messages as a
 * busy Peer gets in a second, and as many bytes as a fast line brings in a tenth of a second.
 */
const MAX_QUEUED = 4096;
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;

/** What a frame holds for the page: data (`size` bytes of it), or text in UTF-8 that the page reads. */
export type IncomingData = { data: unknown; size: number } | { text: ArrayBuffer };

export interface OutboxClock {
  /** Milliseconds, with fractions. */
  now: () => number;
  later: (task: () => void, delayMs: number) => void;
}

export class PageOutbox {
  readonly #clock: OutboxClock;
  readonly #onUndeliverable: (message: HostMessage) => void;
  readonly #onOverflow: () => void;
  #endpoint: Endpoint | undefined;
  /** Messages posted before the port is bound: the host serves the document from the moment it is announced. */
  #queued: HostMessage[] = [];
  #queuedBytes = 0;
  #connectionKeys: number[] = [];
  /** Values, or the bytes of texts if `#isText`. One kind at a time, to keep the order. */
  #data: unknown[] = [];
  #isText = false;
  #gatheredBytes = 0;
  #lastDataAt = -Infinity;
  #isFlushDue = false;
  #pageAnswers = false;
  #isClosed = false;

  /**
   * `onUndeliverable`: the port cannot carry this message; a data batch has a single item by then. `onOverflow`: the
   * queue for a document whose port has not come was too long and has been dropped.
   */
  constructor(
    clock: OutboxClock,
    onUndeliverable: (message: HostMessage) => void,
    onOverflow: () => void = () => undefined,
  ) {
    this.#clock = clock;
    this.#onUndeliverable = onUndeliverable;
    this.#onOverflow = onOverflow;
  }

  bind(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#queuedBytes = 0;
    this.#post({ type: 'attached' });
    for (const message of this.#queued.splice(0)) this.#post(message);
  }

  /** Posts `moving` on the old port and uses the new one from then on. */
  move(endpoint: Endpoint): void {
    this.post({ type: 'moving' });
    this.#endpoint = endpoint;
  }

  post(message: HostMessage): void {
    this.#flush();
    this.#post(message);
  }

  /** Delivers data that a connection has received. */
  deliver(connectionKey: number, incoming: IncomingData): void {
    const isText = 'text' in incoming;
    if (isText !== this.#isText) this.#flush();
    this.#isText = isText;
    this.#connectionKeys.push(connectionKey);
    this.#data.push(isText ? incoming.text : incoming.data);
    this.#gatheredBytes += isText ? incoming.text.byteLength : incoming.size;
    const now = this.#clock.now();
    const isDense = now - this.#lastDataAt < DENSE_MS && !this.#pageAnswers;
    this.#pageAnswers = false;
    this.#lastDataAt = now;
    const isFull = this.#data.length >= MAX_EVENTS_PER_BATCH || this.#gatheredBytes >= MAX_GATHERED_BYTES;
    if (isFull || !isDense) this.#flush();
    else this.#flushLater();
  }

  /** The page has sent data. Data for a page that answers is not delayed for a batch. */
  recordAnswer(): void {
    this.#pageAnswers = true;
  }

  /** Drops all queued and future messages. */
  close(): void {
    this.#isClosed = true;
    this.#endpoint = undefined;
    this.#queued = [];
    this.#queuedBytes = 0;
    this.#connectionKeys = [];
    this.#data = [];
  }

  #flushLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#clock.later(() => {
      this.#isFlushDue = false;
      this.#flush();
    }, GATHER_MS);
  }

  #flush(): void {
    if (this.#data.length === 0) return;
    const data = this.#data;
    const keys = this.#connectionKeys;
    this.#data = [];
    this.#connectionKeys = [];
    this.#gatheredBytes = 0;
    const connectionKeys = keys.every((key) => key === keys[0]) ? keys.slice(0, 1) : keys;
    if (this.#isText) this.#postTexts(connectionKeys, data as ArrayBuffer[]);
    else this.#postData(connectionKeys, data);
  }

  /** Posts the texts in one buffer, because transferring each one would cost more than writing and reading it. */
  #postTexts(connectionKeys: number[], texts: ArrayBuffer[]): void {
    const bytes = joined(texts);
    const byteLengths = texts.map(({ byteLength }) => byteLength);
    this.#postBatch({ type: 'texts', connectionKeys, byteLengths, bytes }, transferable(bytes));
  }

  #postData(connectionKeys: number[], data: unknown[]): void {
    this.#postBatch({ type: 'data', connectionKeys, data }, data.flatMap(transferable));
  }

  /** Posts a batch; if the port cannot carry it, posts its items one by one, in order. */
  #postBatch(batch: DataBatch | TextBatch, transfer: ArrayBuffer[]): void {
    if (this.#isPosted(batch, transfer)) return;
    const single = singlesOf(batch);
    if (single.length === 1) this.#onUndeliverable(batch);
    else for (const each of single) this.#post(each);
  }

  #post(message: HostMessage): void {
    if (!this.#isPosted(message)) this.#onUndeliverable(message);
  }

  /** False if there is a port and it cannot carry the message. */
  #isPosted(message: HostMessage, transfer: ArrayBuffer[] = []): boolean {
    if (this.#endpoint) return this.#endpoint.post(message, transfer);
    if (!this.#isClosed) this.#enqueue(message);
    return true;
  }

  #enqueue(message: HostMessage): void {
    this.#queuedBytes += sizeOfPlain(message, MAX_QUEUED_BYTES);
    this.#queued.push(message);
    if (this.#queued.length <= MAX_QUEUED && this.#queuedBytes <= MAX_QUEUED_BYTES) return;
    this.#queued = [];
    this.#queuedBytes = 0;
    this.#onOverflow();
  }
}

/** Splits a batch into batches of one item. */
function singlesOf(batch: DataBatch | TextBatch): (DataBatch | TextBatch)[] {
  const [first] = batch.connectionKeys;
  const keyOf = (index: number): number[] => [batch.connectionKeys[index] ?? first!];
  if (batch.type === 'data') {
    return batch.data.map((item, index) => ({ type: 'data', connectionKeys: keyOf(index), data: [item] }));
  }
  let offset = 0;
  return batch.byteLengths.map((length, index) => {
    const bytes = batch.bytes.slice(offset, (offset += length));
    return { type: 'texts', connectionKeys: keyOf(index), byteLengths: [length], bytes };
  });
}

/** Bytes. Shorter binary data is cheaper to copy than to transfer. */
const MIN_TRANSFER = 64 * 1024;

/** The buffer to transfer, if `data` is binary, whole and long enough. */
function transferable(data: unknown): ArrayBuffer[] {
  if (data instanceof ArrayBuffer) return data.byteLength >= MIN_TRANSFER ? [data] : [];
  if (!(data instanceof Uint8Array) || data.byteLength < MIN_TRANSFER) return [];
  return data.byteLength === data.buffer.byteLength ? [data.buffer as ArrayBuffer] : [];
}

function joined(texts: ArrayBuffer[]): ArrayBuffer {
  if (texts.length === 1) return texts[0]!;
  const bytes = new Uint8Array(texts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const text of texts) {
    bytes.set(new Uint8Array(text), offset);
    offset += text.byteLength;
  }
  return bytes.buffer;
}
