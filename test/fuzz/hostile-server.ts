// A hostile PeerServer on loopback: sends its clients any frame or bytes that the test chooses.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { asLoopback, LOOPBACK, type LoopbackServer } from '../support/loopback-server';

/** The GUID of the WebSocket handshake (RFC 6455). */
const HANDSHAKE = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export interface HostileServer extends LoopbackServer {
  /** Sends one WebSocket frame to each connected client. */
  send(frame: string | Uint8Array): void;
  /** Sends each client bytes that are not a valid frame. */
  sendGarbage(bytes: Uint8Array): void;
  /** Cuts all connections without a closing handshake. */
  hangUp(): void;
}

/** Starts the server, which accepts any client with any request. */
export async function startHostileServer(): Promise<HostileServer> {
  const clients = new Set<Duplex>();
  const http = createServer((_request, response) => void response.end('["not","a","list","of","anything"]'));
  http.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const key = `${request.headers['sec-websocket-key'] ?? ''}${HANDSHAKE}`;
    const accept = createHash('sha1').update(key).digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
    clients.add(socket);
    socket.on('close', () => clients.delete(socket));
    // Clients cut the connection when they receive garbage.
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(frameOf(JSON.stringify({ type: 'OPEN' })));
  });
  await new Promise<void>((resolve) => http.listen(0, LOOPBACK, resolve));
  return Object.assign(asLoopback(http), {
    send: (frame: string | Uint8Array) => {
      for (const client of clients) client.write(frameOf(frame));
    },
    sendGarbage: (bytes: Uint8Array) => {
      for (const client of clients) client.write(bytes);
    },
    hangUp: () => {
      for (const client of clients) client.destroy();
    },
  });
}

/** A complete, unmasked WebSocket frame. */
function frameOf(content: string | Uint8Array): Buffer {
  const payload = Buffer.from(content as string);
  const opcode = typeof content === 'string' ? 0x81 : 0x82;
  if (payload.length < 126) return Buffer.concat([Buffer.of(opcode, payload.length), payload]);
  const head = Buffer.alloc(payload.length < 65_536 ? 4 : 10);
  head[0] = opcode;
  head[1] = payload.length < 65_536 ? 126 : 127;
  if (payload.length < 65_536) head.writeUInt16BE(payload.length, 2);
  else head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}
