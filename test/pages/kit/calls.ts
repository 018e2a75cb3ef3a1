// Makes, collects and answers calls, and watches their events from the start.
import type { AnswerOption, CallOption, MediaConnection, Peer as PeerJS } from 'peerjs';
import { perceive, type Impression } from './perceive.js';
import { CALL_EVENTS, watch } from './watch.js';

/** Where a Peerport end has its RTCPeerConnection to the remote peer: in the host or in the page. PeerJS ignores this option. */
export type Route = 'hosted' | 'direct';

/** PeerJS's documented and undocumented options, and Peerport's own. */
export type CallSettings = {
  [Name in keyof CallOption]?: CallOption[Name];
} & { connectionId?: string; constraints?: RTCOfferOptions; route?: Route };

export type AnswerSettings = { [Name in keyof AnswerOption]?: AnswerOption[Name] } & { route?: Route };

const arrivals = new WeakMap<PeerJS, MediaConnection[]>();

/** Records all later incoming calls of the Peer. */
export function collectCalls(peer: PeerJS): void {
  const calls: MediaConnection[] = [];
  arrivals.set(peer, calls);
  peer.on('call', (call) => {
    watch(call, CALL_EVENTS);
    calls.push(call);
  });
}

/** Calls, and watches the call from the start. */
export function call(from: PeerJS, to: string, stream: MediaStream, settings: CallSettings = {}): MediaConnection {
  const call = from.call(to, stream, settings);
  watch(call, CALL_EVENTS);
  return call;
}

export function answer(call: MediaConnection, stream?: MediaStream, settings: AnswerSettings = {}): void {
  call.answer(stream, settings);
}

/** Resolves with the Peer's n-th incoming call, answered or not. */
export async function incomingCall(to: PeerJS, index = 0): Promise<MediaConnection> {
  const calls = callsTo(to);
  await watch(to).until(() => calls.length > index);
  return calls[index]!;
}

/** All incoming calls so far. */
export function callsTo(peer: PeerJS): MediaConnection[] {
  return arrivals.get(peer)!;
}

/** Waits for the remote stream, then for the impression hoped for; see `perceive`. */
export async function perceiveCall(call: MediaConnection, hoped: Impression): Promise<Impression> {
  const seen = watch(call);
  await seen.until(() => seen.count('stream') > 0);
  return perceive(call.remoteStream, hoped);
}
