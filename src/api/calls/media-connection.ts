// PeerJS's MediaConnection in the page (PeerJS lib/mediaconnection.ts). Media take one of two routes. `hosted`: the host
// owns the connection to the remote peer, and a local connection leads to the host. `direct`: the page owns it.
import type { CallMessage, IncomingCall, PeerConnectionState } from '../../protocol/host-messages';
import type { CallRoute, CallSignal } from '../../protocol/page-messages';
import type { SignalMessage } from '../../protocol/signalling';
import {
  BaseConnection,
  plainConstraints,
  type BaseConnectionOptions,
  type ConnectionProvider,
} from '../connection/base-connection';
import { safe } from '../safe/built-ins';
import { checkConfiguration, portableConfiguration } from '../connection/configuration';
import { DataChannelFacade } from '../facades/data-channel-facade';
import { DirectLeg } from './direct-leg';
import { HostLeg } from './host-leg';
import { logger } from '../safe/logger';
import { describeStream } from './media-stream';

/** A page's options for a call. Default `route`: the best route in this browser. */
export interface CallOptions extends BaseConnectionOptions {
  route?: CallRoute;
}

export interface MediaConnectionOptions extends CallOptions {
  /** @internal The stream to call with. */
  _stream?: MediaStream | undefined;
  /** @internal The remote peer's call. */
  _payload?: IncomingCall;
}

export interface AnswerOptions {
  sdpTransform?: (sdp: string) => string;
  route?: CallRoute;
}

export class MediaConnection extends BaseConnection {
  /** Always undefined: only data connections have a label, as in PeerJS. */
  readonly label: undefined;
  peerConnection: RTCPeerConnection | null | undefined;
  dataChannel: DataChannelFacade | RTCDataChannel | null | undefined;
  #localStream: MediaStream | null | undefined;
  #remoteStream: MediaStream | null | undefined;
  /** This page's part of the route. */
  #leg: HostLeg | DirectLeg | undefined;
  readonly #offer: RTCSessionDescriptionInit | undefined;

  constructor(peer: string, provider: ConnectionProvider, options: MediaConnectionOptions) {
    const { _stream: stream, _payload: incoming, route } = options;
    super({ peer, provider, idPrefix: 'mc_', options, connectionKey: incoming?.connectionKey });
    this.#offer = incoming?.offer;
    this.#localStream = stream;
    if (!stream) return;
    checkConfiguration(provider.options.config);
    const metadata = this._metadataText();
    if (!metadata) return;
    const constraints = plainConstraints(options.constraints);
    this._post({
      type: 'call.create',
      peerKey: provider._host.peerKey,
      connectionKey: this._key,
      remotePeerId: String(peer),
      connectionId: String(this.connectionId),
      ...metadata,
      ...(isRoute(route) && { route }),
      stream: describeStream(stream),
      ...(constraints && { constraints }),
      transformsSdp: typeof options.sdpTransform === 'function',
      config: portableConfiguration(provider.options.config),
    });
    this.#take(route === 'direct' ? 'direct' : 'hosted');
  }

  get type(): 'media' {
    return 'media';
  }

