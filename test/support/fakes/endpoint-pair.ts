// Two connected endpoints. Messages are cloned as on a port, arrive at once, and are queued until there is a listener.
import type { Endpoint } from '../../../src/channel/endpoint';

export class FakeEndpoint implements Endpoint {
  other!: FakeEndpoint;
  /** All incoming messages, in order. */
  readonly received: unknown[] = [];
  /** The transfer list of each outgoing message. */
  readonly transfers: Transferable[][] = [];
  isClosed = false;
  closings = 0;
  #listener: ((message: unknown) => void) | undefined;
  #waiting: unknown[] = [];

  /** True for messages that this end cannot carry, such as those above a runtime port's size limit. */
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
