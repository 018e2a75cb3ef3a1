// PeerJS's MediaConnection in the page (PeerJS lib/mediaconnection.ts). Media take one of two routes. `hosted`: the host
// owns the connection to the remote peer, and a local connection leads to the host. `direct`: the page owns it.
import type { CallMessage, IncomingCall } from '../../protocol/host-messages';
import type { CallRoute, CallSignal } from '../../protocol/page-messages';
import type { SignalMessage } from '../../protocol/signalling';
import { BaseConnection, type BaseConnectionOptions, type ConnectionProvider } from '../connection/base-connection';
import { checkConfiguration } from '../connection/configuration';
import { ConnectionLife, type ConnectionKind } from '../connection/connection-life';
import { commonRequest, transformedSdp, transformsSdp } from '../connection/connection-options';
import { HOST } from '../connection/peer-host';
import { DataChannelFacade } from '../facades/data-channel-facade';
import { safe } from '../safe/built-ins';
import { acceptProxies } from '../safe/proxies';
import { logger } from '../safe/logger';
import { DirectLeg } from './direct-leg';
import { HostLeg } from './host-leg';
import type { LegOptions } from './leg-options';
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
  readonly #life: ConnectionLife<CallMessage>;
  /** This page's part of the route. */
  #leg: HostLeg | DirectLeg | undefined;
  #localStream: MediaStream | null | undefined;
  #remoteStream: MediaStream | null | undefined;
  readonly #offer: RTCSessionDescriptionInit | undefined;

  constructor(peer: string, provider: ConnectionProvider, options: MediaConnectionOptions) {
    super(peer, provider, options, 'mc_');
    const { _stream: stream, _payload: incoming, route } = options;
    if (stream) checkConfiguration(provider.options.config);
    this.#life = new ConnectionLife(this, provider[HOST].port, this.#kind(), incoming?.connectionKey);
    this.#offer = incoming?.offer;
    this.#localStream = stream;
    if (!stream) return;
    const request = commonRequest(this, provider);
    if (!request) return;
    this.#life.post({
      type: 'call.create',
      ...request,
      ...(isRoute(route) && { route }),
      stream: describeStream(stream),
    });
    this.#take(route);
  }

  get type(): 'media' {
    return 'media';
  }

  get open(): boolean {
    return this.#life.isOpen;
  }

  /** The route of the media. Undefined before the page answers and after the end. */
  get route(): CallRoute | undefined {
    if (!this.#leg || this.#life.isClosed) return undefined;
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
    if (!this.#offer || this.#leg || this.#life.isClosed) return;
    this.#localStream = stream;
    const { sdpTransform, route } = options ?? {};
    if (sdpTransform) this.options.sdpTransform = sdpTransform;
    this.#life.post({
      type: 'call.answer',
      ...(isRoute(route) && { route }),
      ...(stream && { stream: describeStream(stream) }),
      transformsSdp: transformsSdp(this),
    });
    this.#take(route);
    this.#life.open();
  }

  /** The statistics of the connection to the remote peer, on either route. */
  getStats(): Promise<RTCStatsReport> {
    return this.#leg instanceof DirectLeg ? this.#leg.peerConnection.getStats() : this.#life.stats.request();
  }

  close(): void {
    this.#life.close();
  }

  #kind(): ConnectionKind<CallMessage> {
    return {
      handle: (message) => {
        this.#handle(message);
      },
      deliver: () => undefined,
      handleState: (state) => {
        if (this.#leg instanceof HostLeg) this.#leg.handleState(state);
      },
      release: () => {
        this.#localStream = null;
        this.#remoteStream = null;
        (this.options as MediaConnectionOptions)._stream = undefined;
        this.#leg?.close();
        // Unlike a data connection, PeerJS's call keeps its channel.
        if (this.dataChannel instanceof DataChannelFacade) this.dataChannel.handleClose();
      },
    };
  }

  #handle(message: CallMessage): void {
    switch (message.type) {
      case 'call.accepted':
        this.#life.open();
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

  /** Takes the hosted route unless `route` says otherwise. The host moves the call where that is wrong. */
  #take(route: CallRoute | undefined): void {
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
      ...this.#legOptions('host'),
      getRemoteStats: () => this.#life.stats.request(),
      getConfiguration: () => config,
    });
  }

  #createDirectLeg(): DirectLeg {
    return new DirectLeg({
      ...this.#legOptions('remote'),
      metadata: this.metadata,
      config: this.provider?.options.config,
      transformSdp: transformsSdp(this) ? (sdp) => this.#transformHere(sdp) : undefined,
      onDataChannel: (channel) => {
        this.#adopt(channel);
      },
      onIceState: (state) => {
        this.#life.handleIceState(state);
      },
      onFailed: (error) => {
        this.emitError('negotiation-failed', `The call cannot be negotiated: ${String(error)}`);
        this.provider?.emitError('webrtc', error as Error);
        this.close();
      },
    });
  }

  /** The options of either leg. `to`: the addressee of its signals. */
  #legOptions(to: CallSignal['to']): LegOptions {
    return {
      connectionId: String(this.connectionId),
      stream: this.#localStream ?? undefined,
      send: (message) => {
        this.#signal(to, message);
      },
      onTrack: (event) => {
        this.#addStream(event);
      },
      onError: (error) => this.provider?.emitError('webrtc', error as Error),
    };
  }

  /** Never settles if the page's function throws, because the call has ended then. */
  #transformHere(sdp: string): Promise<string> {
    return new safe.Promise((resolve) => {
      const transformed = transformedSdp(this, sdp);
      if (transformed !== undefined) resolve(transformed);
    });
  }

  #signal(to: CallSignal['to'], message: SignalMessage): void {
    // Through JSON, as the remote peer gets it: a page may have added values that cannot cross a port.
    const portable = safe.parse(safe.stringify(message)) as CallSignal['message'];
    this.#life.post({ type: 'call.signal', to, message: portable });
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

acceptProxies(MediaConnection);

function isRoute(route: unknown): route is CallRoute {
  return route === 'hosted' || route === 'direct';
}
