// Sends and checks numbered messages over one connection, which proves that no message is lost or overtaken.
import type { DataConnection } from 'peerjs';

/** Messages so far. `fault`: the first message out of order, or the end of the connection. */
export interface StreamState {
  sent: number;
  received: number;
  fault?: string;
}

/** Bytes added to the number, in rotation: two small messages, then a chunked one. */
const FILLER_BYTES = [0, 300, 20_000];

export class NumberedStream {
  #sent = 0;
  #received = 0;
  #fault: string | undefined;
  #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly connection: DataConnection) {
    connection.on('data', (data) => this.#receive(data));
    connection.on('close', () => this.#fail('the connection closed'));
    connection.on('error', ({ type, message }) => this.#fail(`${type}: ${message}`));
  }

  get state(): StreamState {
    return { sent: this.#sent, received: this.#received, ...(this.#fault !== undefined && { fault: this.#fault }) };
  }

  /** Sends `burst` messages at each interval. */
  sendEvery(intervalMs: number, burst: number): void {
    this.#timer = setInterval(() => {
      for (let n = 0; n < burst; n++) {
        const filler = new Uint8Array(FILLER_BYTES[this.#sent % FILLER_BYTES.length]!);
        void this.connection.send({ number: this.#sent++, filler });
      }
    }, intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves once `count` messages have arrived, or after a fault. */
  async until(count: number): Promise<StreamState> {
    while (this.#received < count && this.#fault === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.state;
  }

  #receive(data: unknown): void {
    const { number } = (data ?? {}) as { number?: unknown };
    if (number === this.#received) this.#received += 1;
    else this.#fail(`message ${String(number)} came in place of ${this.#received}`);
    this.#wake();
  }

  #fail(fault: string): void {
    this.#fault ??= fault;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
