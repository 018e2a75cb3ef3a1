// The other end of a page's port: the content script and the engine host in one object, played by the test.
import type { AttachContentMessage } from '../../../src/protocol/attach-messages';
import type { HostMessage } from '../../../src/protocol/host-messages';
import { messagePorts, type FakeMessagePort } from './message-port';
import { settled } from './settled';

type Message = Record<string, unknown> & { type: string };

export class FakePageHost {
  /** The first message of each attachment. */
  readonly attaching: Message[] = [];
  /** All messages to the host, over any port. */
  readonly received: Message[] = [];
  /** The messages that came over the port that the host has moved to. */
  readonly receivedDirectly: Message[] = [];
  /** The port that goes through the content script, and the one that the host has moved to. */
  #content!: FakeMessagePort;
  #direct: FakeMessagePort | undefined;

  /** The function that HostPort attaches with. */
  readonly openAttachPort = (): MessagePort => {
    const [page, content] = messagePorts();
    this.#content = content;
    this.#direct = undefined;
    let isFirst = true;
    this.#hear(content, (message) => {
      (isFirst ? this.attaching : this.received).push(message);
      isFirst = false;
    });
    return page as unknown as MessagePort;
  };

  get pagePort(): FakeMessagePort {
    return this.#content.other;
  }

  ofType(type: string): Message[] {
    return this.received.filter((message) => message.type === type);
  }

  /** Acknowledges over the content script. */
  attach(): Promise<void> {
    return this.say({ type: 'attached' });
  }

  /** Gives the page a new port that the host does not use yet. */
  async offerPort(): Promise<FakeMessagePort> {
    const [host, page] = messagePorts();
    this.#content.postMessage({ type: 'use-port' } satisfies AttachContentMessage, [page]);
    await settled();
    return host;
  }

  /** Moves to a new port. Sends `early` over that port before the page learns of the move. */
  async move(...early: HostMessage[]): Promise<void> {
    const host = await this.offerPort();
    for (const message of early) host.postMessage(message);
    this.#content.postMessage({ type: 'moving' } satisfies HostMessage);
    await settled();
    this.#direct = host;
    this.#hear(host, (message) => {
      this.received.push(message);
      this.receivedDirectly.push(message);
    });
    await settled();
  }

  /** Sends messages of the host to the page. */
  async say(...messages: HostMessage[]): Promise<void> {
    for (const message of messages) (this.#direct ?? this.#content).postMessage(message);
    await settled();
  }

  /** Sends a message of the content script to the page. */
  async tell(message: AttachContentMessage): Promise<void> {
    this.#content.postMessage(message);
    await settled();
  }

  #hear(port: FakeMessagePort, listener: (message: Message) => void): void {
    port.addEventListener('message', (event) => listener((event as MessageEvent<Message>).data));
    port.start();
  }
}
