// An RTCPeerConnection without a network. Descriptions are numbered texts. The test plays the browser through `fire…`.
import { FakeDataChannel } from './data-channel';

type Method = 'createOffer' | 'createAnswer' | 'setLocalDescription' | 'setRemoteDescription' | 'addIceCandidate';

const OWN_OFFER: RTCSessionDescriptionInit = { type: 'offer', sdp: 'own offer' };

export class FakePeerConnection {
  readonly config: RTCConfiguration;
  signalingState: RTCSignalingState = 'stable';
  iceConnectionState: RTCIceConnectionState = 'new';
  iceGatheringState: RTCIceGatheringState = 'new';
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  readonly sctp = { maxMessageSize: 262_144 };
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  ondatachannel: ((event: { channel: FakeDataChannel }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  onicegatheringstatechange: (() => void) | null = null;
  onsignalingstatechange: (() => void) | null = null;
  readonly channels: FakeDataChannel[] = [];
  readonly candidates: RTCIceCandidateInit[] = [];
  readonly offerOptions: unknown[] = [];
  stats: [id: string, stats: unknown][] = [['T01', { id: 'T01', type: 'transport' }]];
  /** The number of `getStats` calls. */
  statsAsked = 0;
  readonly #listeners: [type: string, listener: (event: never) => void][] = [];
  /** Methods that reject, with their errors. */
  readonly failures = new Map<Method, Error>();

  constructor(config: RTCConfiguration = {}) {
    this.config = config;
  }

  get channel(): FakeDataChannel {
    return this.channels[0]!;
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.push([type, listener]);
  }

  /** Calls the listeners of `addEventListener`. */
  tell(type: string, event: object = {}): void {
    for (const [wanted, listener] of this.#listeners) if (wanted === type) listener(event as never);
  }

  createDataChannel(label: string, init: RTCDataChannelInit): FakeDataChannel {
    const channel = new FakeDataChannel(label, init);
    this.channels.push(channel);
    return channel;
  }

  async createOffer(options?: RTCOfferOptions): Promise<RTCSessionDescriptionInit> {
    this.#mayFail('createOffer');
    this.offerOptions.push(options);
    return OWN_OFFER;
  }

  async createAnswer(): Promise<RTCSessionDescriptionInit> {
    this.#mayFail('createAnswer');
    return { type: 'answer', sdp: 'own answer' };
  }

  async setLocalDescription(description: RTCSessionDescriptionInit = OWN_OFFER): Promise<void> {
    this.#mayFail('setLocalDescription');
    this.localDescription = description;
    this.#setSignalingState(description.type === 'offer' ? 'have-local-offer' : 'stable');
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.#mayFail('setRemoteDescription');
    if (description.type === 'answer' && this.signalingState !== 'have-local-offer') {
      throw new DOMException('Called in wrong state: stable', 'InvalidStateError');
    }
    this.remoteDescription = description;
    this.#setSignalingState(description.type === 'offer' ? 'have-remote-offer' : 'stable');
  }

  async addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    this.#mayFail('addIceCandidate');
    this.candidates.push(candidate);
  }

  async getStats(): Promise<Map<string, unknown>> {
    this.statsAsked += 1;
    return new Map(this.stats);
  }

  close(): void {
    this.signalingState = this.iceConnectionState = this.connectionState = 'closed';
  }

  fireCandidate(candidate: string | null): void {
    const init = { candidate, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' };
    const event = { candidate: candidate === null ? null : { ...init, toJSON: () => init } };
    this.onicecandidate?.(event);
    this.tell('icecandidate', event);
  }

  fireIceState(state: RTCIceConnectionState): void {
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }

  /** The remote peer has opened a channel. */
  fireChannel(channel = new FakeDataChannel('label')): FakeDataChannel {
    this.channels.push(channel);
    this.ondatachannel?.({ channel });
    return channel;
  }

  #setSignalingState(state: RTCSignalingState): void {
    this.signalingState = state;
    this.onsignalingstatechange?.();
  }

  #mayFail(method: Method): void {
    const failure = this.failures.get(method);
    if (failure) throw failure;
  }
}

/** Makes connections and lists them. */
export class FakePeerConnections {
  readonly made: FakePeerConnection[] = [];

  readonly create = (config: RTCConfiguration): RTCPeerConnection => {
    if (config.bundlePolicy === ('bad' as RTCBundlePolicy)) throw new TypeError('bad configuration');
    const connection = new FakePeerConnection(config);
    this.made.push(connection);
    return connection as unknown as RTCPeerConnection;
  };

  get last(): FakePeerConnection {
    return this.made.at(-1)!;
  }
}
