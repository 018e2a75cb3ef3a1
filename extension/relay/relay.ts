// Passes the ports that bridge frames deliver on to the event page. Knows no ticket and decides nothing: the engine host
// checks what comes with each port.
import type { RelayMessage } from '../platform/firefox/relay';

/** More frames than load at once. A port beyond them is closed; its document stays on its runtime port. */
const MOST_WAITING = 256;

interface Delivery {
  message: RelayMessage;
  ports: readonly MessagePort[];
}

export class Relay {
  #eventPage: MessagePort | undefined;
  #waiting: Delivery[] = [];

  /** A frame or the event page has come; which of the two, its messages tell. */
  connect(port: MessagePort): void {
    port.onmessage = ({ data, ports }: MessageEvent<RelayMessage | null>) => {
      if (!data) return;
      if (data.type === 'hello') this.#greet(port);
      else this.#pass({ message: data, ports });
    };
  }

  /** The event page comes anew after each suspension, and the end of the former one shows nowhere. */
  #greet(eventPage: MessagePort): void {
    this.#eventPage = eventPage;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const delivery of waiting) this.#pass(delivery);
  }

  #pass(delivery: Delivery): void {
    const { message, ports } = delivery;
    if (this.#eventPage) this.#eventPage.postMessage(message, [...ports]);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(delivery);
    else for (const port of ports) port.close();
  }
}
