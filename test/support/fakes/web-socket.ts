// A WebSocket whose server is the test. As in browsers, sent data counts as buffered until the network takes it.

/** A client's message to PeerServer. */
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
  /** True: the network takes sent data at once. */
  isFlowing = true;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

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

  /** All sent messages, parsed. */
  get messages(): SentMessage[] {
    return this.sent.map((text) => JSON.parse(text) as SentMessage);
  }

  /** The messages sent to remote peers, without heartbeats and messages to ourselves. */
  get signals(): SentMessage[] {
    return this.messages.filter(({ type, dst }) => type !== 'HEARTBEAT' && dst !== this.id);
  }

  get id(): string | null {
    return new URL(this.url).searchParams.get('id');
  }

  get token(): string | null {
    return new URL(this.url).searchParams.get('token');
  }

  /** The network takes `bytes`, by default all. */
  drain(bytes = this.bufferedAmount): void {
    this.bufferedAmount -= bytes;
  }

  open(): void {
    this.onopen?.();
  }

  receive(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  /** Relays back messages to ourselves, as PeerServer does. */
  echo(): void {
    for (const message of this.messages.filter(({ dst }) => dst === this.id)) {
      this.receive({ type: message.type, src: this.id, dst: this.id, payload: message.payload });
    }
  }

  /** Opens the socket like PeerServer does for a new ID. */
  welcome(): void {
    this.open();
    this.receive({ type: 'OPEN' });
    this.echo();
  }

  /** The connection breaks, or the server ends it. */
  drop(): void {
    this.isClosed = true;
    this.onclose?.({ code: 1006 });
  }
}

/** Makes sockets and lists them. */
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
