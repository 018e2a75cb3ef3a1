// The hosted route of one call. Owns the remote leg (to the remote peer), the page leg (to the page) and the bridge
// that carries media between them. The first page leg of a document is on trial: the remote peer hears nothing of the
// call before the page leg connects, so that the call can still take the direct route. Any later failure ends the call.
// The owner must call `start` once and `close` in the end.
import { messageOf, type ConnectionErrorType } from '../../protocol/errors';
import type { CallAnswer, CallCreate } from '../../protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../protocol/signalling';
import { describeChannel } from '../connection/data-channel-info';
import { PageLeg } from './page-leg';
import { MediaBridge } from './media-bridge';
import type { MediaPaths } from './media-paths';
import type { CallReporter } from '../connection/connection-reporter';
import { RemoteLeg } from './remote-leg';
import { SdpTransform } from '../connection/sdp-transform';
import { StateMirror } from '../connection/state-mirror';

/** How long a page leg on trial may take. It connects within tens of milliseconds, or never (a policy, a firewall). */
const TRIAL_TIMEOUT_MS = 3_000;
/** How long a later page leg may take, on a busy machine, before the call ends. */
const PROVEN_TIMEOUT_MS = 20_000;

/** Whether page legs work in one document. */
export interface PageLegRecord {
  /** A page leg has connected and none has failed since, so calls need not wait for the next one. */
  isProven: boolean;
}

export interface HostedRouteContext {
  /** Sends to the remote peer. Returns a sentence if the message cannot be sent; undefined: it is sent or queued. */
  send: (message: ClientMessage) => string | undefined;
  paths: MediaPaths;
  /** The remote leg's configuration. Throws if the user's policy cannot be met. */
  config: () => RTCConfiguration;
  pageLegs: PageLegRecord;
}

export interface HostedRouteOptions {
  reporter: CallReporter;
  connectionId: string;
  remotePeerId: string;
  metadata: unknown;
  /** The page's request. */
  request: CallCreate | CallAnswer;
  /** The remote peer's offer of an incoming call. */
  offer: RTCSessionDescriptionInit | undefined;
  /**
   * The route is certain: the page leg has connected, or is not on trial. The remote peer hears of the call from now
   * on.
   */
  onCommitted: () => void;
  /** The page leg failed its trial, and the remote peer has heard nothing. */
  onNoPageLeg: (reason: string) => void;
  /** Media can flow to and from the remote peer. */
  onConnected: () => void;
  /** Page or remote peer has hung up or is gone. */
  onClosed: () => void;
  /** `error`: the native cause, for the Peer's `webrtc` error. */
  onFailed: (message: string, reason?: { type?: ConnectionErrorType; error?: unknown }) => void;
  /** A native failure, for the Peer's `webrtc` error. */
  onError: (error: unknown) => void;
}

export class HostedRoute {
  readonly #options: HostedRouteOptions;
  readonly #context: HostedRouteContext;
  readonly sdpTransform: SdpTransform;
  #isOnTrial: boolean;
  #pageLeg: PageLeg | undefined;
  #pageLegTimer: ReturnType<typeof setTimeout> | undefined;
  #remoteLeg: RemoteLeg | undefined;
  #bridge: MediaBridge | undefined;
  #mirror: StateMirror | undefined;
  #auxiliaryChannel: RTCDataChannel | undefined;
  /** Signals of the remote leg, queued while the page leg is on trial. */
  #queuedSignals: ClientMessage[] = [];

  constructor(options: HostedRouteOptions, context: HostedRouteContext) {
    this.#options = options;
    this.#context = context;
    this.sdpTransform = new SdpTransform(options.reporter);
    this.#isOnTrial = !context.pageLegs.isProven;
  }

  get isOffering(): boolean {
    return !this.#isOnTrial && (this.#remoteLeg?.isOffering ?? false);
  }

