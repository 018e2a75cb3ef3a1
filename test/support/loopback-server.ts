// A real PeerServer on a free loopback port. It keeps no record of messages, so that it can run for a long time.
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PeerServer } from 'peer';

export const LOOPBACK = '127.0.0.1';

export interface LoopbackServer {
  readonly host: string;
  readonly port: number;
  /** Open TCP connections of clients. */
  readonly socketCount: number;
  close(): Promise<void>;
}

export async function startLastingPeerServer(): Promise<LoopbackServer> {
  const http = await new Promise<Server>((resolve) => {
    // PeerServer emits an error for each message that is not JSON. Hostile peers send them on purpose.
    PeerServer({ host: LOOPBACK, port: 0, path: '/' }, resolve).on('error', () => undefined);
  });
  return asLoopback(http);
}

/** Wraps a listening server. `close()` also ends the connections that are still open. */
export function asLoopback(http: Server): LoopbackServer {
  const sockets = new Set<Socket>();
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const { port } = http.address() as AddressInfo;
  return {
    host: LOOPBACK,
    port,
    get socketCount() {
      return sockets.size;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
