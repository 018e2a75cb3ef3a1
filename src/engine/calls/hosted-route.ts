// The hosted route of one call: the RTCPeerConnection to the remote peer, the local link to the page, and the bridge that
// carries media from one to the other. The first link of a document is on trial: the remote peer hears nothing of the call
// before it connects, so that the call can still take another route. Whatever fails later ends the call.
import { messageOf, type ConnectionErrorType } from '../../protocol/errors';
import type { CallAnswer, CallCreate } from '../../protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../protocol/signalling';
import { describeChannel } from '../connection/data-channel-info';
import { PageLeg } from './page-leg';
import { MediaBridge } from './media-bridge';
import type { MediaPaths } from './media-paths';
import type { PageOutbox } from '../connection/page-outbox';
import { RemoteLeg } from './remote-leg';
import { StateMirror } from '../connection/state-mirror';

/** The local link takes some ten milliseconds; where it takes this long it will not come (a policy, a firewall). */
const LINK_TIMEOUT_MS = 3_000;
/** A link that need not be waited for has more time on a busy machine: where it does not come, the call ends. */
const PROVEN_LINK_TIMEOUT_MS = 20_000;

/** What the links of one document have shown. */
export interface LinkRecord {
  /** One has connected, and none has failed since: another will, so nobody need wait for it. */
  isProven: boolean;
}

export interface HostedRouteContext {
  outbox: PageOutbox;
  /** To the remote peer. Returns why the message cannot be sent, in a sentence; undefined: it is, or will be. */
  send: (message: ClientMessage) => string | undefined;
  paths: MediaPaths;
  /** Of the leg. Throws where the user wants what cannot be had. */
  config: () => RTCConfiguration;
  links: LinkRecord;
}

export interface HostedRouteOptions {
  connectionKey: number;
  connectionId: string;
  remotePeerId: string;
  metadata: unknown;
  /** What the page asked for. */
  request: CallCreate | CallAnswer;
  /** The remote peer's, if it is the one that calls. */
  offer: RTCSessionDescriptionInit | undefined;
  /** The link has connected, or need not be waited for: from now on the remote peer hears of the call. */
  onCommitted: () => void;
  /** There is no link, and the remote peer has heard of nothing. */
  onUnlinkable: (reason: string) => void;
  /** Media can go to the remote peer and come from it. */
  onConnected: () => void;
  /** The page or the remote peer has hung up, or is gone. */
  onClosed: () => void;
  /** `error`: the native failure that is the reason, for the Peer's `webrtc` error. */
  onFailed: (message: string, reason?: { type?: ConnectionErrorType; error?: unknown }) => void;
  /** A native failure, for the Peer's `webrtc` error. */
  onError: (error: unknown) => void;
}

export class HostedRoute {
  readonly #options: HostedRouteOptions;
  readonly #context: HostedRouteContext;
  #isOnTrial: boolean;
  #pageLeg: PageLeg | undefined;
  #linkTimer: ReturnType<typeof setTimeout> | undefined;
  #leg: RemoteLeg | undefined;
  #bridge: MediaBridge | undefined;
  #mirror: StateMirror | undefined;
  #auxiliaryChannel: RTCDataChannel | undefined;
  /** What the leg has to say, while the link is on trial. */
  #heldSignals: ClientMessage[] = [];
  #sdpAnswer: ((sdp: string) => void) | undefined;

  constructor(options: HostedRouteOptions, context: HostedRouteContext) {
    this.#options = options;
    this.#context = context;
    this.#isOnTrial = !context.links.isProven;
  }

  get isOffering(): boolean {
    return !this.#isOnTrial && (this.#leg?.isOffering ?? false);
  }

