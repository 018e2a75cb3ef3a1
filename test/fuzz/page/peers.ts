// The honest pages: a witness that sends all the time, and a victim that accepts every connection and some calls. They
// run PeerJS or the extension's `window.Peer`.
import type { DataConnection, MediaConnection, Peer as PeerJS } from 'peerjs';
import type { PeerSettings } from '../../pages/kit/kit';
import { NumberedStream, type StreamState } from './numbered';

/** The label of honest connections, by which a page recognizes them. */
const HONEST = 'honest';

export class HonestPage {
  readonly #peer: PeerJS;
  readonly #streams: NumberedStream[] = [];
  /** All other connections and calls. */
  readonly #otherConnections = new Set<DataConnection | MediaConnection>();
  #loss: string | undefined;
  #lastError = 'no error';
  #waiting: (() => void)[] = [];

  private constructor(peer: PeerJS) {
    this.#peer = peer;
    peer.on('connection', (connection) => {
      if (connection.label === HONEST) this.#listen(connection);
      else this.#track(connection);
    });
    peer.on('call', (call) => {
      this.#track(call);
      // Answers only some calls, to test ringing calls, too.
      if (this.#otherConnections.size % 2 === 0) call.answer();
    });
    peer.on('disconnected', () => this.#recordLoss('disconnected'));
    peer.on('close', () => this.#recordLoss('closed'));
    // Errors are expected; the last one explains why the Peer ended.
    peer.on('error', ({ type, message }) => (this.#lastError = `${type}: ${message}`));
  }

  static async open(id: string, options: PeerSettings): Promise<HonestPage> {
    const peer = new Peer(id, options);
    const page = new HonestPage(peer);
    await new Promise<void>((resolve, reject) => {
      peer.on('open', () => resolve());
      peer.on('error', reject);
    });
    return page;
  }

  /** How the Peer was lost, with its last error. Undefined while the Peer is registered. */
  get loss(): string | undefined {
    return this.#loss;
  }

  /**
   * Describes the other connections that the Peer still has. As in PeerJS, no event reports the end of a connection
   * that was never open.
   */
  get otherConnections(): string[] {
    const left = [...this.#otherConnections].filter(
      (other) => this.#peer.getConnection(other.peer, other.connectionId) === other,
    );
    return left.map((other) => {
      const kind = 'send' in other ? `${other.serialization} connection` : 'call';
      return `${other.open ? 'open ' : ''}${kind} ${other.connectionId} with ${other.peer}`;
    });
  }

  /** Ends ringing calls, incoming and outgoing. An unanswered call can ring forever. */
  hangUpRinging(): void {
    for (const other of this.#otherConnections) if (!('send' in other) && !other.open) other.close();
  }

  /** Opens an honest connection and sends until `stop`. Resolves with the index of its stream. */
  async connect(to: string, intervalMs: number, burst: number): Promise<number> {
    const connection = this.#peer.connect(to, { label: HONEST, reliable: true });
    await opened(connection);
    const index = this.#add(connection);
    this.#streams[index]!.sendEvery(intervalMs, burst);
    return index;
  }

  /** Waits for the incoming stream with this index, and sends on it until `stop`. */
  async answer(index: number, intervalMs: number, burst: number): Promise<void> {
    while (!this.#streams[index]) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#streams[index].sendEvery(intervalMs, burst);
  }

  state(index: number): StreamState {
    return this.#streams[index]!.state;
  }

  stop(index: number): void {
    this.#streams[index]!.stop();
  }

  until(index: number, count: number): Promise<StreamState> {
    return this.#streams[index]!.until(count);
  }

  /** Opens a connection, sends a message and waits for its echo. */
  async roundTrip(to: string): Promise<void> {
    const connection = this.#peer.connect(to, { label: 'echo', reliable: true });
    await opened(connection);
    const echoed = new Promise<void>((resolve, reject) => {
      connection.on('data', () => resolve());
      connection.on('close', () => reject(new Error('closed before the echo arrived')));
    });
    void connection.send('echo');
    await echoed;
    connection.close();
  }

  /** Connects to or calls a hostile peer. */
  dial(to: string, serialization: string, asCall: boolean): void {
    if (!asCall) this.#track(this.#peer.connect(to, { serialization }));
    else this.#track(this.#peer.call(to, new MediaStream()));
  }

  #listen(connection: DataConnection): void {
    connection.on('open', () => {
      this.#add(connection);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  #add(connection: DataConnection): number {
    return this.#streams.push(new NumberedStream(connection)) - 1;
  }

  /** Tracks a connection or call. `connection`: undefined if the Peer could not create it. */
  #track(connection: DataConnection | MediaConnection | undefined): void {
    if (!connection) return;
    this.#otherConnections.add(connection);
    // PeerJS's types give its two kinds of connection no common `on`.
    const emitter = connection as unknown as { on: (event: string, listener: (data: unknown) => void) => void };
    emitter.on('close', () => this.#otherConnections.delete(connection));
    emitter.on('error', () => undefined);
    if (!('send' in connection) || connection.label !== 'echo') return;
    emitter.on('data', (data) => void connection.send(data));
  }

  #recordLoss(how: string): void {
    this.#loss ??= `${how} after ${this.#lastError}`;
  }
}

function opened(connection: DataConnection): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    connection.on('open', () => resolve());
    connection.on('error', reject);
    connection.on('close', () => reject(new Error('closed before it was open')));
  });
}
