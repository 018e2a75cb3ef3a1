// An RTCPeerConnection with encoded streams, like those of the host's legs of a call. Its descriptions have one section for
// each transceiver. The test plays the browser through `fire…`.
import { mediaSections } from '../../../src/engine/calls/call-sdp';
import { FakeEncodedEnd } from './encoded-end';
import { SESSION } from '../sdp-samples';
import { FakePeerConnection } from './peer-connection';

export class FakeTransceiver {
  mid: string | null = null;
  direction: RTCRtpTransceiverDirection;
  currentDirection: RTCRtpTransceiverDirection | null = null;
  readonly sender: FakeEncodedEnd;
  readonly receiver: FakeEncodedEnd;

  constructor(kind: string, direction: RTCRtpTransceiverDirection) {
    this.direction = direction;
    this.sender = new FakeEncodedEnd(kind);
    this.receiver = new FakeEncodedEnd(kind);
  }

  get kind(): string {
    return this.receiver.track.kind;
  }
}

export class FakeMediaConnection extends FakePeerConnection {
  readonly transceivers: FakeTransceiver[] = [];
  ontrack: ((event: { transceiver: FakeTransceiver }) => void) | null = null;

  addTransceiver(kind: string, { direction = 'sendrecv' }: RTCRtpTransceiverInit = {}): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind, direction);
    this.transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  override async createOffer(options?: RTCOfferOptions): Promise<RTCSessionDescriptionInit> {
    const { type } = await super.createOffer(options);
    return { type, sdp: this.#describe((transceiver) => transceiver.direction) };
  }

  override async createAnswer(): Promise<RTCSessionDescriptionInit> {
    const { type } = await super.createAnswer();
    const remote = mediaSections(this.remoteDescription?.sdp ?? '');
    const answered = (transceiver: FakeTransceiver, index: number) =>
      agreed(transceiver.direction, directionOf(remote[index] ?? ''));
    return { type, sdp: this.#describe(answered) };
  }

  override async setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await this.#turn();
    this.transceivers.forEach((transceiver, index) => (transceiver.mid = `${index}`));
    await super.setLocalDescription(description);
    this.#settle();
  }

  override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await this.#turn();
    await super.setRemoteDescription(description);
    mediaSections(description.sdp ?? '').forEach((section, index) => {
      const kind = /^m=(\w+)/.exec(section)?.[1] ?? '';
      const transceiver = this.transceivers[index] ?? this.addTransceiver(kind, { direction: 'recvonly' });
      transceiver.mid = `${index}`;
      if (section.includes('a=send')) this.ontrack?.({ transceiver });
    });
    this.#settle();
  }

  fireConnectionState(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
    this.tell('connectionstatechange');
  }

  /** Delays the setting of a description, and fails if the connection is closed. */
  async #turn(): Promise<void> {
    await Promise.resolve();
    if (this.signalingState === 'closed') throw new DOMException('closed', 'InvalidStateError');
  }

  #describe(directionFor: (transceiver: FakeTransceiver, index: number) => string): string {
    const sections = this.transceivers.map((transceiver, index) =>
      mediaSection(transceiver.kind, directionFor(transceiver, index), index),
    );
    return `v=0\r\n${sections.join('')}`;
  }

  #settle(): void {
    if (this.signalingState !== 'stable') return;
    const remote = mediaSections(this.remoteDescription?.sdp ?? '');
    this.transceivers.forEach((transceiver, index) => {
      transceiver.currentDirection = agreed(transceiver.direction, directionOf(remote[index] ?? ''));
    });
  }
}

/** A media section as a browser writes it. */
function mediaSection(kind: string, direction: string, mid: number, codec = 'VP8'): string {
  const head = `m=${kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:${mid}\r\na=${direction}\r\n`;
  const msid = direction.startsWith('send') ? 'a=msid:- track\r\n' : '';
  return `${head}${msid}a=rtcp-mux\r\na=rtpmap:96 ${codec}/90000\r\n`;
}

/** A remote peer's description with these sections. */
export function description(...sections: [kind: string, direction: string][]): string {
  return `${SESSION}${sections.map(([kind, direction], mid) => mediaSection(kind, direction, mid)).join('')}`;
}

function directionOf(section: string): string {
  return /^a=(sendrecv|sendonly|recvonly|inactive)\r$/m.exec(section)?.[1] ?? 'inactive';
}

/** The direction that remains of our own after the other end's answer. */
function agreed(own: string, other: string): RTCRtpTransceiverDirection {
  const sends = own.startsWith('send') && other.includes('recv');
  const receives = own.includes('recv') && other.startsWith('send');
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}

/** Makes connections and lists them: for a hosted call first the page leg, then the remote leg. */
export class FakeMediaConnections {
  readonly made: FakeMediaConnection[] = [];
  /** The error that the next construction throws. */
  failure: Error | undefined;

  readonly create = (config: RTCConfiguration): RTCPeerConnection => {
    if (this.failure) throw this.failure;
    if (config.bundlePolicy === ('bad' as RTCBundlePolicy)) throw new TypeError('bad configuration');
    const connection = new FakeMediaConnection(config);
    this.made.push(connection);
    return connection as unknown as RTCPeerConnection;
  };

  get link(): FakeMediaConnection {
    return this.made[0]!;
  }

  get leg(): FakeMediaConnection {
    return this.made[1]!;
  }
}
