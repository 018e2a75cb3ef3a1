// One call in the host, whichever way its media take. On the hosted route the RTCPeerConnection to the remote peer is
// here, joined to the page by a local link; on the direct route it is in the page, and here only its signalling passes.
// A hosted call whose local link does not connect takes the direct route, before the remote peer has heard of it.
import { EventEmitter } from 'eventemitter3';
import type { ConnectionErrorType } from '../protocol/errors';
import type {
  CallAnswer,
  CallCreate,
  CallRoute,
  OutgoingMedia,
  PortableConfiguration,
} from '../protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../protocol/signalling';
import { describeChannel } from './data-channel-info';
import { LocalLink } from './local-link';
import { MediaBridge } from './media-bridge';
import type { MediaWays } from './media-ways';
import type { Outbox } from './outbox';
import { RemoteLeg } from './remote-leg';
import { StateMirror } from './state-mirror';

/** The local link takes some ten milliseconds; where it takes this long it will not come (a policy, a firewall). */
const LINK_TIMEOUT_MS = 3_000;
/** Candidates that a caller may send before the call is answered. */
const MAX_HELD_CANDIDATES = 256;
/** What is kept of a direct call's offer to be sent again: the offer and its candidates. */
const MAX_KEPT_FOR_OFFER = 64;

export interface CallDescription {
  connectionKey: number;
  connectionId: string;
  remotePeerId: string;
  metadata?: unknown;
}

export interface CallContext {
  outbox: Outbox;
  send: (message: ClientMessage) => void;
  /** For the two legs of a hosted call. */
  ways: MediaWays;
  config: PortableConfiguration;
  /** Where nobody chose one. */
  defaultRoute: CallRoute;
  /** The user's choice for the origin; it stands above the page's. */
  forcedRoute: CallRoute | undefined;
}

interface CallEvents {
  /** Gone for good, whoever ended it. Told once. */
  closed: () => void;
  /** A native failure, for the Peer's `webrtc` error. */
  webrtcError: (error: unknown) => void;
}

type Stage = 'unanswered' | 'linking' | 'hosted' | 'direct' | 'closed';

export class HostedCall extends EventEmitter<CallEvents> {
  readonly description: CallDescription;
  readonly #context: CallContext;
  /** Of a remote caller. */
  readonly #offer: RTCSessionDescriptionInit | undefined;
  #stage: Stage = 'unanswered';
  #link: LocalLink | undefined;
  #linkTimer: ReturnType<typeof setTimeout> | undefined;
  /** What waits for the link. */
  #onLinked: (() => void) | undefined;
  #leg: RemoteLeg | undefined;
  #bridge: MediaBridge | undefined;
  #mirror: StateMirror | undefined;
  #auxiliaryChannel: RTCDataChannel | undefined;
  /** Of the remote peer, while the page may still take the direct route. */
  #heldCandidates: RTCIceCandidateInit[] = [];
  /** What the remote leg has to say, while the link has yet to show that it works. */
  #heldSignals: ClientMessage[] = [];
  /** Of a direct call, while nobody has answered its offer. */
  #sentForOffer: ClientMessage[] = [];
  /** By the remote peer, whose first answer is the one that counts. */
  #isAnswered = false;
  #sdpAnswer: ((sdp: string) => void) | undefined;

  /** `offer`: the remote peer's, if it is the one that calls. */
  constructor(description: CallDescription, context: CallContext, offer?: RTCSessionDescriptionInit) {
    super();
    this.description = description;
    this.#context = context;
    this.#offer = offer;
  }

