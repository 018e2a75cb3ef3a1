// Connections that a page negotiates itself, by a serializer class of its own: which they are, and the way of their
// signalling past the host's own connections. What is said in it is the page's and the remote peer's business.
import type { RelayedMessage, SignalMessage } from '../protocol/signalling';

/** Far more than a page has at once; the oldest is forgotten first. */
const MAX_CONNECTIONS = 1000;

export class PageSignalling {
  readonly #tell: (message: RelayedMessage) => void;
  readonly #known = new Set<string>();

  constructor(tell: (message: RelayedMessage) => void) {
    this.#tell = tell;
  }

  /** The page has begun, or is to answer, this connection. */
  begin(remotePeerId: string, connectionId: string): void {
    this.#known.add(keyOf(remotePeerId, connectionId));
    if (this.#known.size > MAX_CONNECTIONS) this.#known.delete(this.#known.values().next().value!);
  }

  /** Passes the message on if it is for a connection of the page's; false if it is none of those. */
  pass(src: string, connectionId: string, { type, payload }: SignalMessage): boolean {
    if (!this.#known.has(keyOf(src, connectionId))) return false;
    this.#tell({ type, src, payload });
    return true;
  }
}

function keyOf(remotePeerId: string, connectionId: string): string {
  return JSON.stringify([remotePeerId, connectionId]);
}
