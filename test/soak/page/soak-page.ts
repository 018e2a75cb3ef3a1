// A page of the soak: owns some Peers, their connections and calls, and a ledger of the messages on each connection.
import type { DataConnection, MediaConnection, Peer as PeerJS } from 'peerjs';
import type { PeerSettings } from '../../pages/kit/kit';
import { media } from '../../pages/kit/media';

/** The messages of one end of a connection. Both ends have the same `connectionId`. */
export interface LedgerEntry {
  connectionId: string;
  sent: number;
  received: number;
  /** The first message that was out of order or damaged. */
  fault?: string;
  state: 'connecting' | 'open' | 'closed';
  /** Whether this page closed the connection. */
  isOwnClose: boolean;
}

interface Line extends LedgerEntry {
  connection: DataConnection;
}

/** Sizes of messages in rotation, bytes. The last one is sent in chunks. */
const SIZES = [30, 30, 200, 1000, 8000, 60_000];
/** Sizes for `json` and `raw`, which do not chunk messages. */
const SIZES_OF_ONE_FRAME = [30, 30, 200, 1000, 8000];

export class SoakPage {
  readonly #peers = new Map<string, PeerJS>();
  readonly #ledger = new Map<string, Line>();
  readonly #calls = new Set<MediaConnection>();
  #answeredStreams = 0;
  readonly #errors: string[] = [];
  #sending: ReturnType<typeof setInterval> | undefined;
  #turn = 0;
  #waiting: (() => void)[] = [];

  /** Opens a Peer for each ID. */
  async open(ids: readonly string[], options: PeerSettings): Promise<void> {
    await Promise.all(ids.map((id) => this.#open(id, options)));
  }

  /** Opens a connection and resolves with its ID. Rejects if the connection closes before it is open. */
  async dial(from: string, to: string, serialization: string): Promise<string> {
    const connection = this.#peers.get(from)!.connect(to, { serialization, reliable: true });
    const line = this.#addLine(connection);
    // A connection that was never open ends with an error and without `close`.
    const failures: string[] = [];
    connection.on('error', ({ type, message }) => {
      failures.push(`${type}: ${message}`);
      this.#wake();
    });
    await this.#until(() => line.state !== 'connecting' || failures.length > 0);
    if (line.state !== 'open') throw new Error(`${from} → ${to} was not opened: ${failures.join(', ')}`);
    return line.connectionId;
  }

  /** Calls with a small picture and a tone. Resolves once the stream of the other end has arrived. */
  async call(from: string, to: string): Promise<void> {
    const stream = await media({ video: 1, tone: 400, size: [160, 120] });
    const call = this.#peers.get(from)!.call(to, stream);
    this.#trackCall(call);
    const count = this.#answeredStreams;
    await this.#until(() => this.#answeredStreams > count);
  }

  hangUp(): void {
    for (const call of this.#calls) call.close();
  }

  /** Starts sending one message per `everyMs` on each open connection, spread evenly. */
  send(everyMs: number): void {
    clearInterval(this.#sending);
    const tickMs = 200;
    let due = 0;
    this.#sending = setInterval(() => {
      const lines = [...this.#ledger.values()].filter(({ state, isOwnClose }) => state === 'open' && !isOwnClose);
      due += (lines.length * tickMs) / everyMs;
      for (; due >= 1 && lines.length > 0; due--) this.#sendOn(lines[this.#turn++ % lines.length]!);
    }, tickMs);
  }

  /** Stops sending. */
  stop(): void {
    clearInterval(this.#sending);
  }

  /** Closes a connection once all its messages are sent. */
  close(connectionId: string): void {
    const line = this.#ledger.get(connectionId)!;
    line.isOwnClose = true;
    line.connection.close({ flush: true });
  }

  /** The ledger of all connections, the errors of all Peers, and the number of calls. */
  report(): { ledger: LedgerEntry[]; errors: string[]; calls: number } {
    const ledger = [...this.#ledger.values()].map(({ connection: _, ...entry }) => entry);
    return { ledger, errors: this.#errors, calls: this.#calls.size };
  }

  async #open(id: string, options: PeerSettings): Promise<void> {
    const peer = new Peer(id, options);
    this.#peers.set(id, peer);
    peer.on('connection', (connection) => void this.#addLine(connection));
    peer.on('call', (call) => {
      this.#trackCall(call);
      void media({ video: 2, tone: 500, size: [160, 120] }).then((stream) => call.answer(stream));
    });
    peer.on('error', ({ type, message }) => {
      // The page of the dialed peer may just have ended. No other error may occur.
      if (type !== 'peer-unavailable') this.#errors.push(`${id}: ${type}: ${message}`);
    });
    peer.on('disconnected', () => this.#errors.push(`${id}: disconnected`));
    await new Promise<void>((resolve, reject) => {
      peer.on('open', () => resolve());
      peer.on('close', () => reject(new Error(`${id} was closed before it was open`)));
    });
  }

  #addLine(connection: DataConnection): Line {
    const { connectionId } = connection;
    const line: Line = { connection, connectionId, sent: 0, received: 0, state: 'connecting', isOwnClose: false };
    this.#ledger.set(connectionId, line);
    connection.on('open', () => this.#setState(line, 'open'));
    connection.on('close', () => this.#setState(line, 'closed'));
    connection.on('error', () => undefined);
    connection.on('data', (data) => this.#receive(line, data));
    return line;
  }

  #setState(line: Line, state: LedgerEntry['state']): void {
    line.state = state;
    this.#wake();
  }

  #trackCall(call: MediaConnection): void {
    this.#calls.add(call);
    call.on('stream', () => {
      this.#answeredStreams += 1;
      this.#wake();
    });
    call.on('close', () => this.#calls.delete(call));
    call.on('error', () => undefined);
  }

  #sendOn(line: Line): void {
    const number = line.sent++;
    const { connection } = line;
    const { serialization } = connection;
    if (serialization === 'raw') {
      const bytes = new Uint8Array(SIZES_OF_ONE_FRAME[number % SIZES_OF_ONE_FRAME.length]!);
      new DataView(bytes.buffer).setUint32(0, number);
      void connection.send(bytes.buffer);
    } else if (serialization === 'json') {
      const size = SIZES_OF_ONE_FRAME[number % SIZES_OF_ONE_FRAME.length]!;
      void connection.send({ number, size, filler: 'x'.repeat(size) });
    } else {
      const size = SIZES[number % SIZES.length]!;
      void connection.send({ number, size, filler: new Uint8Array(size) });
    }
  }

  #receive(line: Line, data: unknown): void {
    const number = numberOf(data);
    if (number === line.received) line.received += 1;
    else line.fault ??= `message ${String(number)} came in place of ${line.received}`;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** The number of a message. Undefined if the message is incomplete. */
function numberOf(data: unknown): number | undefined {
  if (data instanceof ArrayBuffer) return data.byteLength < 4 ? undefined : new DataView(data).getUint32(0);
  const { number, size, filler } = data as { number: number; size: number; filler: string | ArrayBuffer | Uint8Array };
  return (typeof filler === 'string' ? filler.length : filler.byteLength) === size ? number : undefined;
}
