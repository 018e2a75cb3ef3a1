// The world of a test about calls: two Peers, one of which calls the other with media that can be recognised.
import type { JSHandle } from '@playwright/test';
import type { MediaConnection, Peer } from 'peerjs';
import type { AnswerSettings, CallSettings } from '../pages/kit/calls';
import type { PeerSettings } from '../pages/kit/kit';
import type { Media } from '../pages/kit/media';
import type { Impression } from '../pages/kit/perceive';
import { uniqueId, type Pair, type PeerPage } from './fixtures';

/** Two open Peers, in the pages of a pair. */
export interface Line {
  pair: Pair;
  dialler: JSHandle<Peer>;
  answerer: JSHandle<Peer>;
  ids: { dialler: string; answerer: string };
}

/** A call and both objects of it. */
export interface Call extends Line {
  dialled: JSHandle<MediaConnection>;
  accepted: JSHandle<MediaConnection>;
}

/** What each end sends, and the options that it does so with. */
export interface CallPlan {
  sends: Media;
  settings?: CallSettings;
  /** Without it, the call is answered without a stream. */
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

/** Calls, and resolves when the call has come to the other end, which has yet to answer it. */
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

/** Answers, and resolves when both ends are open and have their streams. */
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
  // The channel may open before the stream is there: at the caller always, at the callee on the hosted route.
  const receivers = [...(tracksIn(sends) ? [accepted] : []), ...(tracksIn(replies) ? [dialled] : [])];
  await Promise.all(receivers.map((end) => end.evaluate((call) => kit.happened(call, 'stream'))));
}

function tracksIn({ video, tone }: Media = {}): boolean {
  return video !== undefined || tone !== undefined;
}

/** The whole way: two Peers, a call, an answer. Resolves when either end's hanging up would reach the other. */
export async function talk(pair: Pair, plan: CallPlan): Promise<Call> {
  const call = await ring(await openLine(pair), plan);
  await pickUp(call, plan);
  return call;
}

/** What is seen and heard at the end of a call that `call` is. */
export function perceive(call: JSHandle<MediaConnection>, hoped: Impression): Promise<Impression> {
  return call.evaluate((call, hoped) => kit.perceiveCall(call, hoped), hoped);
}

/** What has happened to a call. */
export interface Story {
  /** In order, without what follows. */
  events: string[];
  /** How often, wherever among the events: the caller's channel may open before its stream is there, or after. */
  willCloseOnRemote: number;
  /** In their own order, because the network sets their pace; without `completed`, which may come or not. */
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

/** The story of a call that was answered. */
export function story(...events: string[]): Story {
  return { events, willCloseOnRemote: 1, ice: ['checking', 'connected'] };
}

/** What a call says of itself right now; MediaStreams by their kinds of tracks. */
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

/** The settings with the route of the page, if it has one. */
export function routed<Settings extends CallSettings | AnswerSettings>(
  { route }: PeerPage,
  settings?: Settings,
): Settings {
  return { ...settings, ...(route && { route }) } as Settings;
}
