// Requests between the background and the engine host where both live in one page, to which the browser delivers none of
// the messages that it sends itself. Each side sends and listens as it would by runtime messages: what arrives is a copy,
// comes later, and names its sender.
import type { MessageEventSource, SendMessage, Sender } from '../../src/channel/control';

type Listener = Parameters<MessageEventSource['addListener']>[0];

export interface Side {
  /** Rejects where nobody on the other side answers. */
  send: SendMessage;
  /** What the other side sends. */
  onMessage: MessageEventSource;
}

export class LocalMessages {
  readonly background: Side;
  readonly host: Side;

  /** `sender`: the page's own record, which is that of both sides. */
  constructor(sender: Sender) {
    const [toBackground, toHost] = [new Lane(sender), new Lane(sender)];
    this.background = { send: (message) => toHost.send(message), onMessage: toBackground };
    this.host = { send: (message) => toBackground.send(message), onMessage: toHost };
  }
}

/** One direction. */
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
    throw new Error('Nobody listens on the other side.');
  }
}
