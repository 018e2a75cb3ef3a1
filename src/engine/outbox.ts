// What the host has to say to one page. Events of a connection's life go out one a port message, so that a listener
// added inside one never misses the next. Data goes out at once while the page keeps up, and in batches while it does
// not: the page acknowledges a batch when its listeners have run, and what came meanwhile travels together.
import { MAX_EVENTS_PER_BATCH, type HostMessage } from '../protocol/host-messages';
import type { Endpoint } from '../channel/endpoint';

/** Bytes gathered for a page that is behind. Beyond, they are posted all the same: its process pays for its slowness. */
const MAX_GATHERED_BYTES = 256 * 1024;

export class Outbox {
  #endpoint: Endpoint | undefined;
  /** Before the port is bound: the host works for the document from the moment the background announces it. */
  #early: HostMessage[] = [];
  #gathered: [number, unknown][] = [];
  #gatheredBytes = 0;
  #batchesUnderWay = 0;

  bind(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    endpoint.post({ type: 'attached' } satisfies HostMessage);
    for (const message of this.#early.splice(0)) endpoint.post(message);
  }

  post(message: HostMessage): void {
    this.#flush();
    this.#post(message);
  }

  /** `size`: about how many bytes `data` is. */
  data(connectionKey: number, data: unknown, size: number): void {
    this.#gathered.push([connectionKey, data]);
    this.#gatheredBytes += size;
    const isFull = this.#gathered.length >= MAX_EVENTS_PER_BATCH || this.#gatheredBytes >= MAX_GATHERED_BYTES;
    if (this.#batchesUnderWay === 0 || isFull) this.#flush();
  }

  /** The page has dispatched a batch. */
  acknowledge(): void {
    if (this.#batchesUnderWay > 0) this.#batchesUnderWay--;
    if (this.#batchesUnderWay === 0) this.#flush();
  }

  close(): void {
    this.#endpoint = undefined;
    this.#early = [];
    this.#gathered = [];
  }

  #flush(): void {
    if (this.#gathered.length === 0) return;
    const events = this.#gathered;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#batchesUnderWay++;
    const binary = events.map(([, data]) => bufferOf(data)).filter((buffer) => buffer !== undefined);
    this.#post({ type: 'data', events }, binary);
  }

  #post(message: HostMessage, transfer: ArrayBuffer[] = []): void {
    if (this.#endpoint) this.#endpoint.post(message, transfer);
    else this.#early.push(message);
  }
}

/** The buffer of data that is nothing but binary: it can be handed over instead of copied. */
function bufferOf(data: unknown): ArrayBuffer | undefined {
  if (data instanceof ArrayBuffer) return data;
  return data instanceof Uint8Array && data.byteLength === data.buffer.byteLength
    ? (data.buffer as ArrayBuffer)
    : undefined;
}
