// The honest pages: a witness that talks all the time, and a victim that takes whatever comes. Both are pages like any
// other, with PeerJS or with the extension's `window.Peer`.
import type { DataConnection, MediaConnection, Peer as PeerJS } from 'peerjs';
import type { PeerSettings } from '../../pages/kit/kit';
import { NumberedStream, type StreamState } from './numbered';

/** The honest connections of a page have this label; a fuzzer knows no other way to tell them. */
const HONEST = 'honest';

export class HonestPage {
  readonly #peer: PeerJS;
  readonly #streams: NumberedStream[] = [];
  /** Connections and calls that are none of the honest ones. */
  readonly #others = new Set<DataConnection | MediaConnection>();
  #ends: string | undefined;
  #lastError = 'no error';
  #waiting: (() => void)[] = [];

  private constructor(peer: PeerJS) {
    this.#peer = peer;
    peer.on('connection', (connection) => {
      if (connection.label === HONEST) this.#listen(connection);
      else this.#keep(connection);
    });
    peer.on('call', (call) => {
      this.#keep(call);
      // Not all: a call that rings is a state of its own.
      if (this.#others.size % 2 === 0) call.answer();
    });
    peer.on('disconnected', () => this.#end('disconnected'));
    peer.on('close', () => this.#end('closed'));
    // Without a listener PeerJS's emitter would not throw either; it is here to say that errors are expected.
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

  /** What has happened to the Peer, where it is not as it was. */
  get ends(): string | undefined {
    return this.#ends;
  }

  /**
   * The connections of others that the Peer still has, in words. No event tells of the end of one that was never open, as in
   * PeerJS.
   */
  get others(): string[] {
    const left = [...this.#others].filter(
      (other) => this.#peer.getConnection(other.peer, other.connectionId) === other,
    );
    return left.map((other) => {
      const kind = 'send' in other ? `${other.serialization} connection` : 'call';
      return `${other.open ? 'open ' : ''}${kind} ${other.connectionId} with ${other.peer}`;
    });
  }

  /** Ends calls that ring, at either end: one that nobody answers may ring for ever. */
  hangUpRinging(): void {
    for (const other of this.#others) if (!('send' in other) && !other.open) other.close();
  }

  /** Dials and sends from both ends, for as long as the pages live. Resolves with the stream's place once it is open. */
  async connect(to: string, intervalMs: number, burst: number): Promise<number> {
    const connection = this.#peer.connect(to, { label: HONEST, reliable: true });
    await opened(connection);
    const place = this.#add(connection);
    this.#streams[place]!.sendEvery(intervalMs, burst);
    return place;
  }

  /** Begins to send on the stream that came to this page at this place. */
  async answer(place: number, intervalMs: number, burst: number): Promise<void> {
    while (!this.#streams[place]) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#streams[place].sendEvery(intervalMs, burst);
  }

  state(place: number): StreamState {
    return this.#streams[place]!.state;
  }

  stop(place: number): void {
    this.#streams[place]!.stop();
  }

  until(place: number, count: number): Promise<StreamState> {
    return this.#streams[place]!.until(count);
  }

  /** Opens a connection, sends a message and gets it back. */
  async roundTrip(to: string): Promise<void> {
    const connection = this.#peer.connect(to, { label: 'echo', reliable: true });
    await opened(connection);
    const echoed = new Promise<void>((resolve, reject) => {
      connection.on('data', () => resolve());
      connection.on('close', () => reject(new Error('closed before the echo came')));
    });
    void connection.send('echo');
    await echoed;
    connection.close();
  }

  /** Reaches out to a hostile peer, which then answers as it likes. */
  dial(to: string, serialization: string, asCall: boolean): void {
    if (!asCall) this.#keep(this.#peer.connect(to, { serialization }));
    else this.#keep(this.#peer.call(to, new MediaStream()));
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

  /** Undefined where the Peer could not make it. */
  #keep(connection: DataConnection | MediaConnection | undefined): void {
    if (!connection) return;
    this.#others.add(connection);
    // PeerJS's two kinds of connection have no type in common that says this.
    const emitter = connection as unknown as { on: (event: string, listener: (data: unknown) => void) => void };
    emitter.on('close', () => this.#others.delete(connection));
    emitter.on('error', () => undefined);
    if (!('send' in connection) || connection.label !== 'echo') return;
    emitter.on('data', (data) => void connection.send(data));
  }

  #end(how: string): void {
    this.#ends ??= `${how} after ${this.#lastError}`;
  }
}

function opened(connection: DataConnection): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    connection.on('open', () => resolve());
    connection.on('error', reject);
    connection.on('close', () => reject(new Error('closed before it was open')));
  });
}
