// One Peer's socket to PeerServer. Owns registration, heartbeat, and a queue of messages that outlives a dropped
// socket. Knows nothing of connections. Emits `registered` once for a dial that worked, and `lost` once for a dial or
// socket that failed. The owner must call `end`.
import { EventEmitter } from 'eventemitter3';
import { messageOf } from '../../protocol/errors';
import { socketUrl, type PeerServerAddress } from '../../protocol/peer-server';
import type { ClientMessage } from '../../protocol/signalling';
import { QueuedBytes } from '../policy/queued-bytes';
import type { Quota } from '../policy/quotas';
import { parseServerMessage, type RefusedMessage, type ServerMessage } from './server-messages';

/**
 * A dial that has not registered after this time is lost. A TLS socket over a bad mobile connection takes under 10 s.
 * The browser's own limit is minutes, and a PeerServer that swapped sockets and does not relay our echo stays silent.
 */
const DIAL_TIMEOUT_MS = 20_000;

/**
 * Messages of one Peer that are queued for its server or not yet on the network: enough for the offers of all
 * connections that a site may have, with some ten candidates each.
 */
const MAX_QUEUED = 4096;
/** Bytes of these messages, two per character. A PeerJS offer has a few kilobytes, a candidate a tenth of that. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;

const TOO_MANY = `Too many messages wait for the PeerServer (${MAX_QUEUED} or 16 MiB at most for one Peer). Send less until the Peer is open.`;

interface SocketEvents {
  registered: () => void;
  /** The server has delivered everything that it held back for this ID. */
  replayed: () => void;
  message: (message: ServerMessage | RefusedMessage) => void;
  /** Every message of the server, before it is parsed. */
  raw: (text: unknown) => void;
  lost: (loss: SocketLoss) => void;
}

/** Why a dial or a socket failed. `code`: the close code of the WebSocket. */
export interface SocketLoss {
  reason: 'closed' | 'timeout' | 'invalid-url';
  code?: number;
}

/** A message on its way to the server. */
interface QueuedMessage {
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
  /** Messages that wait for a registered socket. */
  #queue: QueuedMessage[] = [];
  /**
   * Messages written to the socket that may not be on the network yet. `endsAt`: bytes written up to the message's end.
   */
  #unconfirmed: (QueuedMessage & { endsAt: number })[] = [];
  #bytesWritten = 0;
  /** Bytes of both lists. */
  readonly #queuedBytes: QueuedBytes;

  /** `quota`: counts the queued bytes. */
  constructor(createWebSocket: (url: string) => WebSocket, quota: Pick<Quota, 'queuedBytes' | 'queuedBytesRefusal'>) {
    super();
    this.#createWebSocket = createWebSocket;
    this.#queuedBytes = new QueuedBytes(quota);
  }

  /** True if `send` writes to the socket at once. */
  get isRegistered(): boolean {
    return this.#isRegistered;
  }

