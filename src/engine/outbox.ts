// What the host has to say to one page. Events of a connection's life go out one a port message, so that a listener
// added inside one never misses the next. Data goes out at once where it comes now and then; where it comes thick, what
// arrives in one go travels together. Nothing is held for a page that is slow: its own process pays for that.
import type { Endpoint } from '../channel/endpoint';
import { MAX_EVENTS_PER_BATCH, type HostMessage } from '../protocol/host-messages';
import type { IncomingData } from './incoming-reader';

/** Bytes that are gathered at most: what the page has to copy at a stretch. */
const MAX_GATHERED_BYTES = 256 * 1024;
/** Data that follows within this time, and without a word of the page between, comes thick. */
const THICK_MS = 1;
/** How long data that comes thick is gathered: a quarter of a frame. */
const GATHER_MS = 4;

export interface OutboxClock {
  /** Milliseconds, with fractions. */
  now: () => number;
  later: (task: () => void, delayMs: number) => void;
}

export class Outbox {
  readonly #clock: OutboxClock;
  readonly #onUndeliverable: (connectionKey: number) => void;
  #endpoint: Endpoint | undefined;
  /** Before the port is bound: the host works for the document from the moment the background announces it. */
  #early: HostMessage[] = [];
  #connectionKeys: number[] = [];
  /** Values, or where `#isText` the bytes of texts: one kind at a time, because order is kept. */
  #data: unknown[] = [];
  #isText = false;
  #gatheredBytes = 0;
  #lastDataAt = -Infinity;
  #isFlushDue = false;
  #pageAnswers = false;
  #isClosed = false;

  /** `onUndeliverable`: data for this connection could not be posted. */
  constructor(clock: OutboxClock, onUndeliverable: (connectionKey: number) => void) {
    this.#clock = clock;
    this.#onUndeliverable = onUndeliverable;
  }

  bind(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    endpoint.post({ type: 'attached' } satisfies HostMessage);
    for (const message of this.#early.splice(0)) endpoint.post(message);
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
    this.#post({ type: 'texts', connectionKeys, byteLengths, bytes }, transferable(bytes));
  }

  /** What does not go together is tried one by one; what is too large alone is its connection's loss. */
  #postData(connectionKeys: number[], data: unknown[]): void {
    const binary = data.flatMap(transferable);
    if (this.#post({ type: 'data', connectionKeys, data }, binary)) return;
    const [first] = connectionKeys;
    if (data.length === 1) this.#onUndeliverable(first!);
    else data.forEach((item, index) => this.#postData([connectionKeys[index] ?? first!], [item]));
  }

  #post(message: HostMessage, transfer: ArrayBuffer[] = []): boolean {
    if (this.#endpoint) return this.#endpoint.post(message, transfer);
    if (this.#isClosed) return true;
    this.#early.push(message);
    return true;
  }
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