  get isOffering(): boolean {
    if (this.#offer || this.#isAnswered || this.#stage === 'closed') return false;
    if (this.#stage === 'direct') return this.#sentForOffer.length > 0;
    return this.#stage === 'hosted' && (this.#leg?.isOffering ?? false);
  }

  /** The page calls. */
  call({ route, stream, constraints, transformsSdp }: CallCreate): void {
    this.#take(route, stream, transformsSdp, (leg) => leg.offer(constraints));
  }

  /** The page answers the remote peer's call. */
  answer({ route, stream, transformsSdp }: CallAnswer): void {
    const offer = this.#offer;
    if (!offer || this.#stage !== 'unanswered') return;
    this.#take(route, stream, transformsSdp, (leg) => leg.answer(offer));
  }

  handleAnswer(answer: RTCSessionDescriptionInit): void {
    if (!this.isOffering) return;
    this.#isAnswered = true;
    this.#sentForOffer = [];
    this.#context.outbox.post({ type: 'call.accepted', connectionKey: this.description.connectionKey });
    if (this.#stage === 'direct') this.#signalPage('remote', { type: 'ANSWER', payload: { sdp: answer } });
    else void this.#leg?.handleAnswer(answer);
  }

  handleCandidate(candidate: RTCIceCandidateInit): void {
    if (this.#stage === 'direct') {
      this.#signalPage('remote', { type: 'CANDIDATE', payload: { candidate } });
      return;
    }
    void this.#leg?.handleCandidate(candidate);
    const isHeld = this.#stage === 'unanswered' || this.#stage === 'linking';
    if (isHeld && this.#heldCandidates.length < MAX_HELD_CANDIDATES) this.#heldCandidates.push(candidate);
  }

  /** The page signals: to the remote peer where it has the connection, over the link where the host has it. */
  handlePageSignal(to: 'remote' | 'link', message: SignalMessage): void {
    if (to === 'link') {
      void this.#link?.handleSignal(message);
      return;
    }
    if (this.#stage !== 'direct') return;
    const { connectionId, remotePeerId, metadata } = this.description;
    // Whatever else it says, it speaks for this call only.
    if (message.payload.connectionId !== connectionId || message.payload.type !== 'media') return;
    const payload = message.type === 'OFFER' ? { ...message.payload, metadata } : message.payload;
    const signal = { type: message.type, payload, dst: remotePeerId };
    const isOfOffer = !this.#offer && !this.#isAnswered;
    if (isOfOffer && this.#sentForOffer.length < MAX_KEPT_FOR_OFFER) this.#sentForOffer.push(signal);
    this.#context.send(signal);
  }

  handleTransformedSdp(sdp: string): void {
    this.#sdpAnswer?.(sdp);
    this.#sdpAnswer = undefined;
  }

  repeatOffer(): void {
    if (!this.isOffering) return;
    this.#leg?.repeatOffer();
    for (const message of this.#sentForOffer) this.#context.send(message);
  }

  /** Of the remote leg; a direct call's page asks its own connection. */
  async getStats(): Promise<[string, unknown][]> {
    if (!this.#leg) return [];
    return Array.from((await this.#leg.peerConnection.getStats()) as unknown as Map<string, unknown>);
  }

  /** Says `error` to the page and ends the call. */
  fail(type: ConnectionErrorType, message: string): void {
    if (this.#stage === 'closed') return;
    const { connectionKey } = this.description;
    this.#context.outbox.post({ type: 'connection.error', connectionKey, error: { type, message } });
    this.close();
  }

  /** Idempotent; tells the page once, which knows already where it asked for it. */
  close(): void {
    if (this.#stage === 'closed') return;
    this.#stage = 'closed';
    this.#endHosting();
    this.#context.outbox.post({ type: 'connection.closed', connectionKey: this.description.connectionKey });
    this.emit('closed');
    this.removeAllListeners();
  }

  #take(
    wish: CallRoute | undefined,
    stream: OutgoingMedia | undefined,
    transformsSdp: boolean,
    begin: (leg: RemoteLeg) => Promise<void>,
  ): void {
    const { forcedRoute, defaultRoute } = this.#context;
    const route = forcedRoute ?? wish ?? defaultRoute;
    // What the page has begun by itself: its own wish, or what it takes for the default.
    const begun = wish ?? 'hosted';
    const reason = forcedRoute ? 'The user has chosen it.' : 'This browser forwards no encoded media.';
    if (route !== begun) this.#tellRoute(route, reason);
    if (route === 'direct') this.#goDirect();
    else this.#host(stream, transformsSdp, begin);
  }

  /**
   * Makes the link, and meanwhile the leg of a call to a remote peer, who hears nothing of it before the link works. A
   * leg that answers has to wait: it would knock at the remote peer's door as soon as it has the offer, and whoever answers
   * in its place would find the door taken (Chromium keeps the first ClientHello that comes before the answer).
   */
  #host(stream: OutgoingMedia | undefined, transformsSdp: boolean, begin: (leg: RemoteLeg) => Promise<void>): void {
    this.#stage = 'linking';
    try {
      this.#link = this.#createLink();
    } catch (error) {
      // Browsers make so many connections in one document, and no more.
      this.#handleLinkError(error);
      return;
    }
    this.#linkTimer = setTimeout(() => {
      this.#fallBack('The link between page and extension did not connect in time.');
    }, LINK_TIMEOUT_MS);
    this.#link.connect();
    if (this.#offer) this.#onLinked = () => this.#beginLeg(stream, transformsSdp, begin);
    else this.#beginLeg(stream, transformsSdp, begin);
  }

  #createLink(): LocalLink {
    return new LocalLink({
      connectionId: this.description.connectionId,
      peerConnection: this.#context.ways.createPeerConnection({}),
      send: (message) => {
        this.#signalPage('link', message);
      },
      onConnected: () => {
        this.#handleLinkConnected();
      },
      onClosed: () => {
        this.close();
      },
      onError: (error) => {
        this.#handleLinkError(error);
      },
    });
  }

  #handleLinkConnected(): void {
    if (this.#stage !== 'linking') return;
    clearTimeout(this.#linkTimer);
    this.#stage = 'hosted';
    this.#onLinked?.();
    this.#heldCandidates = [];
    for (const signal of this.#heldSignals.splice(0)) this.#context.send(signal);
  }

  /** Before the remote peer has heard of the call nothing is lost by another route; after that, the call is. */
  #handleLinkError(error: unknown): void {
    if (this.#stage === 'linking') this.#fallBack(`The link between page and extension failed: ${String(error)}`);
    else this.fail('negotiation-failed', `The link between page and extension failed: ${String(error)}`);
  }

  #fallBack(reason: string): void {
    if (this.#stage !== 'linking') return;
    this.#tellRoute('direct', reason);
    this.#goDirect();
  }

  #tellRoute(route: CallRoute, reason: string): void {
    this.#context.outbox.post({ type: 'call.route', connectionKey: this.description.connectionKey, route, reason });
  }

  #goDirect(): void {
    this.#endHosting();
    this.#stage = 'direct';
    for (const candidate of this.#heldCandidates.splice(0)) this.handleCandidate(candidate);
  }

  #beginLeg(stream: OutgoingMedia | undefined, transformsSdp: boolean, begin: (leg: RemoteLeg) => Promise<void>): void {
    let leg: RemoteLeg;
    try {
      leg = this.#createLeg(stream, transformsSdp);
    } catch (error) {
      this.#failToHost(error);
      return;
    }
    this.#leg = leg;
    this.#bridge = new MediaBridge(leg, this.#context.ways, (wish) => {
      this.#context.outbox.post({ type: 'call.sending', connectionKey: this.description.connectionKey, ...wish });
    });
    leg.peerConnection.addEventListener('connectionstatechange', () => {
      if (leg.peerConnection.connectionState === 'connected') this.#bridge?.handleRemoteConnected();
    });
    begin(leg).catch((error: unknown) => {
      if (this.#leg === leg) this.#failToHost(error);
    });
    for (const candidate of this.#heldCandidates) void leg.handleCandidate(candidate);
  }

  #failToHost(error: unknown): void {
    if (this.#stage === 'closed') return;
    this.emit('webrtcError', error);
    this.fail('negotiation-failed', String(error));
  }

  #createLeg(stream: OutgoingMedia | undefined, transformsSdp: boolean): RemoteLeg {
    const { outbox, ways, config } = this.#context;
    const { connectionKey, connectionId, remotePeerId, metadata } = this.description;
    const peerConnection = ways.createPeerConnection(config as RTCConfiguration);
    this.#mirror = new StateMirror(
      peerConnection,
      (state, iceStateChanged) => {
        outbox.post({ type: 'connection.state', connectionKey, state, iceStateChanged });
      },
      // PeerJS closes a call whose negotiation failed; the page emits what belongs to that.
      () => {
        this.close();
      },
    );
    return new RemoteLeg({
      connectionId,
      metadata,
      stream,
      peerConnection,
      ways,
      send: (message) => {
        const signal = { ...message, dst: remotePeerId };
        if (this.#stage === 'linking') this.#heldSignals.push(signal);
        else this.#context.send(signal);
      },
      transformSdp: transformsSdp ? (sdp) => this.#askForSdp(sdp) : undefined,
      onNegotiated: () => {
        if (this.#link) void this.#bridge?.join(this.#link);
      },
      onDataChannel: (channel) => {
        this.#adopt(channel);
      },
      onError: (error) => this.emit('webrtcError', error),
    });
  }

  /** Carries nothing; its end is the remote's hang-up. */
  #adopt(channel: RTCDataChannel): void {
    if (this.#auxiliaryChannel) {
      // There is one; any other is none of this call's.
      channel.close();
      return;
    }
    this.#auxiliaryChannel = channel;
    const { connectionKey } = this.description;
    channel.onopen = () => {
      const dataChannel = describeChannel(channel, this.#leg?.peerConnection);
      this.#context.outbox.post({ type: 'connection.open', connectionKey, dataChannel });
    };
    channel.onclose = () => {
      this.close();
    };
  }

  #endHosting(): void {
    clearTimeout(this.#linkTimer);
    this.#mirror?.close();
    this.#bridge?.close();
    if (this.#auxiliaryChannel) this.#auxiliaryChannel.onopen = this.#auxiliaryChannel.onclose = null;
    this.#leg?.close();
    this.#link?.close();
    this.#leg = this.#link = this.#bridge = this.#mirror = this.#auxiliaryChannel = undefined;
    this.#heldSignals = [];
  }

  #signalPage(from: 'remote' | 'link', message: SignalMessage): void {
    this.#context.outbox.post({ type: 'call.signal', connectionKey: this.description.connectionKey, from, message });
  }

  #askForSdp(sdp: string): Promise<string> {
    this.#context.outbox.post({ type: 'connection.sdp', connectionKey: this.description.connectionKey, sdp });
    return new Promise((resolve) => {
      this.#sdpAnswer = resolve;
    });
  }
}
