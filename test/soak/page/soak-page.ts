// A page of the soak: some Peers, their connections, and a ledger of what was sent and received on each.
import type { DataConnection, MediaConnection, Peer as PeerJS } from 'peerjs';
import type { PeerSettings } from '../../pages/kit/kit';
import { media } from '../../pages/kit/media';

/** Of each connection, by its `connectionId`: both ends have the same. */
export interface LedgerEntry {
  connectionId: string;
  sent: number;
  received: number;
  /** The first message that was not the next one, or not what it should be. */
  fault?: string;
  state: 'connecting' | 'open' | 'closed';
  /** This page closed it. */
  isOwnClose: boolean;
}

interface Line extends LedgerEntry {
  connection: DataConnection;
}

/** Sizes of messages in turns, bytes: small ones, a full frame, a chunked one. Text and raw take no more than a frame. */
const SIZES = [30, 30, 200, 1000, 8000, 60_000];
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

  /** Dials, and resolves with the connection's ID once it is open. Rejects where it does not come to that. */
  async dial(from: string, to: string, serialization: string): Promise<string> {
    const connection = this.#peers.get(from)!.connect(to, { serialization, reliable: true });
    const line = this.#enter(connection);
    await this.#until(() => line.state !== 'connecting');
    if (line.state !== 'open') throw new Error(`${from} → ${to} closed before it was open`);
    return line.connectionId;
  }

  /** Calls with a small picture and a tone, and resolves once the other end's media have come. */
  async call(from: string, to: string): Promise<void> {
    const stream = await media({ video: 1, tone: 400, size: [160, 120] });
    const call = this.#peers.get(from)!.call(to, stream);
    this.#keep(call);
    const count = this.#answeredStreams;
    await this.#until(() => this.#answeredStreams > count);
  }

  hangUp(): void {
    for (const call of this.#calls) call.close();
  }

  /** From now on each open connection has one message sent in this time, spread evenly. */
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

  stop(): void {
    clearInterval(this.#sending);
  }

  /** Closes a connection, after all that was sent on it. */
  close(connectionId: string): void {
    const line = this.#ledger.get(connectionId)!;
    line.isOwnClose = true;
    line.connection.close({ flush: true });
  }

  /** Everything that this page knows, and what its Peers have complained of. */
  report(): { ledger: LedgerEntry[]; errors: string[]; calls: number } {
    const ledger = [...this.#ledger.values()].map(({ connection: _, ...entry }) => entry);
    return { ledger, errors: this.#errors, calls: this.#calls.size };
  }

  async #open(id: string, options: PeerSettings): Promise<void> {
    const peer = new Peer(id, options);
    this.#peers.set(id, peer);
    peer.on('connection', (connection) => void this.#enter(connection));
    peer.on('call', (call) => {
      this.#keep(call);
      void media({ video: 2, tone: 500, size: [160, 120] }).then((stream) => call.answer(stream));
    });
    peer.on('error', ({ type, message }) => {
      // Whom this Peer dials may have gone in this moment; nothing else may happen to it.
      if (type !== 'peer-unavailable') this.#errors.push(`${id}: ${type}: ${message}`);
    });
    peer.on('disconnected', () => this.#errors.push(`${id}: disconnected`));
    await new Promise<void>((resolve, reject) => {
      peer.on('open', () => resolve());
      peer.on('close', () => reject(new Error(`${id} was closed before it was open`)));
    });
  }

  #enter(connection: DataConnection): Line {
    const { connectionId } = connection;
    const line: Line = { connection, connectionId, sent: 0, received: 0, state: 'connecting', isOwnClose: false };
    this.#ledger.set(connectionId, line);
    connection.on('open', () => this.#change(line, 'open'));
    connection.on('close', () => this.#change(line, 'closed'));
    connection.on('error', () => undefined);
    connection.on('data', (data) => this.#take(line, data));
    return line;
  }

  #change(line: Line, state: LedgerEntry['state']): void {
    line.state = state;
    this.#wake();
  }

  #keep(call: MediaConnection): void {
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

  #take(line: Line, data: unknown): void {
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

/** Undefined where the message is not whole. */
function numberOf(data: unknown): number | undefined {
  if (data instanceof ArrayBuffer) return data.byteLength < 4 ? undefined : new DataView(data).getUint32(0);
  const { number, size, filler } = data as { number: number; size: number; filler: string | ArrayBuffer | Uint8Array };
  return (typeof filler === 'string' ? filler.length : filler.byteLength) === size ? number : undefined;
}
