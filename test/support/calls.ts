// Calls for tests: two Peers, one of which calls the other with recognisable pictures and tones.
import type { JSHandle } from '@playwright/test';
import type { MediaConnection, Peer } from 'peerjs';
import type { AnswerSettings, CallSettings } from '../pages/kit/calls';
import type { PeerSettings } from '../pages/kit/kit';
import type { Media } from '../pages/kit/media';
import type { Impression } from '../pages/kit/perceive';
import { uniqueId, type Pair, type PeerPage } from './fixtures';

/** The two pages of a pair, with one open Peer each. */
export interface Line {
  pair: Pair;
  dialler: JSHandle<Peer>;
  answerer: JSHandle<Peer>;
  ids: { dialler: string; answerer: string };
}

/** A call: the caller's object and the callee's. */
export interface Call extends Line {
  dialled: JSHandle<MediaConnection>;
  accepted: JSHandle<MediaConnection>;
}

/** The media and options of each end. */
export interface CallPlan {
  sends: Media;
  settings?: CallSettings;
  /** Default: the call is answered without a stream. */
  replies?: Media;
  answerSettings?: AnswerSettings;
}

export async function openLine(pair: Pair, options: PeerSettings = {}): Promise<Line> {
  const ids = { dialler: uniqueId('dialler'), answerer: uniqueId('answerer') };
  const [dialler, answerer] = await Promise.all([
    pair.dialler.open(ids.dialler, options),
    pair.answerer.open(ids.answerer, options),
  ]);
  return { pair, dialler, answerer, ids };
}

/** Calls; resolves when the call has arrived at the other end, before it is answered. */
export async function ring(line: Line, { sends, settings }: CallPlan): Promise<Call> {
  const { answerer, dialler, ids, pair } = line;
  const known = await answerer.evaluate((peer) => kit.callsTo(peer).length);
  const [dialled, accepted] = await Promise.all([
    dialler.evaluateHandle(
      async (peer, { to, sends, settings }) => kit.call(peer, to, await kit.media(sends), settings),
      { to: ids.answerer, sends, settings: routed(pair.dialler, settings) },
    ),
    answerer.evaluateHandle((peer, known) => kit.incomingCall(peer, known), known),
  ]);
  return { ...line, dialled, accepted };
}

/** Answers; resolves when both ends are open and have their streams. */
export async function pickUp({ dialled, accepted, pair }: Call, plan: CallPlan): Promise<void> {
  const { sends, replies, answerSettings } = plan;
  await accepted.evaluate(
    async (call, { replies, settings }) => {
      const stream = replies && (await kit.media(replies));
      kit.answer(call, stream, settings);
    },
    { replies, settings: routed(pair.answerer, answerSettings) },
  );
  await Promise.all([dialled, accepted].map((end) => end.evaluate((call) => kit.happened(call, 'willCloseOnRemote'))));
  // The channel may open before the stream arrives: always at the caller, and at the callee on the hosted route.
  const receivers = [...(tracksIn(sends) ? [accepted] : []), ...(tracksIn(replies) ? [dialled] : [])];
  await Promise.all(receivers.map((end) => end.evaluate((call) => kit.happened(call, 'stream'))));
}

function tracksIn({ video, tone }: Media = {}): boolean {
  return video !== undefined || tone !== undefined;
}

/** Opens two Peers, calls and answers. Resolves when a hang-up at either end would reach the other. */
export async function talk(pair: Pair, plan: CallPlan): Promise<Call> {
  const call = await ring(await openLine(pair), plan);
  await pickUp(call, plan);
  return call;
}

/** What the user at this end of the call sees and hears; see `kit.perceive`. */
export function perceive(call: JSHandle<MediaConnection>, hoped: Impression): Promise<Impression> {
  return call.evaluate((call, hoped) => kit.perceiveCall(call, hoped), hoped);
}

/** The events of one end of a call. */
export interface Story {
  /** All events except the two below, in order. */
  events: string[];
  /** How often it was emitted. Its place in the order varies: the caller's channel may open before or after the stream. */
  willCloseOnRemote: number;
  /** ICE states in order, without the optional `completed`. Separate, because their timing depends on the network. */
  ice: unknown[];
}

export function storyOf(call: JSHandle<MediaConnection>): Promise<Story> {
  return call.evaluate((call) => {
    const seen = kit.watch(call);
    const isApart = ['willCloseOnRemote', 'iceStateChanged'];
    return {
      events: seen.occurrences.filter(({ event }) => !isApart.includes(event)).map(({ text }) => text),
      willCloseOnRemote: seen.count('willCloseOnRemote'),
      ice: seen.occurrences
        .filter(({ event, argument }) => event === 'iceStateChanged' && argument !== 'completed')
        .map(({ argument }) => argument),
    };
  });
}

/** The usual story of an answered call with these events. */
export function story(...events: string[]): Story {
  return { events, willCloseOnRemote: 1, ice: ['checking', 'connected'] };
}

/** The current members of a call, described; MediaStreams by their kinds of tracks. */
export function membersOf(call: MediaConnection) {
  const { peerConnection, dataChannel, provider } = call as {
    peerConnection?: RTCPeerConnection | null;
    dataChannel?: RTCDataChannel;
    provider?: { id: string } | null;
  };
  return {
    peer: call.peer,
    type: call.type as string,
    open: call.open,
    label: kit.describe(call.label),
    metadata: kit.describe(call.metadata),
    localStream: kit.describe(call.localStream),
    remoteStream: kit.describe(call.remoteStream),
    peerConnection: peerConnection ? peerConnection.signalingState : String(peerConnection),
    dataChannel: dataChannel ? `${dataChannel.readyState} "${dataChannel.label}"` : String(dataChannel),
    provider: provider ? provider.id : String(provider),
  };
}

/** Hangs up at `end`; resolves when the other end has noticed. */
export async function hangUp(end: JSHandle<MediaConnection>, other: JSHandle<MediaConnection>): Promise<void> {
  await end.evaluate((call) => call.close());
  await other.evaluate((call) => kit.happened(call, 'close'));
}

/** Adds the page's route, if it has one, to the settings. */
export function routed<Settings extends CallSettings | AnswerSettings>(
  { route }: PeerPage,
  settings?: Settings,
): Settings {
  return { ...settings, ...(route && { route }) } as Settings;
}
