// A real PeerServer on a free loopback port that records socket URLs, HTTP requests and messages. Call `close()` when done.
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
  /** Every message from clients, with its keys in the order received. The server itself adds `src`. */
  readonly messages: readonly SeenMessage[];
  /** Resolves with the first past or future message that `fits`. */
  message(fits: (message: SeenMessage) => boolean): Promise<SeenMessage>;
  /** Resolves once a client with this ID is registered (or no longer is). */
  registered(id: string, expected?: boolean): Promise<void>;
  /** Lets `change` modify every later message before it is relayed, until the returned function is called. */
  beforeRelay(change: (message: SeenMessage) => void): () => void;
  /** Options for a Peer at this server, without ICE servers. */
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
    // Copied as JSON, as on the wire: a structured clone would exhaust the stack on deeply nested messages.
    const copy = JSON.parse(JSON.stringify(message)) as SeenMessage;
    messages.push(copy);
    seen.emit('message', copy);
    // PeerServer emits this event before it relays the same object, so changes here are relayed.
    for (const change of changes) change(message as unknown as SeenMessage);
  });
  // PeerServer reports sockets that a test cuts in mid-frame; tests ignore that.
  peerServer.on('error', () => undefined);

  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  http.on('upgrade', (request: IncomingMessage) => socketUrls.push(request.url ?? ''));
  // Listens before Express, which shortens `url` while routing.
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
