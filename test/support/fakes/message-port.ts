// A MessagePort in one thread. Clones messages, queues them until `start`, and delivers one message in each microtask.

import { setMaxListeners } from 'node:events';

export class FakeMessagePort extends EventTarget {
  other!: FakeMessagePort;
  isClosed = false;
  #isStarted = false;
  #waiting: Event[] = [];

  constructor() {
    super();
    // A page adds as many listeners as a batch may have events.
    setMaxListeners(0, this);
  }

  postMessage(message: unknown, transfer: unknown[] = []): void {
    if (this.isClosed) return;
    const ports = transfer.filter((item) => item instanceof FakeMessagePort);
    const buffers = transfer.filter((item) => item instanceof ArrayBuffer);
    const data: unknown = structuredClone(message, { transfer: buffers });
    this.other.#arrive(Object.assign(new Event('message'), { data, ports }));
  }

  start(): void {
    this.#isStarted = true;
    for (const event of this.#waiting.splice(0)) this.#deliver(event);
  }

  close(): void {
    this.isClosed = true;
  }

  #arrive(event: Event): void {
    if (this.#isStarted) this.#deliver(event);
    else this.#waiting.push(event);
  }

  #deliver(event: Event): void {
    queueMicrotask(() => {
      if (!this.isClosed) this.dispatchEvent(event);
    });
  }
}

export function messagePorts(): [FakeMessagePort, FakeMessagePort] {
  const ports: [FakeMessagePort, FakeMessagePort] = [new FakeMessagePort(), new FakeMessagePort()];
  [ports[0].other, ports[1].other] = [ports[1], ports[0]];
  return ports;
}
