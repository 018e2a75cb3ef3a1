// A real PeerServer on a free loopback port that keeps nothing of what it relays, for runs that take long.
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PeerServer } from 'peer';

export const LOOPBACK = '127.0.0.1';

export interface LoopbackServer {
  readonly host: string;
  readonly port: number;
  /** TCP connections of clients that are open. */
  readonly socketCount: number;
  close(): Promise<void>;
}

export async function startLastingPeerServer(): Promise<LoopbackServer> {
  const http = await new Promise<Server>((resolve) => {
    // A peer that writes no JSON is an error to PeerServer, and what this is about.
    PeerServer({ host: LOOPBACK, port: 0, path: '/' }, resolve).on('error', () => undefined);
  });
  return asLoopback(http);
}

/** Shows the server, and closes it whoever is connected. */
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
