// Carries requests between the background and the engine host when both live in one page: the browser does not deliver a page's
// runtime messages to that page itself. Behaves like runtime messages: a message is copied, arrives asynchronously, and names
// its sender.
import type { MessageEventSource, SendMessage, Sender } from '../../src/channel/control';

type Listener = Parameters<MessageEventSource['addListener']>[0];

export interface Side {
  /** Rejects if no listener on the other side answers. */
  send: SendMessage;
  /** The messages of the other side. */
  onMessage: MessageEventSource;
}

export class LocalMessages {
  readonly background: Side;
  readonly host: Side;

  /** `sender`: the page's own sender record, which both sides share. */
  constructor(sender: Sender) {
    const [toBackground, toHost] = [new Lane(sender), new Lane(sender)];
    this.background = { send: (message) => toHost.send(message), onMessage: toBackground };
    this.host = { send: (message) => toBackground.send(message), onMessage: toHost };
  }
}

/** One direction of the messages. */
class Lane implements MessageEventSource {
  readonly #sender: Sender;
  readonly #listeners: Listener[] = [];

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  addListener(listener: Listener): void {
    this.#listeners.push(listener);
  }

  async send(message: unknown): Promise<unknown> {
    const copy: unknown = structuredClone(message);
    await Promise.resolve();
    for (const listener of this.#listeners) {
      const reply = listener(copy, { ...this.#sender });
      if (reply) return structuredClone(await reply);
    }
    throw new Error('No listener on the other side has answered.');
  }
}
