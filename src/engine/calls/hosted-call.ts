// One call in the host, on either route. On the hosted route the media pass through the host (hosted-route.ts). On the
// direct route the connection to the remote peer is in the page, and the host passes only its signals. A hosted call
// without a working page leg takes the direct route, before the remote peer has heard of the call. The caller must
// register the call and pass in the remote peer's signals.
import { EventEmitter } from 'eventemitter3';
import type { ConnectionErrorType } from '../../protocol/errors';
import { bytesOf, HeldBytes } from '../policy/held-bytes';
import type { LiveKind } from '../../protocol/live-messages';
import type { CallAnswer, CallCreate, CallRoute, OutgoingMedia } from '../../protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../protocol/signalling';
import { HostedRoute, type HostedRouteContext } from './hosted-route';
import type { ConnectionEvents } from '../connection/connection-events';
import { mediaSections } from './call-sdp';
import type { Quota } from '../policy/quotas';
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
  /** The route if neither user nor page chose one. */
  defaultRoute: CallRoute;
  /** The user's choice for the origin; overrides the page's. */
  forcedRoute: CallRoute | undefined;
  /** Rules out the direct route, because nothing can hold the page's own connection to relays. */
  relayedOnly: boolean;
  /** Counts what the call queues. */
  quota: Pick<Quota, 'heldBytes' | 'heldRefusal'>;
}

type Stage = 'unanswered' | 'connecting' | 'hosted' | 'direct' | 'closed';

export class HostedCall extends EventEmitter<ConnectionEvents> {
  readonly description: CallDescription;
  readonly #context: CallContext;
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
  readonly #heldBytes: HeldBytes;
  /** Runs from the answer until the call is connected. */
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isEstablished = false;

  /** `offer`: the remote peer's offer of an incoming call. */
  constructor(description: CallDescription, context: CallContext, offer?: RTCSessionDescriptionInit) {
    super();
    this.description = description;
    this.#context = context;
    this.#offer = offer;
    this.#heldBytes = new HeldBytes(context.quota);
    this.#heldBytes.bytes = bytesOf(offer);
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
    this.#startDeadline();
    this.#chooseRoute(request);
  }

  handleAnswer(answer: RTCSessionDescriptionInit): void {
    if (!this.isOffering) return;
    this.#isAnswered = true;
    this.#sentForOffer = [];
    this.#updateHeldBytes();
    this.#startDeadline();
    this.#context.outbox.post({ type: 'call.accepted', connectionKey: this.description.connectionKey });
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
  handlePageSignal(to: 'remote' | 'link', message: SignalMessage): void {
    if (to === 'link') {
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

  handleTransformedSdp(sdp: string): void {
    this.#hostedRoute?.handleTransformedSdp(sdp);
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
    const { connectionKey } = this.description;
    this.#context.outbox.post({ type: 'connection.error', connectionKey, error: { type, message } });
    this.emit('failed', type);
    if (error !== undefined) this.emit('webrtcError', error);
    this.close();
  }

  /** Idempotent. Posts `connection.closed` once, even if the page asked for it. */
  close(): void {
    if (this.#stage === 'closed') return;
    this.#stage = 'closed';
    clearTimeout(this.#deadline);
    this.#hostedRoute?.close();
    this.#heldBytes.bytes = 0;
    this.#context.outbox.post({ type: 'connection.closed', connectionKey: this.description.connectionKey });
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
    const { connectionKey, connectionId, remotePeerId, metadata } = this.description;
    const hostedRoute = (this.#hostedRoute = new HostedRoute(
      {
        connectionKey,
        connectionId,
        remotePeerId,
        metadata,
        request,
        offer: this.#offer,
        onCommitted: () => {
          this.#stage = 'hosted';
          this.#queuedCandidates = [];
          this.#updateHeldBytes();
        },
        onConnected: () => {
          this.#establish();
        },
        onNoPageLeg: (reason) => {
          if (this.#context.relayedOnly) {
            this.fail('negotiation-failed', `${reason} ${RELAYED_ONLY}`);
            return;
          }
          this.#postRoute('direct', reason);
          this.#goDirect();
        },
        onClosed: () => {
          this.close();
        },
        onFailed: (message, { type = 'negotiation-failed', error } = {}) => {
          this.fail(type, message, error);
        },
        onError: (error) => this.emit('webrtcError', error),
      },
      this.#context,
    ));
    const early = [...this.#queuedCandidates];
    hostedRoute.start();
    for (const candidate of early) hostedRoute.handleCandidate(candidate);
  }

  #postRoute(route: CallRoute, reason: string): void {
    this.#context.outbox.post({ type: 'call.route', connectionKey: this.description.connectionKey, route, reason });
  }

  #goDirect(): void {
    this.#hostedRoute?.close();
    this.#hostedRoute = undefined;
    this.#stage = 'direct';
    for (const candidate of this.#queuedCandidates.splice(0)) this.handleCandidate(candidate);
    this.#updateHeldBytes();
  }

  /** Ringing has no deadline. An answered call must connect soon, or it never will. */
  #startDeadline(): void {
    this.#deadline = setTimeout(() => {
      this.fail('negotiation-failed', notEstablished(this.description.remotePeerId));
    }, ESTABLISHMENT_TIMEOUT_MS);
  }

  #establish(): void {
    clearTimeout(this.#deadline);
    if (this.#isEstablished) return;
    this.#isEstablished = true;
    this.emit('established');
  }

  #enqueue<Item>(list: Item[], most: number, item: Item): void {
    const bytes = bytesOf(item);
    if (list.length >= most || this.#heldBytes.bytes + bytes > MAX_QUEUED_BYTES) return;
    if (this.#heldBytes.refusal(bytes) !== undefined) return;
    list.push(item);
    this.#heldBytes.bytes += bytes;
  }

  #updateHeldBytes(): void {
    if (this.#stage === 'closed') return;
    this.#heldBytes.bytes = bytesOf(this.#offer) + bytesOf(this.#queuedCandidates) + bytesOf(this.#sentForOffer);
  }

  #signalRemote(signal: ClientMessage): void {
    if (this.#stage === 'closed') return;
    const refusal = this.#context.send(signal);
    if (refusal !== undefined) this.fail('limit-reached', refusal);
  }

  #signalPage(message: SignalMessage): void {
    const { connectionKey } = this.description;
    this.#context.outbox.post({ type: 'call.signal', connectionKey, from: 'remote', message });
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