  /**
   * Makes leg and link at the same time. On trial, a leg that answers has to wait: it would knock at the remote peer's door
   * as soon as it has the offer, and whoever answered in its place would find the door taken (Chromium keeps the first
   * ClientHello that comes before the answer).
   */
  start(): void {
    try {
      this.#pageLeg = this.#createPageLeg();
    } catch (error) {
      // Browsers make so many connections in one document, and no more.
      this.#handleLinkError(error);
      return;
    }
    this.#linkTimer = setTimeout(
      () => {
        this.#handleLinkError('It did not connect in time.');
      },
      this.#isOnTrial ? LINK_TIMEOUT_MS : PROVEN_LINK_TIMEOUT_MS,
    );
    if (!this.#createLeg()) return;
    if (!this.#isOnTrial) this.#options.onCommitted();
    if (!this.#isOnTrial || !this.#options.offer) this.#begin();
    else this.#connectLink();
  }

  /** A leg that answers at once has agreed on everything when it has: then the link's first offer brings it all. */
  #connectLink(): void {
    if (!this.#pageLeg || !this.#leg) return;
    const sections = this.#pageLeg.connect(this.#leg.expected(this.#options.offer));
    this.#bridge?.expect(sections);
  }

  handleAnswer(answer: RTCSessionDescriptionInit): void {
    void this.#leg?.handleAnswer(answer);
  }

  handleCandidate(candidate: RTCIceCandidateInit): void {
    void this.#leg?.handleCandidate(candidate);
  }

  handleLinkSignal(message: SignalMessage): void {
    void this.#pageLeg?.handleSignal(message);
  }

  handleTransformedSdp(sdp: string): void {
    this.#sdpAnswer?.(sdp);
    this.#sdpAnswer = undefined;
  }

  repeatOffer(): void {
    this.#leg?.repeatOffer();
  }

  /** Of the leg. */
  async getStats(): Promise<[string, unknown][]> {
    if (!this.#leg) return [];
    return Array.from((await this.#leg.peerConnection.getStats()) as unknown as Map<string, unknown>);
  }

  /** Tells nobody. Idempotent. */
  close(): void {
    clearTimeout(this.#linkTimer);
    this.#mirror?.close();
    this.#bridge?.close();
    if (this.#auxiliaryChannel) this.#auxiliaryChannel.onopen = this.#auxiliaryChannel.onclose = null;
    this.#leg?.close();
    this.#pageLeg?.close();
    this.#leg = this.#pageLeg = this.#bridge = this.#mirror = this.#auxiliaryChannel = undefined;
    this.#heldSignals = [];
  }

  #createPageLeg(): PageLeg {
    return new PageLeg({
      connectionId: this.#options.connectionId,
      // One way for everything: no other is looked for until the page has answered.
      peerConnection: this.#context.paths.createPeerConnection({ bundlePolicy: 'max-bundle' }),
      send: (message) => {
        const { connectionKey } = this.#options;
        this.#context.outbox.post({ type: 'call.signal', connectionKey, from: 'link', message });
      },
      onConnected: () => {
        this.#handleLinkConnected();
      },
      onClosed: this.#options.onClosed,
      onError: (error) => {
        this.#handleLinkError(error);
      },
    });
  }

  #handleLinkConnected(): void {
    clearTimeout(this.#linkTimer);
    this.#context.links.isProven = true;
    if (!this.#isOnTrial) return;
    this.#isOnTrial = false;
    this.#options.onCommitted();
    if (this.#options.offer) this.#begin();
    for (const signal of this.#heldSignals.splice(0)) this.#signalRemote(signal);
  }

  #handleLinkError(error: unknown): void {
    this.#context.links.isProven = false;
    const reason = `The link between page and extension failed: ${String(error)}`;
    if (this.#isOnTrial) this.#options.onUnlinkable(reason);
    else this.#options.onFailed(reason);
  }

  /** False where there is none: the call has failed. */
  #createLeg(): boolean {
    const { outbox, paths, config } = this.#context;
    const { connectionKey, connectionId, metadata, request } = this.#options;
    let peerConnection: RTCPeerConnection;
    try {
      peerConnection = paths.createPeerConnection({ bundlePolicy: 'max-bundle', ...config() });
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#mirror = new StateMirror(
      peerConnection,
      (state, iceStateChanged) => {
        outbox.post({ type: 'connection.state', connectionKey, state, iceStateChanged });
      },
      // PeerJS closes a call whose negotiation failed; the page emits what belongs to that.
      this.#options.onClosed,
    );
    const leg = new RemoteLeg({
      connectionId,
      metadata,
      stream: request.stream,
      peerConnection,
      paths,
      send: (message) => {
        this.#signalRemote({ ...message, dst: this.#options.remotePeerId });
      },
      transformSdp: request.transformsSdp ? (sdp) => this.#askForSdp(sdp) : undefined,
      onNegotiated: () => {
        if (this.#pageLeg) void this.#bridge?.join(this.#pageLeg);
      },
      onDataChannel: (channel) => {
        this.#adopt(channel);
      },
      onError: this.#options.onError,
      onFailed: (error) => {
        this.#options.onFailed(`The call cannot be negotiated: ${messageOf(error)}`, { error });
      },
    });
    this.#leg = leg;
    this.#bridge = new MediaBridge(leg, paths, (wish) => {
      outbox.post({ type: 'call.sending', connectionKey, ...wish });
    });
    peerConnection.addEventListener('connectionstatechange', () => {
      if (peerConnection.connectionState !== 'connected') return;
      this.#options.onConnected();
      this.#bridge?.handleRemoteConnected();
    });
    return true;
  }

  #begin(): void {
    const leg = this.#leg;
    if (!leg) return;
    const { offer, request } = this.#options;
    const constraints = request.type === 'call.create' ? request.constraints : undefined;
    const beginning = offer ? leg.answer(offer) : leg.offer(constraints).then(() => this.#connectLink());
    beginning.catch((error: unknown) => {
      if (this.#leg === leg) this.#fail(error);
    });
  }

  #signalRemote(signal: ClientMessage): void {
    if (this.#isOnTrial) {
      this.#heldSignals.push(signal);
      return;
    }
    const refusal = this.#context.send(signal);
    if (refusal !== undefined) this.#options.onFailed(refusal, { type: 'limit-reached' });
  }

  #fail(error: unknown): void {
    this.#options.onFailed(String(error), { error });
  }

  /** Carries nothing; its end is the remote's hang-up. */
  #adopt(channel: RTCDataChannel): void {
    if (this.#auxiliaryChannel) {
      // There is one; any other is none of this call's.
      channel.close();
      return;
    }
    this.#auxiliaryChannel = channel;
    const { connectionKey } = this.#options;
    channel.onopen = () => {
      const dataChannel = describeChannel(channel, this.#leg?.peerConnection);
      this.#context.outbox.post({ type: 'connection.open', connectionKey, dataChannel });
    };
    channel.onclose = this.#options.onClosed;
  }

  #askForSdp(sdp: string): Promise<string> {
    this.#context.outbox.post({ type: 'connection.sdp', connectionKey: this.#options.connectionKey, sdp });
    return new Promise((resolve) => {
      this.#sdpAnswer = resolve;
    });
  }
}
