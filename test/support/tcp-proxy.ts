// A loopback TCP proxy that simulates a slow, frozen or broken network in front of PeerServer. Call `close()` when done.
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** How many connections are open through the proxy. */
  readonly connectionCount: number;
  /** Sets the delay of each direction, half of the added round trip, in milliseconds. Applies to bytes read from now on. */
  setDelay(oneWayMs: number): void;
  /**
   * Stops all traffic of the present connections and keeps them open, as if a cable were pulled. New connections work, so a client
   * that reconnects finds its old socket still open at the server.
   */
  freeze(): void;
  /** Resumes the frozen connections, queued bytes first. */
  thaw(): void;
  /** Resets the present connections; frozen ones only towards the client. */
  cut(): void;
  /** Refuses new connections (they are reset at once) until `accept()`. */
  refuse(): void;
  accept(): void;
  /** Resolves when the next connection is accepted. */
  nextConnection(): Promise<void>;
  close(): Promise<void>;
}

interface Pipe {
  readonly client: Socket;
  readonly server: Socket;
  frozen: boolean;
  /** Deliveries that arrived while frozen, in order. */
  queued: (() => void)[];
}

export async function startTcpProxy(target: { host: string; port: number }, oneWayMs = 0): Promise<TcpProxy> {
  const pipes = new Set<Pipe>();
  const waiting: (() => void)[] = [];
  let delay = oneWayMs;
  let refusing = false;

  function carry(pipe: Pipe, deliver: () => void): void {
    const arrive = () => {
      if (pipe.frozen) pipe.queued.push(deliver);
      else deliver();
    };
    // Timers of equal length fire in order, so bytes stay in order unless the delay is shortened in mid-stream.
    if (delay > 0) setTimeout(arrive, delay);
    else arrive();
  }

  function join(pipe: Pipe, from: Socket, to: Socket): void {
    from.on('data', (bytes: Buffer) =>
      carry(pipe, () => {
        if (to.writable) to.write(bytes);
      }),
    );
    from.on('end', () => carry(pipe, () => void to.end()));
    from.on('close', () => {
      carry(pipe, () => void to.destroy());
      if (pipe.client.destroyed && pipe.server.destroyed) pipes.delete(pipe);
    });
    // 'close' follows and is handled above; resets are normal here.
    from.on('error', () => undefined);
  }

  const listener = createServer((client) => {
    if (refusing) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    client.setNoDelay(true);
    const server = connect({ ...target, noDelay: true });
    const pipe: Pipe = { client, server, frozen: false, queued: [] };
    pipes.add(pipe);
    join(pipe, client, server);
    join(pipe, server, client);
    for (const tell of waiting.splice(0)) tell();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));

  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    get connectionCount() {
      return pipes.size;
    },
    setDelay(ms) {
      delay = ms;
    },
    freeze() {
      for (const pipe of pipes) pipe.frozen = true;
    },
    thaw() {
      for (const pipe of pipes) {
        pipe.frozen = false;
        for (const deliver of pipe.queued.splice(0)) deliver();
      }
    },
    cut() {
      for (const { client, server, frozen } of pipes) {
        client.resetAndDestroy();
        if (!frozen) server.resetAndDestroy();
      }
    },
    refuse() {
      refusing = true;
    },
    accept() {
      refusing = false;
    },
    nextConnection: () => new Promise<void>((resolve) => waiting.push(resolve)),
    async close() {
      for (const { client, server } of pipes) {
        client.destroy();
        server.destroy();
      }
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}
