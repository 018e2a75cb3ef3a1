// One Peer's socket to PeerServer: registration, heartbeat, and a queue that outlives a dropped socket. Knows nothing
// of connections. Emits `registered` once a dial has worked, `lost` once when it has not or no longer works.
import { EventEmitter } from 'eventemitter3';
import { socketUrl, type PeerServerAddress } from '../protocol/peer-server';
import type { ClientMessage } from '../protocol/signalling';
import { parseServerMessage, type RefusedMessage, type ServerMessage } from './signalling-messages';

/**
 * A dial that has not registered by then is lost. A TLS socket over a bad mobile link takes under 10 s; the browser's
 * own limit is minutes, and PeerServer says nothing at all where it swapped sockets but does not relay our echo.
 */
const DIAL_TIMEOUT_MS = 20_000;

interface SocketEvents {
  registered: () => void;
  /** Everything that the server held for this ID has been delivered. */
  replayed: () => void;
  message: (message: ServerMessage | RefusedMessage) => void;
  /** Every message of the server, before it is read. */
  raw: (text: unknown) => void;
  lost: () => void;
}

/** A message that waits for a socket. */
interface Waiting {
  text: string;
  connectionId: unknown;
}

export interface Dial {
  server: PeerServerAddress;
  id: string;
  token: string;
  pingIntervalMs: number;
}

export class SignallingSocket extends EventEmitter<SocketEvents> {
  readonly #createWebSocket: (url: string) => WebSocket;
  #webSocket: WebSocket | undefined;
  #isRegistered = false;
  #dialTimer: ReturnType<typeof setTimeout> | undefined;
  #heartbeatTimer: ReturnType<typeof setInterval> | undefined;
  /** Waiting for a registered socket. */
  #queue: Waiting[] = [];
  /** Written to the socket since it last stood at `bufferedAmount` 0, with the total of bytes written before each. */
  #unconfirmed: (Waiting & { endsAt: number })[] = [];
  #bytesWritten = 0;

  constructor(createWebSocket: (url: string) => WebSocket) {
    super();
    this.#createWebSocket = createWebSocket;
  }

  dial({ server, id, token, pingIntervalMs }: Dial): void {
    this.close();
    let webSocket: WebSocket;
    try {
      webSocket = this.#createWebSocket(socketUrl(server, id, token));
    } catch {
      // No URL (a host with a space in it, say): the same outcome as a server that cannot be reached, but later.
      this.#dialTimer = setTimeout(() => {
        this.#lose();
      }, 0);
      return;
    }
    this.#webSocket = webSocket;
    this.#dialTimer = setTimeout(() => {
      this.#lose();
    }, DIAL_TIMEOUT_MS);
    const probeId = `probe_${crypto.randomUUID()}`;
    webSocket.onopen = () => {
      this.#heartbeatTimer = setInterval(() => {
        this.#write(JSON.stringify({ type: 'HEARTBEAT' }));
      }, pingIntervalMs);
      // PeerServer sends no OPEN where it swaps the socket of a known ID and token. A message to ourselves comes back
      // over the new socket, after all that was held for us: it proves the registration in either case.
      const probe = { type: 'CANDIDATE', payload: { connectionId: probeId }, dst: id };
      this.#write(JSON.stringify(probe));
    };
    webSocket.onmessage = (event) => {
      this.emit('raw', event.data);
      const message = parseServerMessage(event.data);
      if (!message) return;
      if (message.type === 'CANDIDATE' && message.src === id && message.payload.connectionId === probeId) {
        this.#register();
        this.emit('replayed');
      } else if (message.type === 'OPEN') {
        this.#register();
      } else {
        // The server relays to those alone whom it has registered.
        if ('src' in message) this.#register();
        this.emit('message', message);
      }
    };
    webSocket.onclose = () => {
      this.#lose();
    };
  }

  /** Sends now, or as soon as there is a registered socket. */
  send(message: ClientMessage | { type: string; payload?: unknown }): void {
    const { connectionId } = (message.payload ?? {}) as { connectionId?: unknown };
    const waiting = { text: JSON.stringify(message), connectionId };
    if (this.#isRegistered) this.#writeOrKeep(waiting);
    else this.#queue.push(waiting);
  }

  /** Drops what is queued of a connection, and returns it. */
  forget(connectionId: string): ClientMessage[] {
    const dropped = this.#queue.filter((waiting) => waiting.connectionId === connectionId);
    this.#queue = this.#queue.filter((waiting) => waiting.connectionId !== connectionId);
    return dropped.map(({ text }) => JSON.parse(text) as ClientMessage);
  }

  /** Lets go of the server without a `lost`; what is queued stays for the next dial. */
  close(): void {
    clearTimeout(this.#dialTimer);
    const webSocket = this.#webSocket;
    if (!webSocket) return;
    this.#requeueUnsent(webSocket);
    webSocket.onopen = webSocket.onmessage = webSocket.onclose = null;
    webSocket.close();
    this.#webSocket = undefined;
    this.#isRegistered = false;
    clearInterval(this.#heartbeatTimer);
  }

  #register(): void {
    if (this.#isRegistered) return;
    this.#isRegistered = true;
    clearTimeout(this.#dialTimer);
    this.emit('registered');
    for (const waiting of this.#queue.splice(0)) this.#writeOrKeep(waiting);
  }

  #lose(): void {
    this.close();
    this.emit('lost');
  }

  /** Writes, and remembers until the network has it. */
  #writeOrKeep(waiting: Waiting): void {
    if (this.#webSocket?.bufferedAmount === 0) this.#unconfirmed = [];
    this.#write(waiting.text);
    this.#unconfirmed.push({ ...waiting, endsAt: this.#bytesWritten });
  }

  #write(text: string): void {
    const webSocket = this.#webSocket!;
    const before = webSocket.bufferedAmount;
    webSocket.send(text);
    this.#bytesWritten += webSocket.bufferedAmount - before;
  }

  /** `bufferedAmount` of a dead socket says how much of the tail never reached the network: that is sent again. */
  #requeueUnsent(webSocket: WebSocket): void {
    const sentBytes = this.#bytesWritten - webSocket.bufferedAmount;
    this.#queue.unshift(...this.#unconfirmed.filter(({ endsAt }) => endsAt > sentBytes));
    this.#unconfirmed = [];
    this.#bytesWritten = 0;
  }
}
