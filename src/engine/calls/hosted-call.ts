// One call in the host, on either route. On the hosted route the media pass through the host (hosted-route.ts). On the
// direct route the connection to the remote peer is in the page, and the host passes only its signals. A hosted call
// without a working page leg takes the direct route, before the remote peer has heard of the call. The caller must
// register the call and pass in the remote peer's signals.
import { EventEmitter } from 'eventemitter3';
import type { ConnectionErrorType } from '../../protocol/errors';
import { bytesOf, QueuedBytes } from '../policy/queued-bytes';
import type { LiveKind } from '../../protocol/live-messages';
import type { CallAnswer, CallCreate, CallRoute, OutgoingMedia } from '../../protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../protocol/signalling';
import { HostedRoute, type HostedRouteContext } from './hosted-route';
import type { ConnectionEvents } from '../connection/connection-events';
import { ConnectionReporter, type CallReporter } from '../connection/connection-reporter';
import type { PageOutbox } from '../connection/page-outbox';
import type { SdpTransform } from '../connection/sdp-transform';
import { mediaSections } from './call-sdp';
import type { Quota } from '../policy/quotas';
import { EstablishmentDeadline } from '../policy/establishment-deadline';
import { ESTABLISHMENT_TIMEOUT_MS } from '../policy/unestablished-connections';

/** Candidates of a remote caller that are queued until the call is answered. */
const MAX_QUEUED_CANDIDATES = 256;
/** Messages kept to repeat a direct call's offer: the offer and its candidates. */
const MAX_OFFER_MESSAGES = 64;
/** Bytes of these messages and of the remote offer. A candidate has a few hundred, an offer some ten thousand. */
const MAX_QUEUED_BYTES = 1024 * 1024;

const CHOSEN = 'The user has chosen this route.';
const NO_FORWARDING = 'This browser cannot forward encoded media.';
const RELAYED_ONLY = 'The user lets this browser connect through relays only, which only a hosted call can guarantee.';

export interface CallDescription {
  connectionKey: number;
  connectionId: string;
  remotePeerId: string;
  metadata?: unknown;
}

export interface CallContext extends HostedRouteContext {
  outbox: PageOutbox;
  /** The route if neither user nor page chose one. */
  defaultRoute: CallRoute;
  /** The user's choice for the origin; overrides the page's. */
  forcedRoute: CallRoute | undefined;
  /** Rules out the direct route, because nothing can hold the page's own connection to relays. */
  relayedOnly: boolean;
  /** Counts what the call queues. */
  quota: Pick<Quota, 'queuedBytes' | 'queuedBytesRefusal'>;
}

type Stage = 'unanswered' | 'connecting' | 'hosted' | 'direct' | 'closed';

