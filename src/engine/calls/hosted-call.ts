// One call in the host, whichever way its media take: hosted, or direct, where the connection to the remote peer is in the
// page and here only its signalling passes. A hosted call that finds no way to the page takes the direct route, before the
// remote peer has heard of it.
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

/** Candidates that a caller may send before the call is answered. */
const MAX_HELD_CANDIDATES = 256;
/** What is kept of a direct call's offer to be sent again: the offer and its candidates. */
const MAX_KEPT_FOR_OFFER = 64;
/** Bytes of both, and of the remote peer's offer: a candidate has some hundred, an offer some ten thousand. */
const MAX_HELD_BYTES = 1024 * 1024;

const CHOSEN = 'The user has chosen it.';
const NO_FORWARDING = 'This browser forwards no encoded media.';
const RELAYED_ONLY = 'The user lets this browser connect through relays only, which no other route can promise.';

export interface CallDescription {
  connectionKey: number;
  connectionId: string;
  remotePeerId: string;
  metadata?: unknown;
}

export interface CallContext extends HostedRouteContext {
  /** Where nobody chose one. */
  defaultRoute: CallRoute;
  /** The user's choice for the origin; it stands above the page's. */
  forcedRoute: CallRoute | undefined;
  /** True: the page's own connection is out of the question, because nothing can hold it to relays. */
  relayedOnly: boolean;
  /** What waits here counts towards it. */
  quota: Pick<Quota, 'heldBytes' | 'heldRefusal'>;
}

type Stage = 'unanswered' | 'linking' | 'hosted' | 'direct' | 'closed';

export class HostedCall extends EventEmitter<ConnectionEvents> {
  readonly description: CallDescription;
  readonly #context: CallContext;
  /** Of a remote caller. */
  readonly #offer: RTCSessionDescriptionInit | undefined;
  #stage: Stage = 'unanswered';
  #hostedRoute: HostedRoute | undefined;
  #sent: OutgoingMedia | undefined;
  /** Of the remote peer, while the page may still take the direct route. */
  #heldCandidates: RTCIceCandidateInit[] = [];
  /** Of a direct call, while nobody has answered its offer. */
  #sentForOffer: ClientMessage[] = [];
  /** By the remote peer, whose first answer is the one that counts. */
  #isAnswered = false;
  /** Of the remote peer's offer and what is kept of candidates and offers. */
  readonly #heldBytes: HeldBytes;
  /** Runs from the answer on. */
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isEstablished = false;

