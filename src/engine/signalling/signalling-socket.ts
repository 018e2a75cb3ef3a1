// One Peer's socket to PeerServer: registration, heartbeat, and a queue that outlives a dropped socket. Knows nothing
// of connections. Emits `registered` once a dial has worked, `lost` once when it has not or no longer works.
import { EventEmitter } from 'eventemitter3';
import { messageOf } from '../../protocol/errors';
import { socketUrl, type PeerServerAddress } from '../../protocol/peer-server';
import type { ClientMessage } from '../../protocol/signalling';
import { HeldBytes } from '../policy/held-bytes';
import type { Quota } from '../policy/quotas';
import { parseServerMessage, type RefusedMessage, type ServerMessage } from './server-messages';

/**
 * A dial that has not registered by then is lost. A TLS socket over a bad mobile link takes under 10 s; the browser's
 * own limit is minutes, and PeerServer says nothing at all where it swapped sockets but does not relay our echo.
 */
const DIAL_TIMEOUT_MS = 20_000;

/**
 * Messages that one Peer may have waiting for its server or for the network. The offers of as many connections as a site may
 * have, with some ten candidates each, are as many.
 */
const MAX_WAITING = 4096;
/** Their bytes, of which each character takes two. An offer of PeerJS has some kilobytes, a candidate a tenth of that. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

const TOO_MANY = `More messages wait for the PeerServer than are kept for one Peer (${MAX_WAITING}, or 16 MiB). Send less until the Peer is open.`;

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
  /** Written to the socket, which may still have it, with the total of bytes written up to its end. */
  #unconfirmed: (Waiting & { endsAt: number })[] = [];
  #bytesWritten = 0;
  /** What waits in either. */
  readonly #held: HeldBytes;

  /** `quota`: what waits here counts towards it. */
  constructor(createWebSocket: (url: string) => WebSocket, quota: Pick<Quota, 'heldBytes' | 'heldRefusal'>) {
    super();
    this.#createWebSocket = createWebSocket;
    this.#held = new HeldBytes(quota);
  }

  /** What is sent now goes out now. */
  get isRegistered(): boolean {
    return this.#isRegistered;
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
        this.#dropConfirmed();
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

  /**
   * Sends now, or as soon as there is a registered socket. Returns why the message is not taken, in a sentence for the page's
   * developer; undefined: it is.
   */
  send(message: ClientMessage | { type: string; payload?: unknown }): string | undefined {
    const { connectionId } = (message.payload ?? {}) as { connectionId?: unknown };
    let text: string;
    try {
      text = JSON.stringify(message);
    } catch (error) {
      // The page's own payload may hold what a port carries and JSON does not: cycles, a BigInt.
      return `The message cannot be sent, because it is no JSON: ${messageOf(error)}`;
    }
    const waiting = { text, connectionId };
    this.#dropConfirmed();
    const refusal = this.#refusalOf(waiting);
    if (refusal !== undefined) return refusal;
    this.#held.bytes += costOf(waiting);
    if (this.#isRegistered) this.#writeOrKeep(waiting);
    else this.#queue.push(waiting);
    return undefined;
  }

  /** Drops what is queued of a connection, and returns it. */
  forget(connectionId: string): ClientMessage[] {
    const dropped = this.#queue.filter((waiting) => waiting.connectionId === connectionId);
    if (dropped.length === 0) return [];
    this.#queue = this.#queue.filter((waiting) => waiting.connectionId !== connectionId);
    this.#release(dropped);
    return dropped.map(({ text }) => JSON.parse(text) as ClientMessage);
  }

  /** Lets go of the server for good, and of what is queued. */
  end(): void {
    this.removeAllListeners();
    this.close();
    this.#release(this.#queue.splice(0));
  }

  /** Lets go of the server without a `lost`; what is queued stays for the next dial. */
  close(): void {
    clearTimeout(this.#dialTimer);
    const webSocket = this.#webSocket;
    if (!webSocket) return;
    this.#requeueUnsent();
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
    this.#write(waiting.text);
    this.#unconfirmed.push({ ...waiting, endsAt: this.#bytesWritten });
  }

  #write(text: string): void {
    const webSocket = this.#webSocket!;
    const before = webSocket.bufferedAmount;
    webSocket.send(text);
    this.#bytesWritten += webSocket.bufferedAmount - before;
  }

  #refusalOf(waiting: Waiting): string | undefined {
    const isFull = this.#queue.length + this.#unconfirmed.length >= MAX_WAITING;
    const bytes = costOf(waiting);
    if (isFull || this.#held.bytes + bytes > MAX_WAITING_BYTES) return TOO_MANY;
    return this.#held.refusal(bytes);
  }

  /** What the network has taken needs no second sending. */
  #dropConfirmed(): void {
    if (!this.#webSocket || this.#unconfirmed.length === 0) return;
    const sentBytes = this.#bytesWritten - this.#webSocket.bufferedAmount;
    const first = this.#unconfirmed.findIndex(({ endsAt }) => endsAt > sentBytes);
    this.#release(this.#unconfirmed.splice(0, first < 0 ? this.#unconfirmed.length : first));
  }

  /** `bufferedAmount` of a dead socket says how much of the tail never reached the network: that is sent again. */
  #requeueUnsent(): void {
    this.#dropConfirmed();
    this.#queue.unshift(...this.#unconfirmed.splice(0));
    this.#bytesWritten = 0;
  }

  #release(waiting: readonly Waiting[]): void {
    this.#held.bytes -= waiting.reduce((sum, each) => sum + costOf(each), 0);
  }
}

/** A character is kept in two bytes at most. */
function costOf({ text }: Waiting): number {
  return text.length * 2;
}