export class HostedCall extends EventEmitter<ConnectionEvents> {
  readonly description: CallDescription;
  readonly #context: CallContext;
  readonly #reporter: CallReporter;
  /** The offer of a remote caller. */
  readonly #offer: RTCSessionDescriptionInit | undefined;
  #stage: Stage = 'unanswered';
  #hostedRoute: HostedRoute | undefined;
  #sent: OutgoingMedia | undefined;
  /** The remote peer's candidates, while the page may still take the direct route. */
  #queuedCandidates: RTCIceCandidateInit[] = [];
  /** The offer and candidates of a direct call, to be repeated until it is answered. */
  #sentForOffer: ClientMessage[] = [];
  /** The remote peer has answered; further answers are ignored. */
  #isAnswered = false;
  /** Bytes of the remote peer's offer and of the messages queued here. */
  readonly #queuedBytes: QueuedBytes;
  /** Runs from the answer until the call is connected: ringing has no deadline. */
  readonly #deadline = new EstablishmentDeadline(() => {
    this.fail('negotiation-failed', notEstablished(this.description.remotePeerId));
  });

  /** `offer`: the remote peer's offer of an incoming call. */
  constructor(description: CallDescription, context: CallContext, offer?: RTCSessionDescriptionInit) {
    super();
    this.description = description;
    this.#context = context;
    this.#reporter = new ConnectionReporter(context.outbox, description.connectionKey);
    this.#offer = offer;
    this.#queuedBytes = new QueuedBytes(context.quota);
    this.#queuedBytes.bytes = bytesOf(offer);
  }

  /** Undefined on the direct route: its page transforms the description itself. */
  get sdpTransform(): SdpTransform | undefined {
    return this.#hostedRoute?.sdpTransform;
  }

  get isOffering(): boolean {
    if (this.#offer || this.#isAnswered || this.#stage === 'closed') return false;
    if (this.#stage === 'direct') return this.#sentForOffer.length > 0;
    return this.#hostedRoute?.isOffering ?? false;
  }

  /** The page calls. */
  call(request: CallCreate): void {
    this.#chooseRoute(request);
  }

  /** The page answers the remote peer's call. */
  answer(request: CallAnswer): void {
    if (!this.#offer || this.#stage !== 'unanswered') return;
    this.#deadline.start();
    this.#chooseRoute(request);
  }

  handleAnswer(answer: RTCSessionDescriptionInit): void {
    if (!this.isOffering) return;
    this.#isAnswered = true;
    this.#sentForOffer = [];
    this.#updateQueuedBytes();
    this.#deadline.start();
    this.#reporter.post({ type: 'call.accepted' });
    if (this.#stage === 'direct') {
      this.#signalPage({ type: 'ANSWER', payload: { sdp: answer } });
      this.#establish();
    } else this.#hostedRoute?.handleAnswer(answer);
  }

  handleCandidate(candidate: RTCIceCandidateInit): void {
    if (this.#stage === 'direct') {
      this.#signalPage({ type: 'CANDIDATE', payload: { candidate } });
      return;
    }
    this.#hostedRoute?.handleCandidate(candidate);
    const isUndecided = this.#stage === 'unanswered' || this.#stage === 'connecting';
    if (isUndecided) this.#enqueue(this.#queuedCandidates, MAX_QUEUED_CANDIDATES, candidate);
  }

  /** A signal of the page: to the remote peer on the direct route, or to the page leg on the hosted one. */
  handlePageSignal(to: 'remote' | 'host', message: SignalMessage): void {
    if (to === 'host') {
      this.#hostedRoute?.handlePageLegSignal(message);
      return;
    }
    if (this.#stage !== 'direct') return;
    const { connectionId, remotePeerId, metadata } = this.description;
    // The page may signal for this call only.
    if (message.payload.connectionId !== connectionId || message.payload.type !== 'media') return;
    const payload = message.type === 'OFFER' ? { ...message.payload, metadata } : message.payload;
    const signal = { type: message.type, payload, dst: remotePeerId };
    const isOfOffer = !this.#offer && !this.#isAnswered;
    if (isOfOffer) this.#enqueue(this.#sentForOffer, MAX_OFFER_MESSAGES, signal);
    this.#signalRemote(signal);
    // Only the page can tell when its connection is established.
    if (message.type === 'ANSWER') this.#establish();
  }

  repeatOffer(): void {
    if (!this.isOffering) return;
    this.#hostedRoute?.repeatOffer();
    for (const message of this.#sentForOffer) this.#signalRemote(message);
  }

  /** Statistics of the remote leg. The page of a direct call asks its own connection. */
  async getStats(): Promise<[string, unknown][]> {
    return (await this.#hostedRoute?.getStats()) ?? [];
  }

  /** The call's row in the live view. `isAnswered`: the called side has answered. */
  liveFacts(): { kind: LiveKind; route: CallRoute; isAnswered: boolean } {
    const tracks = this.#sent?.tracks ?? [];
    const hasVideo = tracks.some(({ kind }) => kind === 'video') || (this.#offer && bringsVideo(this.#offer));
    return {
      kind: tracks.some(({ shows }) => shows !== undefined) ? 'screen' : hasVideo ? 'video' : 'voice',
      route: this.#stage === 'direct' ? 'direct' : 'hosted',
      isAnswered: this.#offer ? this.#stage !== 'unanswered' : this.#isAnswered,
    };
  }

  /** Reports the error to the page and closes. `error`: its native cause, which the Peer reports afterwards. */
  fail(type: ConnectionErrorType, message: string, error?: unknown): void {
    if (this.#stage === 'closed') return;
    this.#reporter.postError(type, message);
    this.emit('failed', type);
    if (error !== undefined) this.emit('webrtcError', error);
    this.close();
  }

  /** Idempotent. Posts `connection.closed` once, even if the page asked for it. */
  close(): void {
    if (this.#stage === 'closed') return;
    this.#stage = 'closed';
    this.#deadline.end();
    this.#hostedRoute?.close();
    this.#queuedBytes.bytes = 0;
    this.#reporter.postClosed();
    this.emit('gone');
    this.removeAllListeners();
  }

  #chooseRoute(request: CallCreate | CallAnswer): void {
    this.#sent = request.stream;
    const { forcedRoute, defaultRoute, relayedOnly } = this.#context;
    const route = relayedOnly ? 'hosted' : (forcedRoute ?? request.route ?? defaultRoute);
    // The page has already begun with its wish, or with the hosted route.
    const assumed = request.route ?? 'hosted';
    if (route !== assumed) this.#postRoute(route, relayedOnly ? RELAYED_ONLY : forcedRoute ? CHOSEN : NO_FORWARDING);
    if (route === 'direct') this.#goDirect();
    else this.#host(request);
  }

  #host(request: CallCreate | CallAnswer): void {
    this.#stage = 'connecting';
    const hostedRoute = (this.#hostedRoute = this.#createHostedRoute(request));
    const early = [...this.#queuedCandidates];
    hostedRoute.start();
    for (const candidate of early) hostedRoute.handleCandidate(candidate);
  }

  #createHostedRoute(request: CallCreate | CallAnswer): HostedRoute {
    const options = { ...this.description, reporter: this.#reporter, request, offer: this.#offer };
    const hostedRoute = new HostedRoute(options, this.#context);
    hostedRoute.on('committed', () => {
      this.#stage = 'hosted';
      this.#queuedCandidates = [];
      this.#updateQueuedBytes();
    });
    hostedRoute.on('connected', () => {
      this.#establish();
    });
    hostedRoute.on('trialFailed', (reason) => {
      this.#fallBack(reason);
    });
    hostedRoute.on('closed', () => {
      this.close();
    });
    hostedRoute.on('failed', (type, message, error) => {
      this.fail(type, message, error);
    });
    hostedRoute.on('webrtcError', (error) => this.emit('webrtcError', error));
    return hostedRoute;
  }

  /** Takes the direct route after all, unless only relays may be used. */
  #fallBack(reason: string): void {
    if (this.#context.relayedOnly) {
      this.fail('negotiation-failed', `${reason} ${RELAYED_ONLY}`);
      return;
    }
    this.#postRoute('direct', reason);
    this.#goDirect();
  }

  #postRoute(route: CallRoute, reason: string): void {
    this.#reporter.post({ type: 'call.route', route, reason });
  }

  #goDirect(): void {
    this.#hostedRoute?.close();
    this.#hostedRoute = undefined;
    this.#stage = 'direct';
    for (const candidate of this.#queuedCandidates.splice(0)) this.handleCandidate(candidate);
    this.#updateQueuedBytes();
  }

  #establish(): void {
    if (this.#deadline.hasEnded) return;
    this.#deadline.end();
    this.emit('established');
  }

  #enqueue<Item>(list: Item[], most: number, item: Item): void {
    const bytes = bytesOf(item);
    if (list.length >= most || this.#queuedBytes.bytes + bytes > MAX_QUEUED_BYTES) return;
    if (this.#queuedBytes.refusal(bytes) !== undefined) return;
    list.push(item);
    this.#queuedBytes.bytes += bytes;
  }

  #updateQueuedBytes(): void {
    if (this.#stage === 'closed') return;
    this.#queuedBytes.bytes = bytesOf(this.#offer) + bytesOf(this.#queuedCandidates) + bytesOf(this.#sentForOffer);
  }

  #signalRemote(signal: ClientMessage): void {
    if (this.#stage === 'closed') return;
    const refusal = this.#context.send(signal);
    if (refusal !== undefined) this.fail('limit-reached', refusal);
  }

  #signalPage(message: SignalMessage): void {
    this.#reporter.post({ type: 'call.signal', from: 'remote', message });
  }
}

function bringsVideo({ sdp = '' }: RTCSessionDescriptionInit): boolean {
  const videos = mediaSections(sdp).filter((section) => section.startsWith('m=video'));
  return videos.some((section) => !/^a=(?:recvonly|inactive)\r?$/m.test(section));
}

function notEstablished(remotePeerId: string): string {
  return (
    `The call with peer ${remotePeerId} was not connected within ${ESTABLISHMENT_TIMEOUT_MS / 1000} seconds of its answer. ` +
    'The two networks may need a TURN server between them (`config.iceServers`).'
  );
}
