// A WebSocket whose server is the test. As in browsers, what is sent counts as buffered until the network takes it.

/** What a client says to PeerServer. */
export interface SentMessage {
  type: string;
  payload?: Record<string, unknown>;
  dst?: string;
}

export class FakeWebSocket {
  readonly url: string;
  readonly sent: string[] = [];
  bufferedAmount = 0;
  isClosed = false;
  /** The network takes what is sent at once. */
  isFlowing = true;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    this.sent.push(text);
    this.bufferedAmount += new TextEncoder().encode(text).length;
    if (this.isFlowing) queueMicrotask(() => this.drain());
  }

  close(): void {
    this.isClosed = true;
  }

  /** What was sent, parsed. */
  get messages(): SentMessage[] {
    return this.sent.map((text) => JSON.parse(text) as SentMessage);
  }

  /** What was sent for remote peers: no heartbeats, no messages to ourselves. */
  get signals(): SentMessage[] {
    return this.messages.filter(({ type, dst }) => type !== 'HEARTBEAT' && dst !== this.id);
  }

  get id(): string | null {
    return new URL(this.url).searchParams.get('id');
  }

  get token(): string | null {
    return new URL(this.url).searchParams.get('token');
  }

  /** The network takes `bytes`, or all there is. */
  drain(bytes = this.bufferedAmount): void {
    this.bufferedAmount -= bytes;
  }

  open(): void {
    this.onopen?.();
  }

  receive(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  /** Relays back what was sent to ourselves, as PeerServer does. */
  echo(): void {
    for (const message of this.messages.filter(({ dst }) => dst === this.id)) {
      this.receive({ type: message.type, src: this.id, dst: this.id, payload: message.payload });
    }
  }

  /** Opens as PeerServer opens a socket for a new ID. */
  welcome(): void {
    this.open();
    this.receive({ type: 'OPEN' });
    this.echo();
  }

  /** The connection breaks, or the server ends it. */
  drop(): void {
    this.isClosed = true;
    this.onclose?.();
  }
}

/** Makes sockets and keeps them. */
export class FakeWebSockets {
  readonly made: FakeWebSocket[] = [];

  readonly create = (url: string): WebSocket => {
    const socket = new FakeWebSocket(url);
    this.made.push(socket);
    return socket as unknown as WebSocket;
  };

  get last(): FakeWebSocket {
    return this.made.at(-1)!;
  }
}
