// The page's native RTCPeerConnection without a network. As in browsers, its states are accessors of the prototype and its
// events are trusted. The test plays the browser through `fire…`.

type Handler = ((event: never) => void) | null;

/** A trusted event. Node marks its trusted events by a symbol in the options. */
function trustedEvent(type: string, members: object = {}): Event {
  const options = new Proxy({}, { get: (_, name) => typeof name === 'symbol' });
  return Object.assign(new Event(type, options), members);
}

export class NativeSender {
  readonly track: unknown;
  parameters: { encodings: { maxBitrate?: number }[] } = { encodings: [{}] };
  /** The arguments of each `setParameters` call. */
  readonly set: unknown[][] = [];
  /** The error that further `setParameters` calls reject with. */
  failure: Error | undefined;

  constructor(track: unknown) {
    this.track = track;
  }

  getParameters(): NativeSender['parameters'] {
    return structuredClone(this.parameters);
  }

  async setParameters(...args: [parameters: NativeSender['parameters'], options?: object]): Promise<void> {
    this.set.push(structuredClone(args));
    const { failure } = this;
    await Promise.resolve();
    if (failure) throw failure;
    this.parameters = structuredClone(args[0]);
  }

  get maxBitrate(): number | undefined {
    return this.parameters.encodings[0]!.maxBitrate;
  }
}

class NativeChannel extends EventTarget {
  readonly label: string;

  constructor(label: string) {
    super();
    this.label = label;
  }

  fire(type: string): void {
    this.dispatchEvent(trustedEvent(type));
  }
}

export class NativeConnection extends EventTarget {
  /** All connections made, in order. */
  static made: NativeConnection[] = [];

  readonly config: RTCConfiguration | undefined;
  readonly streams: unknown[] = [];
  readonly transceivers: { mid: string | null; sender: NativeSender }[] = [];
  readonly channels: NativeChannel[] = [];
  readonly candidates: unknown[] = [];
  readonly remoteDescriptions: unknown[] = [];
  onicecandidate: Handler = null;
  /** The error that `setRemoteDescription` rejects with. */
  failure: Error | undefined;
  #states = { connectionState: 'new', iceConnectionState: 'new', iceGatheringState: 'new', signalingState: 'stable' };
  #local: unknown = null;
  #remote: unknown = null;

  /** Throws for configurations that browsers refuse. */
  constructor(config?: RTCConfiguration) {
    super();
    for (const { urls } of config?.iceServers ?? []) {
      if (typeof urls === 'string' && !/^(stun|turn)s?:/.test(urls)) throw new DOMException('bad URL', 'SyntaxError');
    }
    this.config = config;
    NativeConnection.made.push(this);
  }

  static get last(): NativeConnection {
    return NativeConnection.made.at(-1)!;
  }

  get connectionState(): string {
    return this.#states.connectionState;
  }

  get iceConnectionState(): string {
    return this.#states.iceConnectionState;
  }

  get iceGatheringState(): string {
    return this.#states.iceGatheringState;
  }

  get signalingState(): string {
    return this.#states.signalingState;
  }

  get localDescription(): unknown {
    return this.#local;
  }

  get remoteDescription(): unknown {
    return this.#remote;
  }

  addTrack(track: unknown, stream: unknown): NativeSender {
    const sender = new NativeSender(track);
    this.transceivers.push({ mid: `${this.transceivers.length}`, sender });
    this.streams.push(stream);
    return sender;
  }

  getTransceivers(): NativeConnection['transceivers'] {
    return this.transceivers;
  }

  createDataChannel(label: string): NativeChannel {
    const channel = new NativeChannel(label);
    this.channels.push(channel);
    return channel;
  }

  async createOffer(): Promise<unknown> {
    return { type: 'offer', sdp: 'page offer' };
  }

  async createAnswer(): Promise<unknown> {
    return { type: 'answer', sdp: 'page answer' };
  }

  async setLocalDescription(description: { type: string }): Promise<void> {
    this.#refuseIfClosed();
    this.#local = description;
    this.fireState('signalingState', description.type === 'offer' ? 'have-local-offer' : 'stable');
  }

  async setRemoteDescription(description: { type: string }): Promise<void> {
    this.#refuseIfClosed();
    if (this.failure) throw this.failure;
    this.#remote = description;
    this.remoteDescriptions.push(description);
    this.fireState('signalingState', description.type === 'offer' ? 'have-remote-offer' : 'stable');
  }

  async addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate);
  }

  async getStats(selector?: unknown): Promise<Map<string, unknown>> {
    return new Map([['native', selector]]);
  }

  close(): void {
    this.#states.connectionState = this.#states.iceConnectionState = this.#states.signalingState = 'closed';
  }

  fireState(name: keyof NativeConnection['states'], state: string): void {
    this.#states[name] = state;
    this.dispatchEvent(trustedEvent(`${name.toLowerCase()}change`));
  }

  fireTrack(...streams: unknown[]): void {
    this.dispatchEvent(trustedEvent('track', { streams }));
  }

  fireChannel(): NativeChannel {
    const channel = this.createDataChannel('undefined');
    this.dispatchEvent(trustedEvent('datachannel', { channel }));
    return channel;
  }

  fireCandidate(candidate: string): void {
    const init = { candidate, sdpMid: '0' };
    this.onicecandidate?.({ candidate: { ...init, toJSON: () => init } } as never);
  }

  #refuseIfClosed(): void {
    if (this.#states.signalingState === 'closed') throw new DOMException('closed', 'InvalidStateError');
  }

  get states() {
    return this.#states;
  }

  /** This fake, typed as the native object. */
  as(): RTCPeerConnection {
    return this as unknown as RTCPeerConnection;
  }
}

/** A stream with tracks of these kinds. */
export function fakeStream(...kinds: string[]): MediaStream {
  const getSettings = () => ({ width: 1280, height: 720 });
  const tracks = tracksOf(...kinds).map((track) => ({ ...track, getSettings }));
  return { id: 'stream', getTracks: () => tracks } as unknown as MediaStream;
}

/** The tracks of `fakeStream`, as the page describes them. */
export function tracksOf(...kinds: string[]): { kind: string; id: string }[] {
  return kinds.map((kind, index) => ({ kind, id: `track-${index}` }));
}
