// A real PeerServer on a free loopback port, and what it saw: the sockets' URLs, the HTTP requests, every message.
import { EventEmitter, on } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PeerServer, type IClient, type IConfig } from 'peer';

export interface SeenMessage {
  type: string;
  src: string;
  dst?: string;
  payload?: Record<string, unknown>;
}

export interface TestPeerServer {
  readonly host: string;
  readonly port: number;
  /** The registered clients by ID; a client keeps its entry while its socket is swapped. */
  readonly clients: ReadonlyMap<string, IClient>;
  /** Path and query of each WebSocket handshake, oldest first. */
  readonly socketUrls: readonly string[];
  /** Path and query of each plain HTTP request, oldest first. */
  readonly requestUrls: readonly string[];
  /** Every message a client sent, with the keys in the order of the wire; `src` is the server's own addition. */
  readonly messages: readonly SeenMessage[];
  /** Resolves with the first message, past or to come, that fits. */
  message(fits: (message: SeenMessage) => boolean): Promise<SeenMessage>;
  /** Resolves once a client with this ID is registered (or no longer is). */
  registered(id: string, expected?: boolean): Promise<void>;
  /** Changes every message from now on before it is relayed, until the returned function is called. */
  beforeRelay(change: (message: SeenMessage) => void): () => void;
  /** Options of a Peer that is to use this server, without any ICE server. */
  readonly peerOptions: { host: string; port: number; path: string; config: RTCConfiguration };
  close(): Promise<void>;
}

export async function startPeerServer(options: Partial<IConfig> = {}): Promise<TestPeerServer> {
  const sockets = new Set<Socket>();
  const seen = new EventEmitter().setMaxListeners(0);
  const socketUrls: string[] = [];
  const requestUrls: string[] = [];
  const messages: SeenMessage[] = [];
  const clients = new Map<string, IClient>();
  const changes = new Set<(message: SeenMessage) => void>();

  let peerServer!: ReturnType<typeof PeerServer>;
  const http = await new Promise<Server>((resolve) => {
    const settings = { host: '127.0.0.1', port: 0, path: '/', ...options };
    peerServer = PeerServer(settings, (server) => resolve(server));
  });
  peerServer.on('connection', (client) => {
    clients.set(client.getId(), client);
    seen.emit('clients');
  });
  peerServer.on('disconnect', (client) => {
    clients.delete(client.getId());
    seen.emit('clients');
  });
  peerServer.on('message', (_client, message) => {
    // As it came and as it goes out; a structured clone would use up the stack for what is nested deep.
    const copy = JSON.parse(JSON.stringify(message)) as SeenMessage;
    messages.push(copy);
    seen.emit('message', copy);
    // PeerServer tells of a message before it relays it, and relays the object that it has told of.
    for (const change of changes) change(message as unknown as SeenMessage);
  });
  // A socket that a test cuts in mid-frame is an error to PeerServer and nothing to us.
  peerServer.on('error', () => undefined);

  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  http.on('upgrade', (request: IncomingMessage) => socketUrls.push(request.url ?? ''));
  // Before Express, which shortens `url` as it routes.
  http.prependListener('request', (request: IncomingMessage) => requestUrls.push(request.url ?? ''));
  const { port } = http.address() as AddressInfo;
  return {
    host: '127.0.0.1',
    port,
    clients,
    socketUrls,
    requestUrls,
    messages,
    async message(fits) {
      const known = messages.find(fits);
      if (known) return known;
      for await (const [message] of on(seen, 'message') as AsyncIterable<[SeenMessage]>) {
        if (fits(message)) return message;
      }
      throw new Error('the server was closed');
    },
    async registered(id, expected = true) {
      if (clients.has(id) === expected) return;
      for await (const _ of on(seen, 'clients')) {
        if (clients.has(id) === expected) return;
      }
    },
    beforeRelay(change) {
      changes.add(change);
      return () => void changes.delete(change);
    },
    peerOptions: { host: '127.0.0.1', port, path: '/', config: { iceServers: [] } },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