  dial({ server, id, token, pingIntervalMs }: Dial): void {
    this.close();
    let webSocket: WebSocket;
    try {
      webSocket = this.#createWebSocket(socketUrl(server, id, token));
    } catch {
      // An invalid URL (for example, a space in the host) ends like an unreachable server: `lost`, but not
      // synchronously.
      this.#dialTimer = setTimeout(() => {
        this.#lose({ reason: 'invalid-url' });
      }, 0);
      return;
    }
    this.#webSocket = webSocket;
    this.#dialTimer = setTimeout(() => {
      this.#lose({ reason: 'timeout' });
    }, DIAL_TIMEOUT_MS);
    const probeId = `probe_${crypto.randomUUID()}`;
    webSocket.onopen = () => {
      this.#heartbeatTimer = setInterval(() => {
        this.#dropConfirmed();
        this.#write(JSON.stringify({ type: 'HEARTBEAT' }));
      }, pingIntervalMs);
      // PeerServer sends no OPEN when it swaps the socket of a known ID and token. A message to ourselves proves the
      // registration in either case: it comes back over the new socket, after everything that the server held back.
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
        // The server relays messages only to registered peers.
        if ('src' in message) this.#register();
        this.emit('message', message);
      }
    };
    webSocket.onclose = ({ code }) => {
      this.#lose({ reason: 'closed', code });
    };
  }

  /**
   * Sends now, or as soon as there is a registered socket. Returns a sentence for the page's developer if the message
   * is refused; undefined: it is sent or queued.
   */
  send(message: ClientMessage | { type: string; payload?: unknown }): string | undefined {
    const { connectionId } = (message.payload ?? {}) as { connectionId?: unknown };
    let text: string;
    try {
      text = JSON.stringify(message);
    } catch (error) {
      // The page's payload may hold values that a port carries and JSON does not: cycles, a BigInt.
      return `The message cannot be sent, because it cannot be written as JSON: ${messageOf(error)}`;
    }
    const queued = { text, connectionId };
    this.#dropConfirmed();
    const refusal = this.#refusalOf(queued);
    if (refusal !== undefined) return refusal;
    this.#queuedBytes.bytes += costOf(queued);
    if (this.#isRegistered) this.#writeTracked(queued);
    else this.#queue.push(queued);
    return undefined;
  }

  /** Removes and returns the queued messages of a connection. */
  forget(connectionId: string): ClientMessage[] {
    const dropped = this.#queue.filter((queued) => queued.connectionId === connectionId);
    if (dropped.length === 0) return [];
    this.#queue = this.#queue.filter((queued) => queued.connectionId !== connectionId);
    this.#release(dropped);
    return dropped.map(({ text }) => JSON.parse(text) as ClientMessage);
  }

  /** Closes the socket for good and drops the queue. */
  end(): void {
    this.removeAllListeners();
    this.close();
    this.#release(this.#queue.splice(0));
  }

  /** Closes the socket without emitting `lost`. The queue stays for the next dial. */
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
    for (const queued of this.#queue.splice(0)) this.#writeTracked(queued);
  }

  #lose(loss: SocketLoss): void {
    this.close();
    this.emit('lost', loss);
  }

  /** Writes the message and keeps it until the network has it. */
  #writeTracked(queued: QueuedMessage): void {
    this.#write(queued.text);
    this.#unconfirmed.push({ ...queued, endsAt: this.#bytesWritten });
  }

  #write(text: string): void {
    const webSocket = this.#webSocket!;
    const before = webSocket.bufferedAmount;
    webSocket.send(text);
    this.#bytesWritten += webSocket.bufferedAmount - before;
  }

  #refusalOf(queued: QueuedMessage): string | undefined {
    const isFull = this.#queue.length + this.#unconfirmed.length >= MAX_QUEUED;
    const bytes = costOf(queued);
    if (isFull || this.#queuedBytes.bytes + bytes > MAX_QUEUED_BYTES) return TOO_MANY;
    return this.#queuedBytes.refusal(bytes);
  }

  /** Drops the messages that are on the network: they need not be sent again. */
  #dropConfirmed(): void {
    if (!this.#webSocket || this.#unconfirmed.length === 0) return;
    const sentBytes = this.#bytesWritten - this.#webSocket.bufferedAmount;
    const first = this.#unconfirmed.findIndex(({ endsAt }) => endsAt > sentBytes);
    this.#release(this.#unconfirmed.splice(0, first < 0 ? this.#unconfirmed.length : first));
  }

  /** Queues the messages again that never reached the network: `bufferedAmount` of a dead socket tells how many. */
  #requeueUnsent(): void {
    this.#dropConfirmed();
    this.#queue.unshift(...this.#unconfirmed.splice(0));
    this.#bytesWritten = 0;
  }

  #release(messages: readonly QueuedMessage[]): void {
    this.#queuedBytes.bytes -= messages.reduce((sum, each) => sum + costOf(each), 0);
  }
}

/** Bytes in memory, at most: a character takes up to two. */
function costOf({ text }: QueuedMessage): number {
  return text.length * 2;
}
