// The hosted route of one call. Owns the remote leg (to the remote peer), the page leg (to the page) and the bridge
// that carries media between them. The first page leg of a document is on trial: the remote peer hears nothing of the
// call before the page leg connects, so that the call can still take the direct route. Any later failure ends the call.
// The owner must listen, call `start` once, and `close` in the end.
import { EventEmitter } from 'eventemitter3';
import { messageOf, type ConnectionErrorType } from '../../protocol/errors';
import type { CallAnswer, CallCreate } from '../../protocol/page-messages';
import type { ClientMessage, SignalMessage } from '../../protocol/signalling';
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
  metadata?: unknown;
  /** The page's request. */
  request: CallCreate | CallAnswer;
  /** The remote peer's offer of an incoming call. */
  offer: RTCSessionDescriptionInit | undefined;
}

interface HostedRouteEvents {
  /** The route is certain: the page leg has connected, or is not on trial. The remote peer hears of the call from now on. */
  committed: () => void;
  /** The page leg failed its trial, and the remote peer has heard nothing. */
  trialFailed: (reason: string) => void;
  /** Media can flow to and from the remote peer. */
  connected: () => void;
  /** Page or remote peer has hung up or is gone. */
  closed: () => void;
  /** `error`: the native cause, for the Peer's `webrtc` error. */
  failed: (type: ConnectionErrorType, message: string, error?: unknown) => void;
  /** A native failure, for the Peer's `webrtc` error. */
  webrtcError: (error: unknown) => void;
}

export class HostedRoute extends EventEmitter<HostedRouteEvents> {
  readonly sdpTransform: SdpTransform;
  readonly #options: HostedRouteOptions;
  readonly #context: HostedRouteContext;
  #isOnTrial: boolean;
  #pageLeg: PageLeg | undefined;
  #pageLegTimer: ReturnType<typeof setTimeout> | undefined;
  #remoteLeg: RemoteLeg | undefined;
  #bridge: MediaBridge | undefined;
  #mirror: StateMirror | undefined;
  /** Signals of the remote leg, queued while the page leg is on trial. */
  #queuedSignals: ClientMessage[] = [];

  constructor(options: HostedRouteOptions, context: HostedRouteContext) {
    super();
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
    if (!this.#startPageLeg() || !this.#createRemoteLeg()) return;
    if (!this.#isOnTrial) this.emit('committed');
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
    return (await this.#remoteLeg?.getStats()) ?? [];
  }

  /** Emits nothing afterwards. Idempotent. */
  close(): void {
    this.removeAllListeners();
    clearTimeout(this.#pageLegTimer);
    this.#mirror?.close();
    this.#bridge?.close();
    this.#remoteLeg?.close();
    this.sdpTransform.close();
    this.#pageLeg?.close();
    this.#remoteLeg = this.#pageLeg = this.#bridge = this.#mirror = undefined;
    this.#queuedSignals = [];
  }

  /** Returns false after the page leg has failed. */
  #startPageLeg(): boolean {
    try {
      this.#pageLeg = this.#createPageLeg();
    } catch (error) {
      // Browsers limit the number of connections in one document.
      this.#handlePageLegError(error);
      return false;
    }
    this.#pageLegTimer = setTimeout(
      () => {
        this.#handlePageLegError('It did not connect in time.');
      },
      this.#isOnTrial ? TRIAL_TIMEOUT_MS : PROVEN_TIMEOUT_MS,
    );
    return true;
  }

  #createPageLeg(): PageLeg {
    const pageLeg = new PageLeg({
      connectionId: this.#options.connectionId,
      // One transport for all media: the browser gathers no others while the page has not answered.
      peerConnection: this.#context.paths.createPeerConnection({ bundlePolicy: 'max-bundle' }),
      send: (message) => {
        this.#options.reporter.post({ type: 'call.signal', from: 'host', message });
      },
    });
    pageLeg.on('connected', () => {
      this.#handlePageLegConnected();
    });
    pageLeg.on('closed', () => this.emit('closed'));
    pageLeg.on('failed', (error) => {
      this.#handlePageLegError(error);
    });
    return pageLeg;
  }

  #handlePageLegConnected(): void {
    clearTimeout(this.#pageLegTimer);
    this.#context.pageLegs.isProven = true;
    if (!this.#isOnTrial) return;
    this.#isOnTrial = false;
    this.emit('committed');
    if (this.#options.offer) this.#begin();
    for (const signal of this.#queuedSignals.splice(0)) this.#signalRemote(signal);
  }

  #handlePageLegError(error: unknown): void {
    this.#context.pageLegs.isProven = false;
    const reason = `The connection between page and extension failed: ${String(error)}`;
    if (this.#isOnTrial) this.emit('trialFailed', reason);
    else this.emit('failed', 'negotiation-failed', reason);
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
    // PeerJS closes a call whose ICE has failed; the page emits the events for it.
    this.#mirror = new StateMirror(peerConnection, reporter, () => this.emit('closed'));
    const { stream } = request;
    const transformSdp = request.transformsSdp ? (sdp: string) => this.sdpTransform.ask(sdp) : undefined;
    const send = (message: SignalMessage): void => {
      this.#signalRemote({ ...message, dst: this.#options.remotePeerId });
    };
    const leg = new RemoteLeg({ connectionId, metadata, stream, peerConnection, paths, send, transformSdp });
    this.#remoteLeg = leg;
    this.#bridge = new MediaBridge(leg, paths, (wish) => {
      reporter.post({ type: 'call.sending', ...wish });
    });
    this.#listenTo(leg, this.#bridge);
    return true;
  }

  #listenTo(leg: RemoteLeg, bridge: MediaBridge): void {
    leg.on('negotiated', () => {
      if (this.#pageLeg) void bridge.join(this.#pageLeg);
    });
    leg.on('connected', () => {
      this.emit('connected');
      bridge.handleRemoteConnected();
    });
    leg.on('open', (dataChannel) => {
      this.#options.reporter.post({ type: 'connection.open', dataChannel });
    });
    leg.on('hungUp', () => this.emit('closed'));
    leg.on('webrtcError', (error) => this.emit('webrtcError', error));
    leg.on('failed', (error) => {
      this.emit('failed', 'negotiation-failed', `The call cannot be negotiated: ${messageOf(error)}`, error);
    });
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
    if (refusal !== undefined) this.emit('failed', 'limit-reached', refusal);
  }

  #fail(error: unknown): void {
    this.emit('failed', 'negotiation-failed', String(error), error);
  }
}
