// Passes the ports that bridge frames deliver on to the event page, and queues them until the event page has connected. Decides
// nothing: the engine host checks the ticket that comes with each port.
import type { RelayMessage } from '../platform/firefox/relay';

/** More frames than load at once. A port beyond this number is closed, and its document stays on its runtime port. */
const MAX_QUEUED = 256;

interface Delivery {
  message: RelayMessage;
  ports: readonly MessagePort[];
}

export class Relay {
  #eventPage: MessagePort | undefined;
  #queue: Delivery[] = [];

  /** Connects a bridge frame or the event page. Their messages show which of the two it is. */
  connect(port: MessagePort): void {
    port.onmessage = ({ data, ports }: MessageEvent<RelayMessage | null>) => {
      if (!data) return;
      if (data.type === 'hello') this.#greet(port);
      else this.#pass({ message: data, ports });
    };
  }

  /** Replaces the event page: it connects again after each suspension, and the relay cannot see that the old one has ended. */
  #greet(eventPage: MessagePort): void {
    this.#eventPage = eventPage;
    const queue = this.#queue;
    this.#queue = [];
    for (const delivery of queue) this.#pass(delivery);
  }

  #pass(delivery: Delivery): void {
    const { message, ports } = delivery;
    if (this.#eventPage) this.#eventPage.postMessage(message, [...ports]);
    else if (this.#queue.length < MAX_QUEUED) this.#queue.push(delivery);
    else for (const port of ports) port.close();
  }
}
