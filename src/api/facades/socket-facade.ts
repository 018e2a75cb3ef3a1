// PeerJS's internal socket (PeerJS lib/socket.ts) as pages and PeerJS's own serializer classes use it: what is sent goes to
// PeerServer by the host's socket, and what comes is heard where somebody listens.
import { EventEmitter } from 'eventemitter3';
import { safe } from '../safe/built-ins';

type Listener = Parameters<EventEmitter['on']>[1];

export interface SocketSource {
  /** `payload`: JSON text. */
  send: (message: { type: string; payload?: string; dst?: string }) => void;
  /** Somebody listens to what the server says. */
  watch: () => void;
  close: () => void;
}

export class SocketFacade extends EventEmitter {
  readonly #source: SocketSource;
  #isWatched = false;

  constructor(source: SocketSource) {
    super();
    this.#source = source;
  }

  /** Sends to PeerServer; before it is there too. What has no `type` is an error, as in PeerJS. */
  send(data: unknown): void {
    const { type, payload, dst } = (data ?? {}) as { type?: unknown; payload?: unknown; dst?: unknown };
    if (!type) {
      this.emit('error', 'Invalid message');
      return;
    }
    // As JSON, as PeerJS sends it: descriptions and candidates become plain objects, and cycles throw here.
    const text = safe.stringify(payload) as string | undefined;
    this.#source.send({
      type: String(type),
      ...(text !== undefined && { payload: text }),
      ...(dst !== undefined && { dst: String(dst) }),
    });
  }

  /** @internal What the server has said. What is no JSON is none of its messages, as in PeerJS. */
  handleText(text: string): void {
    let message: unknown;
    try {
      message = safe.parse(text);
    } catch {
      return;
    }
    this.emit('message', message);
  }

  /** Leaves the server without a word, as PeerJS's socket does. */
  close(): void {
    this.#source.close();
  }

  // Without rest parameters: taking one apart calls an iterator that the page can have replaced.
  override on(event: string | symbol, listener: Listener, context?: unknown): this {
    this.#watchFor(event);
    return super.on(event, listener, context);
  }

  override addListener(event: string | symbol, listener: Listener, context?: unknown): this {
    return this.on(event, listener, context);
  }

  override once(event: string | symbol, listener: Listener, context?: unknown): this {
    this.#watchFor(event);
    return super.once(event, listener, context);
  }

  #watchFor(event: string | symbol): void {
    if (event !== 'message' || this.#isWatched) return;
    this.#isWatched = true;
    this.#source.watch();
  }
}
