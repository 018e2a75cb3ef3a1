// A loopback TCP proxy that can be slow, deaf or dead: put before PeerServer, it plays the network's part.
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Connections now open through the proxy. */
  readonly connectionCount: number;
  /** Delay of each direction in milliseconds; half of what it adds to a round trip. Applies to bytes read from now on. */
  setDelay(oneWayMs: number): void;
  /**
   * From now on the present connections carry nothing and stay open, as when a cable is pulled. New ones work,
   * so a client that dials again finds the server still holding its old socket.
   */
  freeze(): void;
  /** Lets the frozen connections carry again, held bytes first. */
  thaw(): void;
  /** Resets the present connections, frozen ones only towards the client. */
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
  /** What arrived while frozen, in order. */
  held: (() => void)[];
}

export async function startTcpProxy(target: { host: string; port: number }, oneWayMs = 0): Promise<TcpProxy> {
  const pipes = new Set<Pipe>();
  const waiting: (() => void)[] = [];
  let delay = oneWayMs;
  let refusing = false;

  function carry(pipe: Pipe, deliver: () => void): void {
    const arrive = () => {
      if (pipe.frozen) pipe.held.push(deliver);
      else deliver();
    };
    // Timers of one length keep their order, so bytes do too as long as the delay is not shortened in mid-stream.
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
    // 'close' follows; a reset connection is this proxy's daily bread.
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
    const pipe: Pipe = { client, server, frozen: false, held: [] };
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
        for (const deliver of pipe.held.splice(0)) deliver();
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