  /** The route of the media. Undefined before the page answers and after the end. */
  get route(): CallRoute | undefined {
    if (!this.#leg || this._isClosed) return undefined;
    return this.#leg instanceof DirectLeg ? 'direct' : 'hosted';
  }

  get localStream(): MediaStream | null | undefined {
    return this.#localStream;
  }

  get remoteStream(): MediaStream | null | undefined {
    return this.#remoteStream;
  }

  /** Answers the remote peer's call, with or without a stream. Later answers have no effect. */
  answer(stream?: MediaStream, options: AnswerOptions = {}): void {
    if (this.#localStream) {
      logger.warn('Local stream already exists on this MediaConnection. Are you answering a call twice?');
      return;
    }
    // PeerJS negotiates again if the first answer had no stream, which breaks the call.
    if (!this.#offer || this.#leg || this._isClosed) return;
    this.#localStream = stream;
    const { sdpTransform, route } = options ?? {};
    if (sdpTransform) this.options.sdpTransform = sdpTransform;
    this._post({
      type: 'call.answer',
      connectionKey: this._key,
      ...(isRoute(route) && { route }),
      ...(stream && { stream: describeStream(stream) }),
      transformsSdp: typeof this.options.sdpTransform === 'function',
    });
    this.#take(route === 'direct' ? 'direct' : 'hosted');
    this._setOpen();
  }

  /** The statistics of the connection to the remote peer, on either route. */
  async getStats(): Promise<RTCStatsReport> {
    if (this.#leg instanceof DirectLeg) return this.#leg.peerConnection.getStats();
    return new Map(await this._hostStats());
  }

  protected override _handle(message: CallMessage): void {
    switch (message.type) {
      case 'call.accepted':
        this._setOpen();
        return;
      case 'call.route':
        logger.warn(`MC#${this.connectionId} takes the ${message.route} route: ${message.reason}`);
        // Drops the channel before the leg closes it, because its end no longer ends the call.
        this.dataChannel = undefined;
        this.#leg?.close();
        this.#take(message.route);
        return;
      case 'call.signal':
        this.#leg?.handleSignal(message.message);
        return;
      case 'call.sending':
        if (this.#leg instanceof HostLeg) this.#leg.handleSendingWish(message);
        return;
      case 'connection.open':
        this.dataChannel ??= this.#createDataChannel();
        if (this.dataChannel instanceof DataChannelFacade) this.dataChannel.handleOpen(message.dataChannel);
        this.#handleChannelOpen();
        return;
      default:
        message satisfies never;
    }
  }

  protected override _mirror(state: PeerConnectionState): void {
    if (this.#leg instanceof HostLeg) this.#leg.handleState(state);
  }

  protected override _release(): void {
    this.#localStream = null;
    this.#remoteStream = null;
    (this.options as MediaConnectionOptions)._stream = undefined;
    this.#leg?.close();
    // Unlike a data connection, PeerJS's call keeps its channel.
    if (this.dataChannel instanceof DataChannelFacade) this.dataChannel.handleClose();
  }

  #take(route: CallRoute): void {
    const leg = route === 'direct' ? this.#createDirectLeg() : this.#createHostLeg();
    this.#leg = leg;
    this.peerConnection = leg.peerConnection;
    if (leg instanceof DirectLeg) {
      if (this.#offer) leg.answer(this.#offer);
      else leg.offer(this.options.constraints);
    } else if (!this.#offer) {
      this.dataChannel = this.#createDataChannel();
    }
  }

  #createHostLeg(): HostLeg {
    const { config = {} } = this.provider?.options ?? {};
    return new HostLeg({
      connectionId: String(this.connectionId),
      stream: this.#localStream ?? undefined,
      send: (message) => {
        this.#signal('host', message);
      },
      getRemoteStats: () => this._hostStats(),
      getConfiguration: () => config,
      onTrack: (event) => {
        this.#addStream(event);
      },
      onError: (error) => this.provider?.emitError('webrtc', error as Error),
    });
  }

  #createDirectLeg(): DirectLeg {
    const transforms = typeof this.options.sdpTransform === 'function';
    return new DirectLeg({
      connectionId: String(this.connectionId),
      metadata: this.metadata,
      stream: this.#localStream ?? undefined,
      config: this.provider?.options.config,
      send: (message) => {
        this.#signal('remote', message);
      },
      transformSdp: transforms ? (sdp) => this.#transformHere(sdp) : undefined,
      onTrack: (event) => {
        this.#addStream(event);
      },
      onDataChannel: (channel) => {
        this.#adopt(channel);
      },
      onIceState: (state) => {
        this._handleIceState(state);
      },
      onError: (error) => this.provider?.emitError('webrtc', error as Error),
      onFailed: (error) => {
        this.emitError('negotiation-failed', `The call cannot be negotiated: ${String(error)}`);
        this.provider?.emitError('webrtc', error as Error);
        this.close();
      },
    });
  }

  /** Never settles if the page's function throws, because the call has ended then. */
  #transformHere(sdp: string): Promise<string> {
    return new safe.Promise((resolve) => {
      const transformed = this._transformed(sdp);
      if (transformed !== undefined) resolve(transformed);
    });
  }

  #signal(to: 'remote' | 'host', message: SignalMessage): void {
    // Through JSON, as the remote peer gets it: a page may have added values that cannot cross a port.
    const portable = safe.parse(safe.stringify(message)) as CallSignal['message'];
    this._post({ type: 'call.signal', connectionKey: this._key, to, message: portable });
  }

  #addStream({ streams }: RTCTrackEvent): void {
    const stream = streams[0];
    logger.log('Receiving stream', stream);
    this.#remoteStream = stream;
    this.emit('stream', stream);
  }

  #adopt(channel: RTCDataChannel): void {
    const leg = this.#leg;
    this.dataChannel = channel;
    safe.addEventListener(channel, 'open', () => {
      if (this.#leg === leg) this.#handleChannelOpen();
    });
    // The channel of a replaced leg does not signal a hang-up.
    safe.addEventListener(channel, 'close', () => {
      if (this.#leg === leg) this.close();
    });
  }

  #handleChannelOpen(): void {
    logger.log(`MC#${this.connectionId} dc connection success`);
    this.emit('willCloseOnRemote');
  }

  /** Mirrors the state of the host's channel, which carries no data. */
  #createDataChannel(): DataChannelFacade {
    return new DataChannelFacade(
      { label: 'undefined', ordered: false },
      {
        bufferedBytes: () => 0,
        send: () => {
          throw new DOMException('The data channel of a call carries no data.', 'NotSupportedError');
        },
        close: () => {
          this.close();
        },
      },
    );
  }
}

function isRoute(route: unknown): route is CallRoute {
  return route === 'hosted' || route === 'direct';
}
