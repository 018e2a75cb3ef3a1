// PeerJS's internal socket (PeerJS lib/socket.ts), for pages and PeerJS's own serializer classes. Sends to PeerServer through
// the host's socket. Emits the server's messages only after the first `message` listener was added.
import { EventEmitter } from 'eventemitter3';
import { safe } from '../safe/built-ins';
import { acceptProxies, rememberSelf } from '../safe/proxies';

type Listener = Parameters<EventEmitter['on']>[1];

export interface SocketSource {
  /** `payload`: JSON text. */
  send: (message: { type: string; payload?: string; dst?: string }) => void;
  /** Called when the first `message` listener is added. */
  watch: () => void;
  close: () => void;
}

export class SocketFacade extends EventEmitter {
  readonly #source: SocketSource;
  #isWatched = false;

  constructor(source: SocketSource) {
    super();
    rememberSelf(this);
    this.#source = source;
  }

  /** Sends to PeerServer, also before the socket is open. A message without `type` emits `error`, as in PeerJS. */
  send(data: unknown): void {
    const { type, payload, dst } = (data ?? {}) as { type?: unknown; payload?: unknown; dst?: unknown };
    if (!type) {
      this.emit('error', 'Invalid message');
      return;
    }
    // JSON, as in PeerJS: descriptions and candidates become plain objects, and cyclic values throw here.
    const text = safe.stringify(payload) as string | undefined;
    this.#source.send({
      type: String(type),
      ...(text !== undefined && { payload: text }),
      ...(dst !== undefined && { dst: String(dst) }),
    });
  }

  /** @internal Emits a message of the server. Ignores invalid JSON, as PeerJS does. */
  handleText(text: string): void {
    let message: unknown;
    try {
      message = safe.parse(text);
    } catch {
      return;
    }
    this.emit('message', message);
  }

  /** Leaves the server without an event, as PeerJS's socket does. */
  close(): void {
    this.#source.close();
  }

  // No rest parameters: spreading them calls an iterator that the page may have replaced.
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

acceptProxies(SocketFacade);
