// Two endpoints back to back. Messages are cloned as a port clones them, arrive at once, and wait for a listener.
import type { Endpoint } from '../../../src/channel/endpoint';

export class FakeEndpoint implements Endpoint {
  other!: FakeEndpoint;
  /** All that came in, in order. */
  readonly received: unknown[] = [];
  /** What was handed over with each message that went out. */
  readonly transfers: Transferable[][] = [];
  isClosed = false;
  closings = 0;
  #listener: ((message: unknown) => void) | undefined;
  #waiting: unknown[] = [];

  /** What this end does not carry, as a runtime port carries no message above its limit. */
  refuses: (message: unknown) => boolean = () => false;

  post(message: unknown, transfer: Transferable[] = []): boolean {
    if (this.isClosed || this.refuses(message)) return false;
    this.transfers.push(transfer);
    this.other.#arrive(structuredClone(message, { transfer }));
    return true;
  }

  listen(listener: (message: unknown) => void): void {
    this.#listener = listener;
    for (const message of this.#waiting.splice(0)) listener(message);
  }

  close(): void {
    this.isClosed = true;
    this.closings += 1;
  }

  /** The messages of one type among `received`. */
  ofType(type: string): Record<string, unknown>[] {
    return (this.received as Record<string, unknown>[]).filter((message) => message.type === type);
  }

  #arrive(message: unknown): void {
    if (this.isClosed) return;
    this.received.push(message);
    if (this.#listener) this.#listener(message);
    else this.#waiting.push(message);
  }
}

export function endpointPair(): [FakeEndpoint, FakeEndpoint] {
  const pair: [FakeEndpoint, FakeEndpoint] = [new FakeEndpoint(), new FakeEndpoint()];
  [pair[0].other, pair[1].other] = [pair[1], pair[0]];
  return pair;
}
