// A hosted call with its surroundings: a page, a remote peer's signals, and the legs' RTCPeerConnections.
import './media-globals';
import { vi } from 'vitest';
import { HostedCall, type CallContext, type CallDescription } from '../../../src/engine/calls/hosted-call';
import { forwardingPaths } from '../../../src/engine/calls/media-paths';
import { PageOutbox } from '../../../src/engine/connection/page-outbox';
import { Quota } from '../../../src/engine/policy/quotas';
import type { CallCreate } from '../../../src/protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../../src/protocol/signalling';
import { noPlaceholders } from './encoded-end';
import { endpointPair, type FakeEndpoint } from './endpoint-pair';
import { description, FakeMediaConnections } from './media-connection';
import { FakeOutboxClock } from './outbox-clock';
import { callAnswer, callCreate } from './page-messages';
import { settled } from './settled';

/** How long a page leg on trial may take. */
export const TRIAL_TIMEOUT_MS = 3_000;

export const remoteOffer = { type: 'offer' as const, sdp: description(['audio', 'sendrecv'], ['video', 'sendrecv']) };
export const remoteAnswer = { type: 'answer' as const, sdp: description(['audio', 'sendrecv'], ['video', 'sendrecv']) };
export const candidate = (n: number) => ({ candidate: `candidate:${n}`, sdpMid: '0' });
export const directSignal = (type: SignalMessage['type'], payload: Record<string, unknown> = {}): SignalMessage => ({
  type,
  payload: { type: 'media', connectionId: 'mc_1', ...payload },
});

export interface World {
  context?: Partial<CallContext>;
  about?: Partial<CallDescription>;
  /** The offer of a remote caller. */
  offer?: RTCSessionDescriptionInit;
}

export function makeCall({ context, about, offer }: World = {}) {
  const [host, page] = endpointPair();
  const outbox = new PageOutbox(new FakeOutboxClock(), () => undefined);
  outbox.bind(host);
  const connections = new FakeMediaConnections();
  const signals: ClientMessage[] = [];
  const quota = new Quota();
  const call = new HostedCall(
    { connectionKey: 1, connectionId: 'mc_1', remotePeerId: 'remote', ...about },
    {
      outbox,
      send: (message) => {
        signals.push(message);
        return undefined;
      },
      paths: forwardingPaths(connections.create, noPlaceholders),
      config: () => ({ iceTransportPolicy: 'relay' }),
      pageLegs: { isProven: false },
      defaultRoute: 'hosted',
      forcedRoute: undefined,
      relayedOnly: false,
      quota,
      ...context,
    },
    offer,
  );
  const closed = vi.fn();
  call.on('gone', closed);
  const errors: unknown[] = [];
  call.on('webrtcError', (error) => void errors.push(error));
  return { call, page, connections, signals, closed, errors, quota };
}

export type Made = ReturnType<typeof makeCall>;

/** The signals that the page received from the page leg. */
export function pageLegSignals(page: FakeEndpoint): SignalMessage[] {
  return signalsFrom(page, 'host');
}

export function signalsFrom(page: FakeEndpoint, from: 'host' | 'remote'): SignalMessage[] {
  const messages = page.ofType('call.signal') as unknown as { from: string; message: SignalMessage }[];
  return messages.filter((message) => message.from === from).map(({ message }) => message);
}

/** Answers the page leg’s last offer as the page’s browser would. */
export async function answerOverLink({ call, page }: Made): Promise<void> {
  const offers = pageLegSignals(page).filter(({ type }) => type === 'OFFER');
  const { sdp } = offers.at(-1)!.payload.sdp as { sdp: string };
  const mirrored = { sendonly: 'recvonly', recvonly: 'sendonly' } as Record<string, string>;
  const answer = sdp.replace(/^a=(sendonly|recvonly)\r$/gm, (_, direction: string) => `a=${mirrored[direction]!}\r`);
  call.handlePageSignal('host', { type: 'ANSWER', payload: { sdp: { type: 'answer', sdp: answer } } });
  await settled();
}

export async function connectLink(made: Made): Promise<void> {
  await settled();
  await answerOverLink(made);
  made.connections.link.channel.open();
  await settled();
}

/** A call of the page whose offer is out. */
export async function makeHosted(world: World = {}, create: Partial<CallCreate> = {}) {
  const made = makeCall(world);
  made.call.call(callCreate(create));
  await connectLink(made);
  return { ...made, link: made.connections.link, leg: made.connections.leg };
}

/** A call that the remote peer has answered and whose media flow. */
export async function makeCarried(world: World = {}) {
  const made = await makeHosted(world);
  made.call.handleAnswer(remoteAnswer);
  await settled();
  await answerOverLink(made);
  made.leg.fireConnectionState('connected');
  return made;
}

export async function makeDirect(world: World = {}) {
  const made = makeCall(world);
  if (world.offer) made.call.answer(callAnswer({ route: 'direct' }));
  else made.call.call(callCreate({ route: 'direct' }));
  await settled();
  return made;
}

export const routes = (page: FakeEndpoint) => page.ofType('call.route').map(({ route }) => route);
