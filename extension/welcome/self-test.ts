// The self-test: two Peers of this page are introduced by a PeerServer, connect, and send each other a message. Tells how
// far it came, because each step that fails has another reason and another remedy.
import type { DataConnection } from '../../src/api/data/data-connection';
import type { PeerBase } from '../../src/api/peer';
import type { PeerOptions } from '../../src/api/peer-options';
import type { PeerConstructor } from './peer-api';

export const STEPS = ['host', 'server', 'link'] as const;
/** `host`: the extension's host answers; `server`: the PeerServer knows both; `link`: a message goes there and back. */
export type Step = (typeof STEPS)[number];

export type SelfTestResult =
  | { isPassed: true; roundTripMs: number }
  /** `reason` is the API's own words, in English, or absent where nothing came back in time. */
  | { isPassed: false; failed: Step; reason?: string };

export interface SelfTestDependencies {
  createPeerApi: (onAttached: () => void) => PeerConstructor;
  /** Names the PeerServer. */
  options: PeerOptions;
  now: () => number;
  onStep: (done: Step) => void;
}

/** A server or a relay far away takes a second or two; one that drops what it gets never answers. */
const STEP_TIMEOUT_MS = 15_000;
/** The first message also pays for what is made on first use. */
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
    // It also rejects in a moment when nobody may be waiting for it yet.
    first.catch(() => undefined);
    // A Peer that fails before the host has answered fails because of it.
    await inTime(Promise.race([attached.promise, first]));
    pass('host', 'server');
    const [dialler, answerer] = await inTime(Promise.all([first, open()]));
    pass('server', 'link');
    const roundTripMs = await inTime(echo(dialler, answerer, now));
    onStep('link');
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

/** The shortest of a few round trips, milliseconds. Rejects if what comes back is not what was sent. */
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
      if (data !== `self-test ${round}`) reject(new Error('Another message came back than was sent.'));
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
