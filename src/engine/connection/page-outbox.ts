// What the host has to say to one page. Events of a connection's life go out one a port message, so that a listener
// added inside one never misses the next. Data goes out at once where it comes now and then; where it comes thick, what
// arrives in one go travels together. A message that the port does not carry is lost alone: whatever was to travel with it goes.
import type { Endpoint } from '../../channel/endpoint';
import { MAX_EVENTS_PER_BATCH, type DataBatch, type HostMessage, type TextBatch } from '../../protocol/host-messages';
import { sizeOfPlain } from '../../protocol/plain-size';

/** Bytes that are gathered at most: what the page has to copy at a stretch. */
const MAX_GATHERED_BYTES = 256 * 1024;
/** Data that follows within this time, and without a word of the page between, comes thick. */
const THICK_MS = 1;
/** How long data that comes thick is gathered: a quarter of a frame. */
const GATHER_MS = 4;

/**
 * What is kept for a document whose port has yet to come, which takes milliseconds: as many messages as a busy Peer gets in a
 * second, and as much as a fast line brings in a tenth of one.
 */
const MAX_EARLY = 4096;
const MAX_EARLY_BYTES = 16 * 1024 * 1024;

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
  /** Before the port is bound: the host works for the document from the moment the background announces it. */
  #early: HostMessage[] = [];
  #earlyBytes = 0;
  #connectionKeys: number[] = [];
  /** Values, or where `#isText` the bytes of texts: one kind at a time, because order is kept. */
  #data: unknown[] = [];
  #isText = false;
  #gatheredBytes = 0;
  #lastDataAt = -Infinity;
  #isFlushDue = false;
  #pageAnswers = false;
  #isClosed = false;

  /**
   * `onUndeliverable`: the port does not carry this message; a batch of data is one of a single item by then. `onOverflow`: more
   * has been said than is kept for a document whose port has yet to come, and all of that is gone.
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
    this.#earlyBytes = 0;
    this.#post({ type: 'attached' });
    for (const message of this.#early.splice(0)) this.#post(message);
  }

  /** Says so on the old way and takes the new one. */
  move(endpoint: Endpoint): void {
    this.post({ type: 'moving' });
    this.#endpoint = endpoint;
  }

  post(message: HostMessage): void {
    this.#flush();
    this.#post(message);
  }

  /** What a connection has received. */
  deliver(connectionKey: number, incoming: IncomingData): void {
    const isText = 'text' in incoming;
    if (isText !== this.#isText) this.#flush();
    this.#isText = isText;
    this.#connectionKeys.push(connectionKey);
    this.#data.push(isText ? incoming.text : incoming.data);
    this.#gatheredBytes += isText ? incoming.text.byteLength : incoming.size;
    const now = this.#clock.now();
    const isThick = now - this.#lastDataAt < THICK_MS && !this.#pageAnswers;
    this.#pageAnswers = false;
    this.#lastDataAt = now;
    const isFull = this.#data.length >= MAX_EVENTS_PER_BATCH || this.#gatheredBytes >= MAX_GATHERED_BYTES;
    if (isFull || !isThick) this.#flush();
    else this.#flushLater();
  }

  /** The page has sent something: where it answers what comes, it is not made to wait for more. */
  noteAnswer(): void {
    this.#pageAnswers = true;
  }

  /** What is said from now on is said to nobody. */
  close(): void {
    this.#isClosed = true;
    this.#endpoint = undefined;
    this.#early = [];
    this.#earlyBytes = 0;
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

  /** In one buffer: to hand over each text by itself would cost more than to make and to read it. */
  #postTexts(connectionKeys: number[], texts: ArrayBuffer[]): void {
    const bytes = joined(texts);
    const byteLengths = texts.map(({ byteLength }) => byteLength);
    this.#postBatch({ type: 'texts', connectionKeys, byteLengths, bytes }, transferable(bytes));
  }

  #postData(connectionKeys: number[], data: unknown[]): void {
    this.#postBatch({ type: 'data', connectionKeys, data }, data.flatMap(transferable));
  }

  /** What does not go together is tried one by one, in order. */
  #postBatch(batch: DataBatch | TextBatch, transfer: ArrayBuffer[]): void {
    if (this.#isPosted(batch, transfer)) return;
    const single = singlesOf(batch);
    if (single.length === 1) this.#onUndeliverable(batch);
    else for (const each of single) this.#post(each);
  }

  #post(message: HostMessage): void {
    if (!this.#isPosted(message)) this.#onUndeliverable(message);
  }

  /** False where there is a port that does not carry the message. */
  #isPosted(message: HostMessage, transfer: ArrayBuffer[] = []): boolean {
    if (this.#endpoint) return this.#endpoint.post(message, transfer);
    if (!this.#isClosed) this.#keepEarly(message);
    return true;
  }

  #keepEarly(message: HostMessage): void {
    this.#earlyBytes += sizeOfPlain(message, MAX_EARLY_BYTES);
    this.#early.push(message);
    if (this.#early.length <= MAX_EARLY && this.#earlyBytes <= MAX_EARLY_BYTES) return;
    this.#early = [];
    this.#earlyBytes = 0;
    this.#onOverflow();
  }
}

/** The batch in batches of one item each. */
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

/** Shorter binary data is cheaper to copy than to hand over. */
const MIN_TRANSFER = 64 * 1024;

/** The buffer of data that is nothing but binary, if it is to be handed over instead of copied. */
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
