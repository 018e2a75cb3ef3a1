// A real TURN server (coturn) on loopback. Call `close()` when done.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findTurnServer } from '../../scripts/turn-server.mjs';

export interface TestTurnServer {
  readonly port: number;
  /** For an RTCIceServer, like the two members below. */
  readonly urls: string[];
  readonly username: string;
  readonly credential: string;
  /** The server's output so far, by lines. */
  readonly output: readonly string[];
  close(): Promise<void>;
}

/** Credentials that no page may see, distinctive enough not to occur by chance. */
const USERNAME = 'own-user';
const CREDENTIAL = 'own-credential-7f3a';

export async function startTurnServer(): Promise<TestTurnServer> {
  const executable = findTurnServer();
  if (executable === undefined) throw new Error('there is no turnserver');
  const folder = await mkdtemp(join(tmpdir(), 'peerport-turn-'));
  const port = await freePort();
  const output: string[] = [];
  const child = spawn(
    executable,
    [
      // Ignore the machine's own configuration.
      '-n',
      ...['--listening-ip', '127.0.0.1', '--listening-port', String(port), '--relay-ip', '127.0.0.1'],
      ...['--lt-cred-mech', '--realm', 'peerport.test', '--user', `${USERNAME}:${CREDENTIAL}`],
      // Both ends and their relays are on this machine, which coturn allows only if its console has a password.
      ...['--allow-loopback-peers', '--no-cli', '--cli-password', 'unused'],
      ...['--no-tls', '--no-dtls', '--log-file', 'stdout', '--simple-log'],
      ...['--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'db')],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  createInterface(child.stdout).on('line', (line) => output.push(line));
  const failed = ended.then(() => {
    throw new Error(`turnserver ended: ${output.join('\n')}`);
  });
  // After the race below, the server's end is expected.
  failed.catch(() => undefined);
  await Promise.race([answers(port), failed]);
  return {
    port,
    urls: [`turn:127.0.0.1:${port}?transport=udp`],
    username: USERNAME,
    credential: CREDENTIAL,
    output,
    async close() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** Resolves when the server answers a STUN binding request. */
async function answers(port: number): Promise<void> {
  const socket = createSocket('udp4');
  const request = Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...randomBytes(12)]);
  const ask = () => socket.send(request, port, '127.0.0.1');
  // Asks repeatedly, because UDP does not report that nobody listens yet.
  const asking = setInterval(ask, 50);
  ask();
  await once(socket, 'message');
  clearInterval(asking);
  socket.close();
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
