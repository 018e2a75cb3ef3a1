// Simulates the network between two browsers on this machine, which a test can make worse and better. Replaces the candidates that
// peers signal through the server by loopback ports of this process, which forward the packets. A packet that arrives at the
// port for the other peer's candidate is sent on from the port for the sender's own.
import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { NarrowLane, type Narrowness } from './narrow-lane';
import type { SeenMessage, TestPeerServer } from './peer-server';
import { seededRandom } from './random-values';

export interface NarrowLink {
  /** Replaces the former values, for both directions. An empty object makes a perfect network. */
  set(narrowness: Narrowness): void;
  /** How many packets were forwarded and how many were dropped so far. */
  readonly passedCount: number;
  readonly lostCount: number;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
/** A call has up to six candidates per end. Bound in advance, because candidates cannot wait. Surplus ones get a dead port. */
const PORTS = 16;
const CANDIDATE = /candidate:\S+ \d+ udp \d+ \S+ \d+ typ host.*/gi;

interface Port {
  socket: Socket;
  number: number;
}

export async function startNarrowLink(server: TestPeerServer, seed = 1): Promise<NarrowLink> {
  const random = seededRandom(seed);
  const [nowhere, ...free] = await Promise.all(Array.from({ length: PORTS + 1 }, openPort));
  const ports = [nowhere!, ...free];
  const byCandidate = new Map<number, Port>();
  const lanes = new Map<string, NarrowLane>();
  let narrowness: Narrowness = {};
  let passedCount = 0;

  function laneTo(peerId: string): NarrowLane {
    const known = lanes.get(peerId);
    if (known) return known;
    const lane = new NarrowLane(random);
    lane.set(narrowness);
    lanes.set(peerId, lane);
    return lane;
  }

  /** The port that replaces this candidate of the peer. */
  function portFor(address: string, candidate: number, peerId: string): Port {
    const known = byCandidate.get(candidate);
    if (known) return known;
    const port = free.shift();
    if (!port) return nowhere!;
    byCandidate.set(candidate, port);
    const lane = laneTo(peerId);
    // The sender is known by its port alone: a socket bound to no address sends from one that depends on the destination.
    port.socket.on('message', (packet, { port: from }) => {
      const sender = byCandidate.get(from);
      if (!sender) return;
      lane.carry(packet.length, () => {
        passedCount++;
        sender.socket.send(packet, candidate, address);
      });
    });
    return port;
  }

  /** Redirects each IPv4 candidate to a port, and others to a dead one, so that none bypasses the link. Every machine has IPv4. */
  function redirected(text: string, peerId: string): string {
    return text.replace(CANDIDATE, (candidate) => {
      const fields = candidate.split(' ');
      const address = fields[4] ?? '';
      const port = isIPv4(address) ? portFor(address, Number(fields[5]), peerId) : nowhere!;
      return [...fields.slice(0, 4), LOOPBACK, port.number, ...fields.slice(6)].join(' ');
    });
  }

  const restore = server.beforeRelay(({ src, payload }: SeenMessage) => {
    const { candidate, sdp } = (payload ?? {}) as { candidate?: { candidate: string }; sdp?: { sdp: string } };
    if (candidate) candidate.candidate = redirected(candidate.candidate, src);
    if (sdp) sdp.sdp = redirected(sdp.sdp, src);
  });

  return {
    set(changed) {
      narrowness = changed;
      for (const lane of lanes.values()) lane.set(changed);
    },
    get passedCount() {
      return passedCount;
    },
    get lostCount() {
      return [...lanes.values()].reduce((sum, lane) => sum + lane.lostCount, 0);
    },
    async close() {
      restore();
      for (const lane of lanes.values()) lane.close();
      await Promise.all(ports.map(({ socket }) => new Promise<void>((resolve) => socket.close(resolve))));
    },
  };
}

async function openPort(): Promise<Port> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, LOOPBACK, resolve));
  return { socket, number: socket.address().port };
}