  /**
   * Creates both legs at the same time. During a trial, a remote leg that answers has to wait: it would contact the
   * remote peer as soon as it had the offer, and a direct answer could then not connect any more (Chromium keeps the
   * first ClientHello that comes before the answer).
   */
  start(): void {
    try {
      this.#pageLeg = this.#createPageLeg();
    } catch (error) {
      // Browsers limit the number of connections in one document.
      this.#handlePageLegError(error);
      return;
    }
    this.#pageLegTimer = setTimeout(
      () => {
        this.#handlePageLegError('It did not connect in time.');
      },
      this.#isOnTrial ? TRIAL_TIMEOUT_MS : PROVEN_TIMEOUT_MS,
    );
    if (!this.#createRemoteLeg()) return;
    if (!this.#isOnTrial) this.#options.onCommitted();
    if (!this.#isOnTrial || !this.#options.offer) this.#begin();
    else this.#connectPageLeg();
  }

  /** Connects the page leg. Not needed where the remote leg answers first: then `join` offers everything at once. */
  #connectPageLeg(): void {
    if (!this.#pageLeg || !this.#remoteLeg) return;
    const sections = this.#pageLeg.connect(this.#remoteLeg.expected(this.#options.offer));
    this.#bridge?.expect(sections);
  }

  handleAnswer(answer: RTCSessionDescriptionInit): void {
    void this.#remoteLeg?.handleAnswer(answer);
  }

  handleCandidate(candidate: RTCIceCandidateInit): void {
    void this.#remoteLeg?.handleCandidate(candidate);
  }

  handlePageLegSignal(message: SignalMessage): void {
    void this.#pageLeg?.handleSignal(message);
  }

  repeatOffer(): void {
    this.#remoteLeg?.repeatOffer();
  }

  /** Statistics of the remote leg. */
  async getStats(): Promise<[string, unknown][]> {
    if (!this.#remoteLeg) return [];
    return Array.from((await this.#remoteLeg.peerConnection.getStats()) as unknown as Map<string, unknown>);
  }

  /** Calls no callback. Idempotent. */
  close(): void {
    clearTimeout(this.#pageLegTimer);
    this.#mirror?.close();
    this.#bridge?.close();
    if (this.#auxiliaryChannel) this.#auxiliaryChannel.onopen = this.#auxiliaryChannel.onclose = null;
    this.#remoteLeg?.close();
    this.sdpTransform.close();
    this.#pageLeg?.close();
    this.#remoteLeg = this.#pageLeg = this.#bridge = this.#mirror = this.#auxiliaryChannel = undefined;
    this.#queuedSignals = [];
  }

  #createPageLeg(): PageLeg {
    return new PageLeg({
      connectionId: this.#options.connectionId,
      // One transport for all media: the browser gathers no others while the page has not answered.
      peerConnection: this.#context.paths.createPeerConnection({ bundlePolicy: 'max-bundle' }),
      send: (message) => {
        this.#options.reporter.post({ type: 'call.signal', from: 'link', message });
      },
      onConnected: () => {
        this.#handlePageLegConnected();
      },
      onClosed: this.#options.onClosed,
      onError: (error) => {
        this.#handlePageLegError(error);
      },
    });
  }

  #handlePageLegConnected(): void {
    clearTimeout(this.#pageLegTimer);
    this.#context.pageLegs.isProven = true;
    if (!this.#isOnTrial) return;
    this.#isOnTrial = false;
    this.#options.onCommitted();
    if (this.#options.offer) this.#begin();
    for (const signal of this.#queuedSignals.splice(0)) this.#signalRemote(signal);
  }

  #handlePageLegError(error: unknown): void {
    this.#context.pageLegs.isProven = false;
    const reason = `The connection between page and extension failed: ${String(error)}`;
    if (this.#isOnTrial) this.#options.onNoPageLeg(reason);
    else this.#options.onFailed(reason);
  }

  /** Returns false after the call has failed. */
  #createRemoteLeg(): boolean {
    const { paths, config } = this.#context;
    const { reporter, connectionId, metadata, request } = this.#options;
    let peerConnection: RTCPeerConnection;
    try {
      peerConnection = paths.createPeerConnection({ bundlePolicy: 'max-bundle', ...config() });
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#mirror = new StateMirror(
      peerConnection,
      reporter,
      // PeerJS closes a call whose ICE has failed; the page emits the events for it.
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
      transformSdp: request.transformsSdp ? (sdp) => this.sdpTransform.ask(sdp) : undefined,
      onNegotiated: () => {
        if (this.#pageLeg) void this.#bridge?.join(this.#pageLeg);
      },
      onDataChannel: (channel) => {
        this.#useChannel(channel);
      },
      onError: this.#options.onError,
      onFailed: (error) => {
        this.#options.onFailed(`The call cannot be negotiated: ${messageOf(error)}`, { error });
      },
    });
    this.#remoteLeg = leg;
    this.#bridge = new MediaBridge(leg, paths, (wish) => {
      reporter.post({ type: 'call.sending', ...wish });
    });
    peerConnection.addEventListener('connectionstatechange', () => {
      if (peerConnection.connectionState !== 'connected') return;
      this.#options.onConnected();
      this.#bridge?.handleRemoteConnected();
    });
    return true;
  }

  #begin(): void {
    const leg = this.#remoteLeg;
    if (!leg) return;
    const { offer, request } = this.#options;
    const constraints = request.type === 'call.create' ? request.constraints : undefined;
    const beginning = offer ? leg.answer(offer) : leg.offer(constraints).then(() => this.#connectPageLeg());
    beginning.catch((error: unknown) => {
      if (this.#remoteLeg === leg) this.#fail(error);
    });
  }

  #signalRemote(signal: ClientMessage): void {
    if (this.#isOnTrial) {
      this.#queuedSignals.push(signal);
      return;
    }
    const refusal = this.#context.send(signal);
    if (refusal !== undefined) this.#options.onFailed(refusal, { type: 'limit-reached' });
  }

  #fail(error: unknown): void {
    this.#options.onFailed(String(error), { error });
  }

  /** Uses this channel as PeerJS does: it carries no data, and its end is the remote peer's hang-up. */
  #useChannel(channel: RTCDataChannel): void {
    if (this.#auxiliaryChannel) {
      // A call has one channel; close any other.
      channel.close();
      return;
    }
    this.#auxiliaryChannel = channel;
    channel.onopen = () => {
      const dataChannel = describeChannel(channel, this.#remoteLeg?.peerConnection);
      this.#options.reporter.post({ type: 'connection.open', dataChannel });
    };
    channel.onclose = this.#options.onClosed;
  }
}