  /** `offer`: the remote peer's, if it is the one that calls. */
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
    this.#take(request);
  }

  /** The page answers the remote peer's call. */
  answer(request: CallAnswer): void {
    if (!this.#offer || this.#stage !== 'unanswered') return;
    this.#startDeadline();
    this.#take(request);
  }

  handleAnswer(answer: RTCSessionDescriptionInit): void {
    if (!this.isOffering) return;
    this.#isAnswered = true;
    this.#sentForOffer = [];
    this.#countHeld();
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
    const isHeld = this.#stage === 'unanswered' || this.#stage === 'linking';
    if (isHeld) this.#hold(this.#heldCandidates, MAX_HELD_CANDIDATES, candidate);
  }

  /** The page signals: to the remote peer where it has the connection, over the link where the host has it. */
  handlePageSignal(to: 'remote' | 'link', message: SignalMessage): void {
    if (to === 'link') {
      this.#hostedRoute?.handleLinkSignal(message);
      return;
    }
    if (this.#stage !== 'direct') return;
    const { connectionId, remotePeerId, metadata } = this.description;
    // Whatever else it says, it speaks for this call only.
    if (message.payload.connectionId !== connectionId || message.payload.type !== 'media') return;
    const payload = message.type === 'OFFER' ? { ...message.payload, metadata } : message.payload;
    const signal = { type: message.type, payload, dst: remotePeerId };
    const isOfOffer = !this.#offer && !this.#isAnswered;
    if (isOfOffer) this.#hold(this.#sentForOffer, MAX_KEPT_FOR_OFFER, signal);
    this.#signalRemote(signal);
    // How it goes on is known in the page alone.
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

  /** Of the hosted connection; a direct call's page asks its own. */
  async getStats(): Promise<[string, unknown][]> {
    return (await this.#hostedRoute?.getStats()) ?? [];
  }

  /** What the live view says of the call; `isAnswered`: by whom it was made to. */
  liveFacts(): { kind: LiveKind; route: CallRoute; isAnswered: boolean } {
    const tracks = this.#sent?.tracks ?? [];
    const hasVideo = tracks.some(({ kind }) => kind === 'video') || (this.#offer && bringsVideo(this.#offer));
    return {
      kind: tracks.some(({ shows }) => shows !== undefined) ? 'screen' : hasVideo ? 'video' : 'voice',
      route: this.#stage === 'direct' ? 'direct' : 'hosted',
      isAnswered: this.#offer ? this.#stage !== 'unanswered' : this.#isAnswered,
    };
  }

  /** Tells the page and ends the call. `error`: the native failure behind it, which the Peer tells after the call has. */
  fail(type: ConnectionErrorType, message: string, error?: unknown): void {
    if (this.#stage === 'closed') return;
    const { connectionKey } = this.description;
    this.#context.outbox.post({ type: 'connection.error', connectionKey, error: { type, message } });
    if (error !== undefined) this.emit('webrtcError', error);
    this.close();
  }

  /** Idempotent; tells the page once, which knows already where it asked for it. */
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

  #take(request: CallCreate | CallAnswer): void {
    this.#sent = request.stream;
    const { forcedRoute, defaultRoute, relayedOnly } = this.#context;
    const route = relayedOnly ? 'hosted' : (forcedRoute ?? request.route ?? defaultRoute);
    // What the page has begun by itself: its own wish, or what it takes for the default.
    const begun = request.route ?? 'hosted';
    if (route !== begun) this.#tellRoute(route, relayedOnly ? RELAYED_ONLY : forcedRoute ? CHOSEN : NO_FORWARDING);
    if (route === 'direct') this.#goDirect();
    else this.#host(request);
  }

  #host(request: CallCreate | CallAnswer): void {
    this.#stage = 'linking';
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
          this.#heldCandidates = [];
          this.#countHeld();
        },
        onConnected: () => {
          this.#establish();
        },
        onUnlinkable: (reason) => {
          if (this.#context.relayedOnly) {
            this.fail('negotiation-failed', `${reason} ${RELAYED_ONLY}`);
            return;
          }
          this.#tellRoute('direct', reason);
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
    const early = [...this.#heldCandidates];
    hostedRoute.start();
    for (const candidate of early) hostedRoute.handleCandidate(candidate);
  }

  #tellRoute(route: CallRoute, reason: string): void {
    this.#context.outbox.post({ type: 'call.route', connectionKey: this.description.connectionKey, route, reason });
  }

  #goDirect(): void {
    this.#hostedRoute?.close();
    this.#hostedRoute = undefined;
    this.#stage = 'direct';
    for (const candidate of this.#heldCandidates.splice(0)) this.handleCandidate(candidate);
    this.#countHeld();
  }

  /** A call may ring, and no more: once it is answered, the two browsers find each other soon or not at all. */
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

  #hold<Item>(list: Item[], most: number, item: Item): void {
    const bytes = bytesOf(item);
    if (list.length >= most || this.#heldBytes.bytes + bytes > MAX_HELD_BYTES) return;
    if (this.#heldBytes.refusal(bytes) !== undefined) return;
    list.push(item);
    this.#heldBytes.bytes += bytes;
  }

  #countHeld(): void {
    if (this.#stage === 'closed') return;
    this.#heldBytes.bytes = bytesOf(this.#offer) + bytesOf(this.#heldCandidates) + bytesOf(this.#sentForOffer);
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
    'Perhaps there is no way between the two networks without a TURN server (`config.iceServers`).'
  );
}
