// Helpers in the test pages. Specs call them as the global `kit` inside `evaluate`.
import type { DataConnection, Peer as PeerJS, PeerConnectOption, PeerOptions } from 'peerjs';
import { answer, call, callsTo, collectCalls, incomingCall, perceiveCall } from './calls.js';
import { onlyCodec, videoCodecs } from './codec.js';
import { describe } from './describe.js';
import { audioTrack, media, videoTrack } from './media.js';
import { patterned, PAYLOADS, type Family } from './payloads.js';
import { onBeat } from './metronome.js';
import { atEnd, endTest, spoilDocument } from './reuse.js';
import { frameShown, frameShownAfter, perceive } from './perceive.js';
import { drawPicture } from './picture.js';
import { sendingUntil } from './sending.js';
import { openTap } from './tap.js';
import { watch } from './watch.js';

/** A plain object in the shape of PeerJS's options, which it declares as a class. */
export type PeerSettings = { [Name in keyof PeerOptions]?: PeerOptions[Name] };

/** Marks the end of a batch. */
const END = '#end';

/** The outcome of one `send()`: the error it threw, the `error` events it caused, the messages it delivered. */
export interface Outcome {
  threw?: string;
  errors?: string[];
  arrived: string[];
}

const arrivals = new WeakMap<PeerJS, DataConnection[]>();

/** Constructs a Peer; watches it and its incoming connections and calls from the start. */
function peer(id?: string, options?: PeerSettings): PeerJS {
  const created = id === undefined ? new Peer(options as PeerOptions) : new Peer(id, options);
  atEnd(() => {
    created.destroy();
  });
  // Peers share the logger, and a function stays with it.
  if (options?.logFunction) spoilDocument();
  watch(created);
  const incoming: DataConnection[] = [];
  arrivals.set(created, incoming);
  created.on('connection', (connection) => {
    watch(connection);
    incoming.push(connection);
  });
  collectCalls(created);
  return created;
}

/** Dials, and watches the connection from the start. */
function dial(from: PeerJS, to: string, options?: PeerConnectOption): DataConnection {
  const connection = from.connect(to, options);
  watch(connection);
  return connection;
}

/** Resolves with the emitter once it has opened; rejects if an `error` comes first. */
async function opened<Subject extends object>(subject: Subject): Promise<Subject> {
  const seen = watch(subject);
  await seen.until(() => seen.count('open') > 0 || seen.count('error') > 0);
  if (seen.count('open') > 0) return subject;
  const error = seen.occurrences.find(({ event }) => event === 'error')?.argument as { type: string; message: string };
  throw new Error(`${error.type}: ${error.message}`);
}

/** Resolves with the Peer's n-th incoming connection once it has opened. */
async function incoming(to: PeerJS, index = 0): Promise<DataConnection> {
  const seen = watch(to);
  await seen.until(() => arrivals.get(to)!.length > index);
  return opened(arrivals.get(to)![index]!);
}

/** Resolves once the event has been emitted `count` times, counted from the start. */
async function happened(emitter: object, event: string, count = 1): Promise<void> {
  const seen = watch(emitter);
  await seen.until(() => seen.count(event) >= count);
}

/** All events so far, as text. */
function log(emitter: object): string[] {
  return watch(emitter).occurrences.map(({ text }) => text);
}

/** Resolves with the descriptions of all messages once there are `count`. */
async function received(connection: DataConnection, count: number): Promise<string[]> {
  await happened(connection, 'data', count);
  return watch(connection)
    .occurrences.filter(({ event }) => event === 'data')
    .map(({ text }) => text.slice('data '.length));
}

/** The Peer's connections, by the ID of the other end. */
function connectionsOf(of: PeerJS): Record<string, DataConnection[]> {
  // Deprecated, but PeerJS has no replacement yet.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return of.connections as Record<string, DataConnection[]>;
}

/** The live list of the Peer's connections to this ID; empty if there were none. */
function connectionsTo(from: PeerJS, to: string): DataConnection[] {
  return connectionsOf(from)[to] ?? [];
}

/** The description of the action's result, or the name of the error that it throws. */
function attempt(action: () => unknown): string {
  try {
    return describe(action());
  } catch (error) {
    return `throws ${(error as Error).constructor.name}`;
  }
}

/**
 * Sends the family's payloads one after the other, each after a marker with its name, and `#end` last. Needs an ordered
 * connection. Resolves with the errors at this end, by payload.
 */
async function sendPayloads(
  connection: DataConnection,
  family: Family,
): Promise<Record<string, Pick<Outcome, 'threw' | 'errors'>>> {
  const outcomes: Record<string, Pick<Outcome, 'threw' | 'errors'>> = {};
  let errors: string[] = [];
  connection.on('error', (error) => errors.push(error.type));
  for (const { name, make } of PAYLOADS[family]) {
    errors = [];
    await connection.send(`#${name}`);
    const outcome: Pick<Outcome, 'threw' | 'errors'> = {};
    try {
      // The rejection is ignored, because the `error` event reports the same error. PeerJS has only the event.
      await Promise.resolve(connection.send(make())).catch(() => undefined);
    } catch (error) {
      outcome.threw = (error as Error).constructor.name;
    }
    if (errors.length > 0) outcome.errors = errors;
    outcomes[name] = outcome;
  }
  await connection.send(END);
  return outcomes;
}

/** Waits for `#end`; resolves with the messages that arrived after each marker. */
async function receivePayloads(connection: DataConnection): Promise<Record<string, string[]>> {
  const seen = watch(connection);
  const end = `data ${describe(END)}`;
  await seen.until(() => seen.occurrences.at(-1)?.text === end || seen.count('close') > 0);
  const arrived: Record<string, string[]> = {};
  let current: string[] = [];
  for (const { event, text } of seen.occurrences) {
    if (text === end) break;
    if (event !== 'data') continue;
    if (text.startsWith('data "#')) arrived[(JSON.parse(text.slice('data '.length)) as string).slice(1)] = current = [];
    else current.push(text.slice('data '.length));
  }
  return arrived;
}

/** What should arrive after each marker according to the table of payloads. */
function expectedPayloads(family: Family): Record<string, Outcome> {
  return Object.fromEntries(
    PAYLOADS[family].map((entry) => {
      const outcome: Outcome = { arrived: [] };
      if (entry.throws !== undefined) outcome.threw = entry.throws;
      else if (entry.error !== undefined) outcome.errors = [entry.error];
      else if (!entry.lost) outcome.arrived.push(describe((entry.arrives ?? entry.make)()));
      return [entry.name, outcome];
    }),
  );
}

export const kit = {
  peer,
  dial,
  opened,
  incoming,
  happened,
  log,
  received,
  connectionsOf,
  connectionsTo,
  attempt,
  describe,
  watch,
  sendPayloads,
  receivePayloads,
  expectedPayloads,
  patterned,
  openTap,
  call,
  answer,
  incomingCall,
  callsTo,
  perceiveCall,
  media,
  videoTrack,
  audioTrack,
  drawPicture,
  onBeat,
  perceive,
  frameShown,
  frameShownAfter,
  sendingUntil,
  onlyCodec,
  videoCodecs,
  endTest,
};

Object.assign(globalThis, { kit });
