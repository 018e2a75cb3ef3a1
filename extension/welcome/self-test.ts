// The self-test: two Peers of this page register at a PeerServer, connect, and exchange messages. Reports which step failed,
// because each step has different causes and remedies.
import type { DataConnection } from '../../src/api/data/data-connection';
import type { PeerBase } from '../../src/api/peer';
import type { PeerOptions } from '../../src/api/peer-options';
import type { PeerConstructor } from './peer-api';

export const STEPS = ['host', 'server', 'connection'] as const;
/** `host`: the engine host answers; `server`: both Peers are registered; `connection`: a message makes a round trip. */
export type Step = (typeof STEPS)[number];

export type SelfTestResult =
  | { isPassed: true; roundTripMs: number }
  /** `reason`: the API's error message, in English. Absent after a timeout. */
  | { isPassed: false; failed: Step; reason?: string };

export interface SelfTestDependencies {
  createPeerApi: (onAttached: () => void) => PeerConstructor;
  /** The options for both Peers, which name the PeerServer. */
  options: PeerOptions;
  now: () => number;
  onStep: (done: Step) => void;
}

/** A distant server or relay takes a second or two. A firewall that drops packets never answers. */
const STEP_TIMEOUT_MS = 15_000;
/** More than one round trip, because the first also includes one-time initialization. */
const ROUNDS = 5;

export async function runSelfTest(dependencies: SelfTestDependencies): Promise<SelfTestResult> {
  const { createPeerApi, options, now, onStep } = dependencies;
  let step: Step = 'host';
  const pass = (done: Step, next: Step): void => {
    onStep(done);
    step = next;
  };
  const peers: PeerBase[] = [];
  try {
    const attached = deferred();
    const Peer = createPeerApi(attached.resolve);
    const open = (): Promise<PeerBase> => {
      const peer = new Peer(options);
      peers.push(peer);
      return opened(peer);
    };
    const first = open();
    // Prevents an unhandled rejection, in case `first` rejects while no code awaits it.
    first.catch(() => undefined);
    // A Peer that fails before the host has answered fails because of the host.
    await inTime(Promise.race([attached.promise, first]));
    pass('host', 'server');
    const [dialler, answerer] = await inTime(Promise.all([first, open()]));
    pass('server', 'connection');
    const roundTripMs = await inTime(echo(dialler, answerer, now));
    onStep('connection');
    return { isPassed: true, roundTripMs };
  } catch (error) {
    if (error instanceof OutOfTime) return { isPassed: false, failed: step };
    return { isPassed: false, failed: step, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    for (const peer of peers) peer.destroy();
  }
}

function opened(peer: PeerBase): Promise<PeerBase> {
  return new Promise((resolve, reject) => {
    peer.on('open', () => resolve(peer));
    peer.on('error', reject);
  });
}

/** The shortest of ROUNDS round trips, in milliseconds. Rejects if a message comes back changed. */
function echo(dialler: PeerBase, answerer: PeerBase, now: () => number): Promise<number> {
  return new Promise((resolve, reject) => {
    dialler.on('error', reject);
    answerer.on('error', reject);
    answerer.on('connection', (incoming: DataConnection) => {
      incoming.on('data', (data: unknown) => void incoming.send(data));
    });
    const connection = dialler.connect(answerer.id!, { reliable: true })!;
    connection.on('error', reject);
    connection.on('close', () => reject(new Error('The connection was closed.')));
    let best = Infinity;
    let round = 0;
    let sentAt = 0;
    const send = (): void => {
      sentAt = now();
      void connection.send(`self-test ${++round}`);
    };
    connection.on('open', send);
    connection.on('data', (data: unknown) => {
      best = Math.min(best, now() - sentAt);
      if (data !== `self-test ${round}`)
        reject(new Error('The message that came back differs from the one that was sent.'));
      else if (round < ROUNDS) send();
      else resolve(best);
    });
  });
}

class OutOfTime extends Error {}

async function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new OutOfTime()), STEP_TIMEOUT_MS);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
